import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Role } from '../../../source/loop/definition/definition.ts';
import { stateWord } from '../../../source/loop/run-status.ts';
import type { RunState } from '../../../source/loop/state.ts';
import { madeLoop, queued } from '../made-loop.ts';
import { type Script, SimulatedWorld } from '../simulated-world.ts';

const { maker } = madeLoop();
const CHECKER = {
  agent: { ...maker, model: 'strong' },
  gate: 'review',
  votes: 1,
  onUncertain: 'fail',
  sample: 1,
} as const;
const holds = '{"verdict": "holds"}';
const refutes = (...what: string[]) =>
  JSON.stringify({ verdict: 'refuted', findings: what.map((each) => ({ where: 'a.js:1', what: each })) });

function world(change: Parameters<typeof madeLoop>[0], script: Partial<Script>): SimulatedWorld {
  const w = new SimulatedWorld({ agent: () => 'ends', gate: () => '', ...script });
  w.happen(queued(madeLoop({ escalate: [], ...change })));
  return w;
}
const roles = (w: SimulatedWorld) => w.history.flatMap((event) => (event.type === 'agent-planned' ? [event.role] : []));
const gateOf = (run: RunState, pass: number) => run.passes[pass - 1]?.gates.find(({ id }) => id === 'review');

test('a green run is checked once by another agent, and only then committed', () => {
  const w = world({ checker: CHECKER }, { judge: () => `I read it all.\n${holds}` });
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
  assert.deepEqual(roles(w), ['maker', 'checker']);
  assert.equal(gateOf(w.run(), 1)?.status, 'green');
});

test('a red gate is never put to the checker', () => {
  const w = world(
    { checker: CHECKER, budget: { ...madeLoop().budget, passes: 2 } },
    { gate: () => 'boom', judge: () => holds },
  );
  w.settle();
  assert.deepEqual(roles(w), ['maker', 'maker']);
  assert.equal(stateWord(w.run()), 'paused:budget');
});

test('a refutation is a red gate: the maker gets the findings, and the re-check judges these alone', () => {
  const said = [
    refutes('counts every item once', 'ignores the discount'),
    JSON.stringify({
      verdict: 'refuted',
      findings: [{ id: 'f2', what: 'still ignores it' }, { what: 'the name is ugly' }],
    }),
    JSON.stringify({ verdict: 'refuted', findings: [{ what: 'I would use a map' }] }),
  ];
  const w = world({ checker: CHECKER }, { judge: (run) => said[run.pass - 1] ?? holds });
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
  assert.equal(gateOf(w.run(), 1)?.summary, 'a.js:1 — counts every item once');
  assert.match(gateOf(w.run(), 1)?.tail ?? '', /f1 .*\n.*f2/);
  assert.equal(gateOf(w.run(), 2)?.fingerprint, 'review:f2', 'the new wish is not counted');
  assert.equal(gateOf(w.run(), 3)?.status, 'green', 'nothing but new wishes refutes nothing');
});

test('no verdict is a fail, and so is one that cannot be read', () => {
  for (const said of ['It looks fine to me!', '{"verdict": "maybe"}', '{"verdict": "uncertain"}', '']) {
    const w = world({ checker: CHECKER, budget: { ...madeLoop().budget, passes: 1 } }, { judge: () => said });
    w.settle();
    assert.equal(stateWord(w.run()), 'paused:budget', said);
    assert.equal(gateOf(w.run(), 1)?.summary, 'no verdict');
  }
  const kind = world({ checker: { ...CHECKER, onUncertain: 'pass' } }, { judge: () => '{"verdict": "uncertain"}' });
  kind.settle();
  assert.equal(stateWord(kind.run()), 'review');
});

test('of several judges the majority counts, and no more are asked than it takes', () => {
  const votes = (...said: string[]) => {
    let n = 0;
    const w = world(
      { checker: { ...CHECKER, votes: 3 }, budget: { ...madeLoop().budget, passes: 1 } },
      { judge: () => said[n++] ?? holds },
    );
    w.settle();
    return [stateWord(w.run()), roles(w).filter((role) => role === 'checker').length];
  };
  assert.deepEqual(votes(holds, holds), ['review', 2]);
  assert.deepEqual(votes(refutes('x'), holds, holds), ['review', 3]);
  assert.deepEqual(votes(refutes('x'), holds, refutes('x')), ['paused:budget', 3]);
  assert.deepEqual(votes(refutes('x'), refutes('y')), ['paused:budget', 2]);
});

