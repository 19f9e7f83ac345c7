import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import type { RunEvent } from '../../source/loop/event.ts';
import { answerIn, choicesOf } from '../../source/loop/question.ts';
import { holdOf } from '../../source/loop/run-status.ts';
import type { Hold } from '../../source/loop/state.ts';
import { agentId, queued, RUN } from './made-loop.ts';
import { SimulatedWorld } from './simulated-world.ts';

const asks = (question: string, options?: readonly string[]): Hold => ({
  kind: 'waiting',
  ask: 'q',
  question,
  ...(options && { options }),
  since: 1,
});
const answers = (question: string, options?: readonly string[]) =>
  choicesOf(asks(question, options)).map(({ answer }) => answer);

test('the answers that an agent offers are sent as it wrote them, the first nine', () => {
  assert.deepEqual(answers('May I? 1) x 2) y', ['Allow once', 'Reject']), ['Allow once', 'Reject']);
  assert.equal(
    answers(
      'Which?',
      Array.from({ length: 12 }, (_, n) => `option ${n}`),
    ).length,
    9,
  );
});

test('answers that a question numbers in its words are offered with their numbers', () => {
  assert.deepEqual(answers('Which database? 1) postgres, 2) sqlite 3) none'), ['1) postgres', '2) sqlite', '3) none']);
  assert.deepEqual(answers('Which?\n 1. keep v1\n 2. drop it\n'), ['1) keep v1', '2) drop it']);
  assert.deepEqual(answers('Either (1) now or (2) later'), ['1) now or', '2) later']);
  // A number alone, or one out of its turn, is no list.
  for (const words of ['Upgrade to version 1. or stay?', 'Is 2) enough?', '1) 2) 3)', 'Which?'])
    assert.deepEqual(answers(words), [], words);
});

test('a question that says yes or no itself is answered by one key', () => {
  for (const words of ['Delete v1? (y/n)', 'Delete v1, yes or no?', 'Go on [yes/no]'])
    assert.deepEqual(answers(words), ['yes', 'no'], words);
  assert.deepEqual(answers('Say yes or no to the vendor, or ask?'), []);
});

test('a digit alone names an answer, everything else is said as it is', () => {
  const hold = asks('May I?', ['Allow once', 'Reject']);
  assert.equal(answerIn(hold, ' 2 '), 'Reject');
  assert.equal(answerIn(hold, '3'), '3');
  assert.equal(answerIn(hold, '2 of them'), '2 of them');
  assert.equal(answerIn(null, '1'), '1');
});

test('an answer goes to the question that it was meant for, or nowhere', () => {
  const world = new SimulatedWorld({
    agent: (_run, tick) =>
      tick === 0 ? [{ type: 'asked', id: 'q1', question: 'May I?', options: ['yes', 'no'] }] : 'ends',
    gate: () => '',
  });
  world.happen(queued());
  world.settle();
  const said = { do: 'note', run: RUN, text: '1' } as const;
  assert.match(world.command({ ...said, ask: 'q0' }) ?? '', /no longer asks that: nothing was sent/);
  assert.deepEqual(world.run().notes, []);
  assert.equal(world.command({ ...said, ask: 'q1' }), null);
  assert.equal(world.run().notes[0]?.text, 'yes');
});

/** A run whose agent has said these things so far. */
function heard(...events: readonly (AgentEvent | RunEvent)[]) {
  const world = new SimulatedWorld({ agent: () => [], gate: () => '' });
  world.happen(queued());
  for (let step = 0; world.run().agent?.fact.is !== 'alive' && step < 20; step++) world.settleOnce();
  const { agent } = world.run();
  for (const event of events)
    world.happen(
      'run' in event
        ? event
        : { type: 'agent-read', run: RUN, agent: agent?.id ?? agentId(''), offset: 1e6, events: [event] },
    );
  return world;
}
const ask = (id: string): AgentEvent => ({ type: 'asked', id, question: `${id}?` });
const note = (id: string, text: string): RunEvent => ({ type: 'note-given', run: RUN, note: id, text, by: 'me' });
const written = (id: string): RunEvent => ({ type: 'note-written', run: RUN, note: id });
const asked = (world: SimulatedWorld) => {
  const hold = holdOf(world.run());
  return hold?.kind === 'waiting' ? hold.ask : hold?.kind;
};

test('an agent that is quicker than the word of its answer, and asks the next thing, is heard', () => {
  const world = heard(ask('q1'), note('n1', 'no'), { type: 'answered', id: 'q1' }, ask('q2'), written('n1'));
  assert.equal(asked(world), 'q2');
  assert.deepEqual(
    world.run().notes.map(({ answers, state }) => [answers, state]),
    [['q1', 'written']],
  );
});

test('tools that run side by side and ask side by side are answered one after the other', () => {
  const world = heard(ask('q1'), ask('q2'), ask('q2'));
  assert.equal(asked(world), 'q1');
  world.happen(note('n1', 'yes'), written('n1'));
  assert.equal(asked(world), 'q2');
  world.happen(note('n2', 'no'), written('n2'));
  assert.equal(asked(world), undefined);
});

test('what is asked while the run is frozen is shown when it goes on, and dies with the process that asked', () => {
  const frozen = heard({ type: 'freeze-asked', run: RUN, by: 'me' }, ask('q1'));
  assert.equal(asked(frozen), 'frozen');
  frozen.happen({ type: 'resume-asked', run: RUN, by: 'me' });
  assert.equal(asked(frozen), 'q1');
  frozen.happen({
    ...{ type: 'agent-ended', run: RUN, agent: frozen.run().agent?.id ?? agentId(''), code: 0, signal: null },
    ...{ survivors: 0, stderr: '', tree: 't', ms: 5 },
  });
  assert.notEqual(asked(frozen), 'q1');
});

test('a note from before the question, or of the supervisor, answers nothing', () => {
  const world = heard(note('n0', 'Mind it.'), ask('q1'), written('n0'));
  assert.equal(asked(world), 'q1');
  world.happen({ type: 'note-given', run: RUN, note: 'w', text: 'Wrap up.', by: 'looptop' }, written('w'));
  assert.equal(asked(world), 'q1');
});

test('whatever an agent asks, there are at most nine answers, each one clean line', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.array(fc.string({ unit: 'binary' })),
      (words, options) => {
        const lists = [
          choicesOf(asks(words)),
          choicesOf(asks(`1) ${words} 2) ${words}`)),
          choicesOf(asks('', options)),
        ];
        for (const choices of lists) {
          assert.ok(choices.length <= 9);
          for (const { label } of choices) assert.doesNotMatch(label, /\p{Cc}/u);
        }
      },
    ),
  );
});
