import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import { isSettled, stateWord } from '../../source/loop/run-status.ts';
import { fresh, NO_TOKENS } from '../../source/loop/tokens.ts';
import { madeLoop, queued } from './made-loop.ts';
import { type Script, SimulatedWorld } from './simulated-world.ts';

const spends = (key: string, tokens: number): AgentEvent => ({
  type: 'usage',
  key,
  model: 'm',
  tokens: { ...NO_TOKENS, output: tokens },
  usd: tokens / 1e5,
  final: true,
});
const says = (text: string): AgentEvent => ({ type: 'said', text });

function world(script: Partial<Script>, definition = madeLoop()): SimulatedWorld {
  const made = new SimulatedWorld({
    agent: (_run, tick) => (tick === 0 ? [spends(`r${tick}`, 1000), says('All tests pass, done.')] : 'ends'),
    gate: () => '',
    ...script,
  });
  made.happen(queued(definition));
  return made;
}

test('a run whose gates pass is committed and waits for review', () => {
  const w = world({});
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
  assert.deepEqual(
    w.done.filter((effect) => effect.do === 'gate').map((effect) => effect.gate.id),
    ['lint', 'unit', 'full'],
  );
  assert.equal(w.run().commit, 'c0ffee');
});

test('a final gate runs only when all pass gates are green', () => {
  const w = world({ gate: (run, gate) => (gate === 'unit' && run.pass === 1 ? 'one' : '') });
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
  assert.deepEqual(
    w.run().passes.map((pass) => pass.gates.map((gate) => `${gate.id} ${gate.status}`)),
    [
      ['lint green', 'unit red', 'full pending'],
      ['lint green', 'unit green', 'full green'],
    ],
  );
  assert.equal(w.run().passes[0]?.falseDone, true, 'it said done over a red gate');
});

test('a gate that is not required cannot hold a run back', () => {
  const gates = madeLoop().gates.map((gate) => (gate.id === 'lint' ? { ...gate, required: false } : gate));
  const w = world({ gate: (_run, gate) => (gate === 'lint' ? 'style' : '') }, madeLoop({ gates }));
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
});

test('a run over its token cap is ended while the agent works, and nothing restarts it by itself', () => {
  const w = world({ agent: (_run, tick) => [spends(`r${tick}`, 10_000)] });
  w.settle();
  assert.equal(stateWord(w.run()), 'paused:budget');
  assert.equal(w.run().agent?.fact.is, 'dead');
  assert.equal(fresh(w.run().meter.total.tokens), 100_000, 'not one response over, for each is 10 % of the cap');
  w.now += 365 * 24 * 3600 * 1000;
  w.settle();
  assert.equal(stateWord(w.run()), 'paused:budget');
  assert.match(w.command({ do: 'resume', run: 'fix-1' }) ?? '', /raise the cap/);
});

test('the warnings come at their shares, each once', () => {
  const w = world(
    { agent: (_run, tick) => [spends(`r${tick}`, 5_000)] },
    madeLoop({ budget: { tokens: 100_000, usd: 100, wallMs: 1e9, passes: 8 } }),
  );
  w.settle();
  const warned = w.history.flatMap((event) => (event.type === 'budget-warned' ? [`${event.cap} ${event.share}`] : []));
  assert.deepEqual(warned, ['tokens 0.8', 'tokens 0.9', 'tokens 0.95']);
});

test('a raised cap lets the run go on in its session', () => {
  const w = world({ agent: (run, tick) => (run.agents < 2 ? [spends(`r${tick}`, 50_000)] : 'ends') });
  w.settle();
  assert.equal(stateWord(w.run()), 'paused:budget');
  assert.equal(w.command({ do: 'budget', run: 'fix', tokens: '+200k' }), null);
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
  const plans = w.history.filter((event) => event.type === 'agent-planned');
  assert.deepEqual(
    plans.map((event) => event.resumes),
    [null, 's-1-maker.1'],
  );
});

