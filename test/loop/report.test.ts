/** What an agent may say through a tool, folded and answered: for its own run only, and never more than a draft or a question. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, answer } from '../../source/loop/answer.ts';
import type { Refusal } from '../../source/loop/command.ts';
import { decide } from '../../source/loop/decide.ts';
import type { Event } from '../../source/loop/event.ts';
import { recordLines } from '../../source/loop/prompt/memory.ts';
import { answerTo, heed, type Report } from '../../source/loop/report.ts';
import { holdOf } from '../../source/loop/run-status.ts';
import type { FleetState } from '../../source/loop/state.ts';
import type { RunId } from '../../source/loop/units.ts';
import { agentId, folded, madeLoop, queued, RUN } from './made-loop.ts';

const planned = (pass: number): Event[] =>
  [
    {
      ...{ type: 'agent-planned', run: RUN, agent: agentId(`${pass}-maker`), role: 'maker', engine: 'scripted' },
      ...{ model: 'standard', resumes: null, guidance: true, promptHash: '', rules: [], notes: [] },
    },
    {
      ...{ type: 'agent-started', run: RUN, agent: agentId(`${pass}-maker`), containment: 'marked', adopted: false },
      process: { pid: 1, startTime: '1', bootId: 'b' },
    },
  ] as Event[];
const BEGUN: Event[] = [
  queued(),
  { type: 'prepare-started', run: RUN },
  { type: 'prepared', run: RUN, worktree: '/w', branch: 'loop/fix-1', base: 'abc' },
  ...planned(1),
];
const ended: Event = {
  ...{ type: 'agent-ended', run: RUN, agent: agentId('1-maker'), code: 0, signal: null, survivors: 0, stderr: '' },
  ...{ tree: 't1', ms: 1 },
};
const said: Event = {
  ...{ type: 'agent-read', run: RUN, agent: agentId('1-maker'), offset: 9 },
  events: [{ type: 'ended', outcome: 'done' }],
};
const red: Event = {
  ...{ type: 'gate-ended', run: RUN, pass: 1, gate: 'lint', status: 'red', exit: 1, ms: 9, fingerprint: 'f1' },
  ...{ summary: 'src/a.ts is bad\u001b[31m', tail: '' },
};
const unit: Event = { ...red, gate: 'unit', status: 'green', exit: 0, fingerprint: null, summary: '' };
const ME = { run: RUN, nonce: 'abc' };
type Said = Exclude<Report, { do: 'progress' }>;
const told = (fleet: FleetState, report: Said, reporter = ME): Answer | Refusal => heed(fleet, reporter, report);
const refused = (result: Answer | Refusal): string => ('refused' in result ? result.refused : 'not refused');
const after = (fleet: FleetState, result: Answer | Refusal): FleetState => {
  assert.ok(!('refused' in result), refused(result));
  return folded(result.events, fleet);
};
const run = (fleet: FleetState) => {
  const found = fleet.runs[RUN];
  assert.ok(found);
  return found;
};
const ASK = { do: 'ask', ask: 'q1', question: 'Which word?' } as const;

test('without the mark of a run nothing is heard, and which runs there are is not told', () => {
  const fleet = folded(BEGUN);
  for (const reporter of [
    { run: RUN, nonce: 'abd' },
    { run: RUN, nonce: '' },
    { run: 'fix-9', nonce: 'abc' },
    { run: '__proto__', nonce: '' },
  ])
    for (const report of [ASK, { do: 'state' }, { do: 'rule', text: 'Mind it.' }] as const)
      assert.match(refused(heed(fleet, reporter, report)), /only what a run itself has started/);
  assert.match(refused(told(folded(BEGUN.slice(0, 3)), ASK)), /no agent of fix-1 is at work/);
});

test('a question holds the run until the operator answers it, and the answer is not told to the engine', () => {
  const asked = after(folded(BEGUN), told(folded(BEGUN), ASK));
  assert.deepEqual(holdOf(run(asked)), { kind: 'waiting', ask: 'tool:q1', question: 'Which word?', since: 1000 });
  assert.deepEqual(told(asked, ASK), { events: [], text: '', run: RUN }, 'asked again after a lost connection');
  assert.match(refused(told(asked, { ...ASK, ask: 'q2' })), /is waiting: nobody can be asked now/);
  const given = answer(asked, { do: 'note', run: RUN, text: 'fixed' }, { by: 'ada', now: 5, random: 'n1' });
  assert.ok(!('refused' in given));
  assert.match(given.text, /answers its question/);
  const answered = folded(given.events, asked);
  assert.equal(holdOf(run(answered)), null);
  assert.equal(answerTo(run(answered), 'q1'), 'fixed');
  assert.equal(answerTo(run(answered), 'q2'), null);
  assert.deepEqual(
    decide(answered, 5000).effects.filter((effect) => effect.do === 'tell'),
    [],
  );
});

test('a note from before the question waits for the engine as ever, and does not answer it', () => {
  const noted = folded([...BEGUN, { type: 'note-given', run: RUN, note: 'n0', text: 'Mind it.', by: 'ada' }]);
  const asked = after(noted, told(noted, ASK));
  const ours = folded([{ type: 'note-given', run: RUN, note: 'w', text: 'Wrap up.', by: 'looptop' }], asked);
  assert.equal(holdOf(run(ours))?.kind, 'waiting', 'nor does a word of the supervisor');
  const written = folded([{ type: 'note-written', run: RUN, note: 'n0' }], asked);
  assert.equal(holdOf(run(written))?.kind, 'waiting');
  assert.equal(answerTo(run(written), 'q1'), null);
});

test('a question ends when nobody waits any more, and with the agent that asked it', () => {
  const asked = after(folded(BEGUN), told(folded(BEGUN), ASK));
  const over = after(asked, told(asked, { do: 'ask-over', ask: 'q1', because: 'no answer' }));
  assert.equal(holdOf(run(over)), null);
  assert.deepEqual(told(asked, { do: 'ask-over', ask: 'q2', because: 'x' }), {
    events: [],
    text: 'No such question is open.',
    run: RUN,
  });
  assert.equal(holdOf(run(folded([said, ended], asked))), null);
});

test('a rule is proposed for a red gate only, is a draft, and not twice for what the operator has decided on', () => {
  const rule = { do: 'rule', text: 'Keep src/a.ts clean.', scope: 'src/**' } as const;
  assert.match(refused(told(folded(BEGUN), rule)), /lesson from a red gate/);
  const second = folded([...BEGUN, said, ended, red, unit, ...planned(2)]);
  assert.match(refused(told(second, { do: 'rule', text: 'a\nb' })), /./);
  const drafted = after(second, told(second, rule));
  assert.deepEqual(run(drafted).draft, { text: rule.text, scope: 'src/**', gate: 'lint', fingerprint: 'f1', pass: 1 });
  assert.deepEqual(drafted.rules, {}, 'it is no rule');
  const dropped = folded([{ type: 'draft-dropped', run: RUN, by: 'ada' }], drafted);
  assert.match(refused(told(dropped, rule)), /has already decided/);
  const known = folded(
    [{ type: 'rule-added', id: 'r001', text: rule.text, scope: '**', by: 'ada', run: null }],
    second,
  );
  assert.match(refused(told(known, rule)), /r001 says that already/);
});

test('earlier runs of the same item are told of, in one line each and nothing that draws', () => {
  const other = 'fix-2' as RunId;
  const item = (id: RunId, value: unknown): Event => ({ ...queued(madeLoop(), id), item: value }) as Event;
  const fleet = folded([
    ...BEGUN.with(0, item(RUN, { n: 1 })),
    said,
    ended,
    red,
    item(other, { n: 1 }),
    item('fix-3' as RunId, { n: 2 }),
  ]);
  const next = fleet.runs[other];
  const third = fleet.runs['fix-3'];
  assert.ok(next && third);
  assert.match(recordLines(fleet, next), /^- fix-1 \(standard\): \w+ after 1 pass; last red: lint, src\/a\.ts is bad$/);
  assert.equal(recordLines(fleet, third), '');
});

test('a kept worktree goes when it is old enough, and the supervisor wakes for it', () => {
  const definition = madeLoop({ isolation: { ...madeLoop().isolation, ttlMs: 60_000 } });
  const failed: Event = { type: 'run-failed', run: RUN, why: 'config', detail: 'x' };
  const fleet = folded([queued(definition), ...BEGUN.slice(1, 3), failed]);
  const at = 4000 + 60_000;
  assert.deepEqual(decide(fleet, at - 1), { effects: [], wakeAt: at });
  assert.deepEqual(
    decide(fleet, at).effects.map((effect) => effect.do),
    ['tear-down'],
  );
  const gone = folded([{ type: 'torn-down', run: RUN, kept: null }], fleet);
  assert.deepEqual(decide(gone, at), { effects: [], wakeAt: null });
  const kept = folded([queued(), ...BEGUN.slice(1, 3), failed]);
  assert.deepEqual(decide(kept, at * 1e6), { effects: [], wakeAt: null }, 'without ttl it stays');
});
