/** The real claude behind the wire meter, supervisor and all: what the meter says against what the provider billed, whatever happens. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runOf } from './metered.ts';
import { installClaude, noNamespace } from './sandbox.ts';
import { DONE, FIX, shell, stream } from './scenarios.ts';
import { heardOnWire, untilActed, wireBench } from './wire-bench.ts';

const SONNET = 'claude-sonnet-5-5';
const OPUS = 'claude-opus-5-5';
const LIMIT = { timeout: 120_000 };

const SCENARIOS = {
  fix: [FIX, DONE],
  'helped-fix': [{ text: 'Delegating.', call: [{ agent: 'Count the files. [[mock:sub-worker]]' }] }, FIX, DONE],
  cut: [shell('One tool first.', 'echo one'), stream(60)],
  'slow-tool': [shell('One.', 'echo one'), shell('Slowly.', 'echo begun; sleep 61'), FIX, DONE],
  long: [
    shell('Counting.', 'for i in $(seq 1 30); do echo $i >> ticks.txt; sleep 0.1; done'),
    { ...stream(40), call: [{ shell: 'echo streamed' }] },
    FIX,
    DONE,
  ],
  slowly: [...[1, 2, 3].map((n) => shell(`Step ${n}.`, `sleep 2; echo ${n}`)), FIX, DONE],
  'busy-once': [shell('One.', 'echo one'), { status: 500, error: 'mock: internal', failTimes: 1, ...FIX }, DONE],
  'too-many-once': [
    shell('One.', 'echo one'),
    { status: 429, error: 'mock: slow down', retryAfter: 1, failTimes: 1, ...FIX },
    DONE,
  ],
  'big-steps': [
    ...[1, 2, 3, 4, 5].map((n) => ({
      ...shell(`Step ${n}.`, `echo ${n}`),
      usage: { input: 1000, cacheRead: 20_000, cacheWrite: 15_000, output: 500, reasoning: 0 },
    })),
    FIX,
    DONE,
  ],
  'late-answer': [shell('One tool first.', 'echo one'), { text: 'Here I am.', delayMs: 8000 }],
};

const why = await noNamespace();

describe('looptop with claude on the wire', { skip: why ?? false }, () => {
  const bench = wireBench({
    engine: 'claude',
    install: installClaude,
    scenarios: SCENARIOS,
    tells: { cacheWrite: true, reasoning: false },
  });
  const { stageOf, assertMeter, untilRequests } = bench;

  test('green', LIMIT, async (t) => {
    await using stage = await stageOf('w-green', 'fix');
    const said = await stage.cli('run', 'w-green', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    await assertMeter(t, stage, 'w-green', 'exact');
  });

  test('with a sub-agent', LIMIT, async (t) => {
    await using stage = await stageOf('w-sub', 'helped-fix');
    const said = await stage.cli('run', 'w-sub', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    await assertMeter(t, stage, 'w-sub', 'exact');
  });

  test('killed in mid-tool', LIMIT, async (t) => {
    await using stage = await stageOf('w-kill-tool', 'slow-tool');
    await stage.must('run', 'w-kill-tool');
    await untilActed(stage, 'sleep 61');
    await stage.must('kill', 'w-kill-tool-1', '--yes');
    await assertMeter(t, stage, 'w-kill-tool', 'exact');
  });

  test('killed in mid-stream', LIMIT, async (t) => {
    await using stage = await stageOf('w-kill-stream', 'cut');
    await stage.must('run', 'w-kill-stream');
    await stage.until('w-kill-stream-1', (run) => run.tokens.input === 2001);
    await stage.must('kill', 'w-kill-stream-1', '--yes');
    const { state } = await stage.until('w-kill-stream-1', (run) => run.state === 'killed', 5000);
    const { agent, wire, provenance } = await runOf(stage);
    assert.deepEqual([state, agent?.fact.is, Object.keys(wire).length, provenance], ['killed', 'dead', 1, 'live']);
    await assertMeter(t, stage, 'w-kill-stream', 'exact');
  });

  test('killed while it waits for an answer', LIMIT, async (t) => {
    await using stage = await stageOf('w-kill-waiting', 'late-answer');
    await stage.must('run', 'w-kill-waiting');
    await stage.until('w-kill-waiting-1', (run) => run.tokens.input === 1000);
    await untilRequests('w-kill-waiting', 2);
    await stage.must('kill', 'w-kill-waiting-1', '--yes');
    await assertMeter(t, stage, 'w-kill-waiting', 'exact');
  });

  test('a provider that fails once', LIMIT, async (t) => {
    await using stage = await stageOf('w-500', 'busy-once');
    const said = await stage.cli('run', 'w-500', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    await assertMeter(t, stage, 'w-500', 'exact');
  });

  test('too many requests, once', LIMIT, async (t) => {
    await using stage = await stageOf('w-429', 'too-many-once');
    const said = await stage.cli('run', 'w-429', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    const detail = 'anthropic answers 429 (rate_limit_error)';
    assert.deepEqual(await heardOnWire(stage, 'limited'), [{ type: 'limited', why: 'rate', inMs: 1000, detail }]);
    await assertMeter(t, stage, 'w-429', 'exact');
  });

  test('escalated, the same process goes on with the stronger model', LIMIT, async (t) => {
    await using stage = await stageOf('w-escalate', 'slowly');
    await stage.must('run', 'w-escalate');
    await untilActed(stage, 'echo 1');
    const [before] = await stage.ls();
    await stage.must('escalate', 'w-escalate-1', '--note', 'Look closely.');
    const done = await stage.until('w-escalate-1', (run) => run.state === 'review');
    assert.equal(done.session, before?.session);
    const run = await runOf(stage);
    assert.equal(run.agents, 1, 'the process was not ended');
    assert.match(run.trace.map(({ text }) => text).join('\n'), /escalated to strong by .*, from its next request on/);
    assert.deepEqual(Object.keys((await bench.sandbox.ledger('w-escalate')).models), [SONNET, OPUS]);
    await assertMeter(t, stage, 'w-escalate', 'exact');
  });

  test('stops before the request that could cross its cap, and goes on when that is raised', LIMIT, async (t) => {
    await using stage = await stageOf('w-cap', 'big-steps');
    const cap = 60_000;
    const said = await stage.cli('run', 'w-cap', '--wait', '--set', `budget.tokens=${cap}`);
    assert.equal(said.code, 4, said.stderr + said.stdout);
    const [stopped] = await stage.ls();
    assert.equal(stopped?.state, 'paused:budget');
    t.diagnostic(`${stopped?.tokens.fresh} of ${cap}: ${stopped?.reason}`);
    assert.ok((stopped?.tokens.fresh ?? 0) <= cap && (stopped?.tokens.fresh ?? 0) > cap / 3);
    await assertMeter(t, stage, 'w-cap', 'exact');
    await stage.must('budget', 'w-cap-1', '--tokens', '+500k');
    const done = await stage.until('w-cap-1', (run) => run.state === 'review', 60_000);
    assert.equal(done.session, stopped?.session);
    await assertMeter(t, stage, 'w-cap', 'exact');
  });

  test(
    'lives on when the supervisor is killed in mid-tool; a response that it was writing is charged as reserved',
    LIMIT,
    async (t) => {
      await using stage = await stageOf('w-orphan', 'long');
      const first = await stage.supervisorPid();
      await stage.must('run', 'w-orphan');
      await untilActed(stage, 'ticks.txt');
      process.kill(first, 'SIGKILL');
      await sleep(300);
      const second = await stage.supervisorPid();
      assert.notEqual(second, first);
      await stage.until('w-orphan-1', (run) => run.tokens.input === 2001);
      const { wire } = await runOf(stage);
      process.kill(second, 'SIGKILL');
      const done = await stage.until('w-orphan-1', (run) => run.state === 'review', 60_000);
      assert.equal((await runOf(stage)).agents, 1, 'it was started once');
      assert.equal(done.provenance, 'estimated');
      const bills = (await stage.events()).flatMap(({ event }) =>
        event.type === 'wire-read' && event.closed ? event.events : [],
      );
      t.diagnostic(`reserved ${JSON.stringify(Object.values(wire))}`);
      t.diagnostic(`bills ${JSON.stringify(bills)}`);
    },
  );
});