test('wall time is capped without any event from the agent, and does not run while the run is held', () => {
  const w = world({ agent: () => [] });
  w.settle();
  assert.equal(stateWord(w.run()), 'paused:budget');
  assert.match(w.run().trace.at(-1)?.text ?? '', /of 1m/);
  const spent = w.run().wall.ms;
  w.now += 1e9;
  assert.equal(w.command({ do: 'budget', run: 'fix', wall: '+1h' }), null);
  assert.ok(w.run().wall.ms === spent && spent < 70_000, `${spent}`);
});

test('the fleet has a cap for the day', () => {
  const w = world(
    { agent: (_run, tick) => [spends(`r${tick}`, 4_000)] },
    madeLoop({ budget: { tokens: 1e9, usd: 1e9, wallMs: 1e9, passes: 8 } }),
  );
  w.happen({
    type: 'settings-read',
    settings: {
      tiers: {},
      daily: { tokens: 12_000, usd: 100 },
      hourly: { tokens: null, usd: null },
      usdPerMinute: null,
      meter: 'wire',
      maxAgents: 3,
    },
  });
  w.settle();
  assert.equal(stateWord(w.run()), 'paused:budget');
  assert.match(w.run().trace.at(-1)?.text ?? '', /the fleet's day: 12k of 12k/);
});

test('passes used up end in a pause with the failure in words, and another pass can be granted', () => {
  const w = world(
    { gate: (run, gate) => (gate === 'unit' ? `failure ${run.pass}` : '') },
    madeLoop({ budget: { tokens: 1e6, usd: 100, wallMs: 1e9, passes: 2 } }),
  );
  w.settle();
  assert.equal(stateWord(w.run()), 'paused:budget');
  assert.match(w.run().trace.at(-1)?.text ?? '', /red/);
  assert.match(w.command({ do: 'resume', run: 'fix-1' }) ?? '', /2 of 2 passes/);
  assert.equal(w.command({ do: 'budget', run: 'fix-1', passes: '+1' }), null);
  w.settle();
  assert.equal(w.run().pass, 3);
});

test('the same failure twice climbs the ladder, three times on the top rung waits for a person', () => {
  const w = world({ gate: (_run, gate) => (gate === 'unit' ? 'always' : '') });
  w.settle();
  assert.deepEqual(
    w.run().passes.map((pass) => pass.model),
    ['standard', 'standard', 'strong', 'strong', 'strong', 'strong'].slice(0, w.run().passes.length),
  );
  assert.equal(stateWord(w.run()), 'paused:stuck');
  assert.equal(w.run().passes.filter((pass) => pass.endedAt !== null).length, 5);
  assert.ok(w.run().draft, 'a rule was drafted from the second equal failure');
  assert.equal(w.command({ do: 'resume', run: 'fix-1' }), null);
  w.settle();
  assert.equal(
    w.run().passes.filter((pass) => pass.endedAt !== null).length,
    8,
    'the operator was believed for three more passes',
  );
});

test('an agent that repeats one call with one result is told, then stopped', () => {
  let n = 0;
  const w = world({
    agent: () => {
      n++;
      return [
        { type: 'acted', id: `c${n}`, tool: 'Bash', input: 'npm test', hash: 'k' },
        { type: 'observed', id: `c${n}`, ok: false, output: 'red', hash: 'v' },
      ];
    },
  });
  w.settle();
  assert.equal(stateWord(w.run()), 'paused:stuck');
  assert.equal(w.run().notes.length, 1);
  assert.match(w.run().notes[0]?.text ?? '', /3 times in a row: Bash npm test/);
  assert.ok(n <= 5, `${n} calls`);
});

test('editing between two equal calls is progress and never trips', () => {
  let n = 0;
  const w = world({
    agent: (_run, tick) => {
      if (tick > 20) return 'ends';
      n++;
      const call = n % 2 === 0 ? { input: 'npm test', hash: 'test' } : { input: `edit ${n}`, hash: `edit${n}` };
      return [
        { type: 'acted', id: `c${n}`, tool: 'Bash', ...call },
        { type: 'observed', id: `c${n}`, ok: true, output: '', hash: 'same' },
      ];
    },
  });
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
});

test('freeze holds everything and resume goes on where it was', () => {
  const w = world({ agent: (_run, tick) => (tick < 3 ? [spends(`r${tick}`, 10)] : 'ends') });
  for (let step = 0; w.run().agent?.fact.is !== 'alive' && step < 20; step++) {
    w.settleOnce();
  }
  assert.equal(w.command({ do: 'freeze', run: 'fix-1' }), null);
  w.settle();
  assert.equal(w.run().agent?.fact.is, 'frozen');
  assert.equal(isSettled(w.state, w.run()), true);
  assert.match(w.command({ do: 'freeze', run: 'fix-1' }) ?? '', /already/);
  assert.equal(w.command({ do: 'resume', run: 'fix-1' }), null);
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
});

test('a kill ends the run only when nothing is left alive', () => {
  const w = world({ agent: () => [] });
  for (let step = 0; w.run().agent?.fact.is !== 'alive' && step < 20; step++) w.settleOnce();
  assert.equal(w.command({ do: 'kill', run: 'fix-1' }), null);
  assert.equal(stateWord(w.run()), 'ending');
  w.settle();
  assert.equal(stateWord(w.run()), 'killed');
  assert.match(w.command({ do: 'resume', run: 'fix-1' }) ?? '', /has ended/);
});

test('a crashing agent is tried three times, in its session, then a person is asked', () => {
  const w = world({ agent: () => 'crashes' });
  w.settle();
  assert.equal(stateWord(w.run()), 'paused:agent');
  assert.equal(w.history.filter((event) => event.type === 'agent-planned').length, 3);
});

test('an operator escalates in mid-pass: the agent is ended and the next one resumes its session with the stronger model', () => {
  const w = world({ agent: (run) => (run.model === 'strong' ? 'ends' : []) });
  for (let step = 0; w.run().agent?.session == null && step < 20; step++) w.settleOnce();
  assert.equal(w.command({ do: 'escalate', run: 'fix-1', note: 'look at the clock' }), null);
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
  const plans = w.history.filter((event) => event.type === 'agent-planned');
  assert.deepEqual(
    plans.map((event) => [event.model, event.resumes]),
    [
      ['standard', null],
      ['strong', 's-1-maker.1'],
    ],
  );
  assert.equal(w.run().rung, 1);
});

test('a waiting agent holds the run until a note answers it', () => {
  const w = world({
    agent: (run, tick) => {
      if (tick === 0) return [{ type: 'asked', id: 'q1', question: 'May I?' }];
      return run.notes.some((note) => note.state === 'written') ? 'ends' : [];
    },
  });
  for (let step = 0; stateWord(w.run()) !== 'waiting' && step < 20; step++) w.settleOnce();
  assert.match(w.command({ do: 'freeze', run: 'fix-1' }) ?? '', /waits for your answer/);
  assert.equal(w.command({ do: 'note', run: 'fix-1', text: 'yes' }), null);
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
});

test('drain finishes the pass and starts none', () => {
  const w = world({ gate: (run, gate) => (gate === 'unit' ? `f${run.pass}` : '') });
  assert.equal(w.command({ do: 'drain', run: 'fix-1' }), null);
  w.settle();
  assert.equal(stateWord(w.run()), 'drained');
  assert.equal(w.run().pass, 1);
  assert.equal(w.command({ do: 'resume', run: 'fix-1' }), null);
  w.settle();
  assert.ok(w.run().pass > 1);
});

test('stopping keeps the run resumable, stopping it again ends it', () => {
  const w = world({ agent: () => [] });
  for (let step = 0; w.run().agent?.fact.is !== 'alive' && step < 20; step++) w.settleOnce();
  assert.equal(w.command({ do: 'stop', run: 'fix-1' }), null);
  w.settle();
  assert.equal(stateWord(w.run()), 'paused:operator');
  assert.equal(w.command({ do: 'stop', run: 'fix-1' }), null);
  w.settle();
  assert.equal(stateWord(w.run()), 'discarded');
});

test('a loop runs one run at a time and the next waits in the queue', () => {
  const w = world({});
  w.happen({ ...queued(), run: 'fix-2', number: 2 } as ReturnType<typeof queued>);
  for (let step = 0; w.run().agent?.fact.is !== 'alive' && step < 20; step++) w.settleOnce();
  assert.equal(stateWord(w.run('fix-2')), 'queued');
  w.settle();
  assert.equal(stateWord(w.run('fix-2')), 'review');
});
