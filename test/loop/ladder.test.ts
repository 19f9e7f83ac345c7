/** The ladder in a simulated world: each rung for its own reason, one at a time, and never further than the operator's caps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import type { AgentDefinition, LoopDefinition, Rung } from '../../source/loop/definition/definition.ts';
import { stateWord } from '../../source/loop/run-status.ts';
import type { RunState } from '../../source/loop/state.ts';
import { NO_TOKENS } from '../../source/loop/tokens.ts';
import type { RunId } from '../../source/loop/units.ts';
import { madeLoop, queued } from './made-loop.ts';
import { type Script, SimulatedWorld } from './simulated-world.ts';

const PLENTY = { tokens: 1e6, usd: 100, wallMs: 1e9, passes: 20 };
const claude: AgentDefinition = { ...madeLoop().maker, engine: 'claude', scenario: null };
const strong: AgentDefinition = { ...claude, model: 'strong' };
const codex: AgentDefinition = { ...claude, engine: 'codex', model: 'strong' };

const rung = (when: Rung['when'], maker: AgentDefinition | null, count = 1): Rung => ({ when, count, maker });

const unit = madeLoop().gates.filter((gate) => gate.id === 'unit');

function world(change: Partial<LoopDefinition>, script: Partial<Script> = {}): SimulatedWorld {
  const made = new SimulatedWorld({ agent: () => 'ends', gate: (run) => `failure ${run.pass}`, ...script });
  made.happen(queued(madeLoop({ maker: claude, gates: unit, budget: PLENTY, ...change })));
  return made;
}

const makers = (run: RunState): string[] => run.passes.map((pass) => `${pass.engine} ${pass.model}`);
const spends = (key: string, tokens: number): AgentEvent => ({
  type: 'usage',
  key,
  model: 'm',
  tokens: { ...NO_TOKENS, output: tokens },
  usd: tokens / 1e5,
  final: true,
});
let calls = 0;
const again = (): AgentEvent[] => {
  const id = `c${++calls}`;
  return [
    { type: 'acted', id, tool: 'Bash', input: 'npm test', hash: 'k' },
    { type: 'observed', id, ok: false, output: 'red', hash: 'v' },
  ];
};

test('the same failure climbs one rung, and the next rung waits for a reason of its own', () => {
  const w = world(
    { escalate: [rung('same-failure', strong, 2), rung('passes', codex, 3), rung('passes', null, 2)] },
    { gate: (run) => (run.rung === 0 ? 'always' : `failure ${run.pass}`) },
  );
  w.settle();
  assert.deepEqual(makers(w.run()), [
    ...['claude standard', 'claude standard'],
    ...['claude strong', 'claude strong', 'claude strong'],
    ...['codex strong', 'codex strong'],
    'codex strong',
  ]);
  assert.equal(stateWord(w.run()), 'paused:stuck');
  assert.match(w.run().trace.at(-1)?.text ?? '', /^2 red passes/);
  const rungs = w.history.flatMap((event) => (event.type === 'climbed' ? [event.rung] : []));
  assert.deepEqual(rungs, [1, 2], 'one at a time');
});

test('a rung for another reason is not taken, and the one above it is not reached by skipping it', () => {
  const w = world({ escalate: [rung('passes', strong, 9), rung('same-failure', codex, 2)] }, { gate: () => 'always' });
  w.settle();
  assert.deepEqual(makers(w.run()).slice(0, 3), ['claude standard', 'claude standard', 'claude standard']);
  assert.equal(stateWord(w.run()), 'paused:stuck');
  assert.match(w.run().trace.at(-1)?.text ?? '', /same failure 3 passes in a row: unit: always \(same-failure\)/);
});

test('a stuck rule at work ends the pass, the gates judge it, and another engine takes over with all that is known', () => {
  const w = world(
    { escalate: [rung('stuck', codex)] },
    { agent: (run) => (run.rung === 0 ? again() : 'ends'), gate: (run) => (run.rung === 0 ? 'red' : '') },
  );
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
  assert.deepEqual(makers(w.run()), ['claude standard', 'codex strong']);
  const gated = w.history.filter((event) => event.type === 'gate-ended');
  assert.equal(gated.length, 2, 'what the stuck one had made was judged');
  assert.match(w.run().stuck.climbed, /same call with the same result 5 times in a row: Bash npm test \(repeat\)/);
  const told = w.history.flatMap((event) => (event.type === 'agent-planned' ? [event.resumes] : []));
  assert.deepEqual(told, [null, null], 'no session is resumed across engines');
});

test('what a stuck agent has made may be green', () => {
  const w = world({ escalate: [rung('stuck', codex)] }, { agent: () => again(), gate: () => '' });
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
  assert.equal(w.run().rung, 0);
});

test('a rung that wants two stuck passes gives the first one a fresh start', () => {
  const w = world(
    { escalate: [rung('stuck', strong, 2)] },
    { agent: (run) => (run.rung === 0 ? again() : 'ends'), gate: (run) => (run.rung === 0 ? `f${run.pass}` : '') },
  );
  w.settle();
  assert.deepEqual(makers(w.run()), ['claude standard', 'claude standard', 'claude strong']);
});

test('to: human pauses with the reason, and after a look the run has its passes again', () => {
  const w = world({ escalate: [rung('same-failure', null, 2)] }, { gate: () => 'always' });
  w.settle();
  assert.equal(stateWord(w.run()), 'paused:stuck');
  assert.equal(w.run().passes.filter((pass) => pass.endedAt !== null).length, 2);
  assert.equal(w.run().trace.at(-1)?.text, 'the same failure 2 passes in a row');
  assert.equal(w.command({ do: 'resume', run: 'fix-1' }), null);
  w.settle();
  assert.equal(w.run().passes.filter((pass) => pass.endedAt !== null).length, 4);
});

test('a number that gets no better climbs the rung for it', () => {
  const gate = { ...unit[0], id: 'look', min: 0.97 };
  const values = [0.5, 0.6, 0.6, 0.59, 0.6];
  const w = world(
    { gates: [gate as LoopDefinition['gates'][number]], escalate: [rung('no-improvement', strong, 2)] },
    {
      score: (run) => values[run.pass - 1] ?? 1,
      gate: (run) => (run.rung === 0 ? `measured ${run.pass}` : ''),
    },
  );
  w.settle();
  assert.deepEqual(makers(w.run()), [...Array(4).fill('claude standard'), 'claude strong']);
  assert.equal(w.run().stuck.climbed, 'look got no better 2 passes');
});

test('a checker that is not convinced climbs the rung for it, and a red gate does not count as its word', () => {
  const checker = { agent: strong, gate: 'review', votes: 1, onUncertain: 'fail', sample: 1 } as const;
  const refuted = (what: string) =>
    JSON.stringify({ verdict: 'refuted', findings: [{ id: 'f1', what, where: 'a.js:1' }] });
  const w = world(
    { checker, escalate: [rung('checker-rejects', codex, 2)] },
    {
      gate: (run) => (run.pass === 2 ? 'red' : ''),
      judge: (run, role) =>
        role === 'checker' && run.rung === 0 ? refuted('ignores the discount') : '{"verdict": "holds", "findings": []}',
      tree: (run) => `tree ${run.pass}`,
    },
  );
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
  const verdicts = w.run().passes.map((pass) => pass.gates.map((gate) => gate.status).join(' '));
  assert.deepEqual(verdicts.slice(0, 2), ['green red', 'red pending']);
  assert.equal(w.run().stuck.climbed, 'the checker refuted 2 passes in a row');
});

test('at a cap nothing climbs by itself; with the cap raised the next rung goes on', () => {
  const capped = { ...PLENTY, tokens: 50_000 };
  const w = world(
    { escalate: [rung('exhausted', codex)], budget: capped },
    {
      agent: (run, tick) => (run.rung === 0 ? [spends(`${run.pass} ${run.agents} ${tick}`, 10_000)] : 'ends'),
      gate: () => '',
    },
  );
  w.settle();
  assert.equal(stateWord(w.run()), 'paused:budget');
  assert.equal(w.run().rung, 0);
  w.now += 1e8;
  w.settle();
  assert.equal(w.run().rung, 0, 'no time and nobody but the operator spends more');
  assert.equal(w.command({ do: 'budget', run: 'fix-1', tokens: '+50k' }), null);
  w.settle();
  assert.equal(w.run().rung, 1);
  assert.equal(stateWord(w.run()), 'review');
  const planned = w.history.flatMap((event) => (event.type === 'agent-planned' ? [event.engine] : []));
  assert.deepEqual(planned, ['claude', 'codex']);
});

test('passes that are used up and granted again go to the rung for it, too, with a hand-over', () => {
  const w = world({ escalate: [rung('exhausted', strong)], budget: { ...PLENTY, passes: 2 } });
  w.settle();
  assert.equal(stateWord(w.run()), 'paused:budget');
  assert.equal(w.command({ do: 'budget', run: 'fix-1', passes: '+1' }), null);
  assert.deepEqual(w.run().next, { how: 'hand-over', because: 'escalate' });
  w.settle();
  assert.deepEqual(makers(w.run()), ['claude standard', 'claude standard', 'claude strong']);
});

test('the next run of a loop begins on the first rung again, and says what the last one needed', () => {
  const w = world({ escalate: [rung('same-failure', strong, 2)] }, { gate: (run) => (run.rung === 0 ? 'always' : '') });
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
  assert.deepEqual(w.state.turnedGreen, { fix: { run: 'fix-1', rung: 1, model: 'strong' } });
  w.happen({ ...queued(w.run().definition, 'fix-2' as RunId), number: 2 } as ReturnType<typeof queued>);
  assert.equal(w.run('fix-2').rung, 0);
  assert.equal(w.run('fix-2').model, 'standard');
  assert.equal(w.run('fix-2').trace[0]?.text, 'begins on the first rung (standard): fix-1 needed rung 1 (strong)');
});

test('a loop that was green on the first rung says nothing about rungs', () => {
  const w = world({ escalate: [rung('same-failure', strong, 2)] }, { gate: () => '' });
  w.settle();
  w.happen({ ...queued(w.run().definition, 'fix-2' as RunId), number: 2 } as ReturnType<typeof queued>);
  assert.deepEqual(w.run('fix-2').trace, []);
});

test('a goal that cannot be met ends at a stuck rule, long before its budget, in words that a person understands', () => {
  const w = world(
    { escalate: [], budget: { tokens: 400_000, usd: 5, wallMs: 1e9, passes: 8 } },
    {
      agent: (run, tick) => (tick < 3 ? [spends(`${run.pass}.${tick}`, 5_000)] : 'ends'),
      gate: (run) => (run.pass % 2 ? 'adds up' : 'subtracts'),
      tree: (run) => (run.pass % 2 ? 'with' : 'without'),
    },
  );
  w.settle();
  assert.equal(stateWord(w.run()), 'paused:stuck');
  const { total } = w.run().meter;
  assert.ok(total.tokens.output < 0.3 * 400_000 && total.usd < 0.3 * 5, JSON.stringify(total));
  assert.equal(
    w.run().trace.at(-1)?.text,
    'editing back and forth: pass 4 brought the files back to what pass 2 had left, for the 2nd time (revert)',
  );
  assert.match(w.run().notes[0]?.text ?? '', /^Pass 3 brought the files back to what pass 1 had left\. Both ways/);
});