test('what no maker can mend goes to a person', () => {
  const contradiction = JSON.stringify({
    verdict: 'refuted',
    findings: [{ what: 'both cannot hold', kind: 'contradiction' }],
  });
  const w = world({ checker: CHECKER }, { judge: () => contradiction });
  w.settle();
  assert.equal(stateWord(w.run()), 'paused:approval');
  assert.equal(w.run().pass, 1);
});

test('a checker that changes files is not believed', () => {
  const w = world({ checker: CHECKER }, { judge: () => holds });
  for (let step = 0; step < 60 && w.run().agent?.role !== 'checker'; step++) w.settleOnce();
  const agent = w.run().agent?.id ?? ('' as never);
  w.happen(
    {
      type: 'agent-read',
      run: w.run().id,
      agent,
      offset: 5,
      events: [
        { type: 'said', text: holds },
        { type: 'ended', outcome: 'done' },
      ],
    },
    {
      type: 'agent-ended',
      run: w.run().id,
      agent,
      code: 0,
      signal: null,
      survivors: 0,
      stderr: '',
      tree: 'other',
      ms: 1,
    },
  );
  assert.equal(stateWord(w.run()), 'paused:agent');
});

test('with a share for the checker the maker cannot spend it, and the checker can', () => {
  const w = world(
    { checker: CHECKER, reserve: { checker: 0.5 }, budget: { tokens: 1000, usd: 5, wallMs: 1e9, passes: 3 } },
    {
      agent: (_run, tick) =>
        tick === 0
          ? [
              {
                type: 'usage',
                key: 'r',
                model: 'm',
                tokens: { input: 450, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 },
                usd: 0,
                final: true,
              },
            ]
          : 'ends',
      judge: () => holds,
    },
  );
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
});

const reflection = (rule: unknown = null) =>
  JSON.stringify({ diagnosis: 'the timer is real', next_hypothesis: 'fake it', rule, confidence: 0.9 });

test('a new kind of failure is reflected on once, by the cheap agent, and its rule waits for the operator', () => {
  const rule = { text: 'Use fake timers in queue tests.', scope: 'packages/queue/**' };
  const w = world(
    { reflector: { ...maker, model: 'cheap' }, budget: { ...madeLoop().budget, passes: 4 } },
    { gate: (run, gate) => (gate === 'unit' ? (run.pass < 3 ? 'slow' : 'other') : ''), judge: () => reflection(rule) },
  );
  w.settle();
  assert.deepEqual(roles(w), ['maker', 'reflector', 'maker', 'maker', 'reflector', 'maker'] satisfies Role[]);
  assert.deepEqual(
    w.run().reflections.map(({ pass, by, diagnosis }) => [pass, by, diagnosis]),
    [
      [1, 'cheap', 'the timer is real'],
      [2, 'template', 'unit was red: slow.'],
      [3, 'cheap', 'the timer is real'],
    ],
  );
  assert.deepEqual(
    [w.run().draft?.text, w.run().draft?.scope, w.run().draft?.fingerprint],
    [rule.text, rule.scope, 'slow'],
  );
});

test('a reflector that says nothing useful, or whose turn the budget does not allow, holds nobody up', () => {
  const mute = world(
    { reflector: maker, budget: { ...madeLoop().budget, passes: 2 } },
    { gate: () => 'boom', judge: () => 'hm' },
  );
  mute.settle();
  assert.equal(mute.run().pass, 2);
  const rule = { text: 'one\ntwo', scope: '**' };
  const broken = world(
    { reflector: maker, budget: { ...madeLoop().budget, passes: 2 } },
    { gate: () => 'boom', judge: () => reflection(rule) },
  );
  broken.settle();
  assert.equal(broken.run().reflections[0]?.diagnosis, 'the timer is real');
  assert.equal(broken.run().draft, null, 'what cannot be a rule is none');
});

test('a refutation by the checker is no failure to reflect on', () => {
  const w = world(
    { checker: CHECKER, reflector: maker, budget: { ...madeLoop().budget, passes: 2 } },
    { judge: (_run, role) => (role === 'checker' ? refutes('x') : reflection()) },
  );
  w.settle();
  assert.ok(!roles(w).includes('reflector'));
});
