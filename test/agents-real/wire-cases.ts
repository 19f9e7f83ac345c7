/** What every CLI that works for one prompt a process has to stand on the wire, whatever it is: the same runs, each metered to the token. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runOf } from './metered.ts';
import { heard, heardOnWire, untilActed, type WireBench, type WireEngine, wireBench } from './wire-bench.ts';

/** A minute at rest; five on a machine that is full of others. */
export const LIMIT = { timeout: 300_000 };
const LONG_MS = 120_000;

export const shell = (text: string, ...commands: readonly string[]) => ({
  text,
  call: commands.map((command) => ({ shell: command })),
});
export const FIX = shell('Now I fix it.', 'echo fixed > answer.txt');
export const DONE = { text: 'The answer is fixed.' };

const SCENARIOS = {
  fix: [FIX, DONE],
  failing: [shell('This will not work.', 'echo no >&2; exit 3'), FIX, DONE],
  pair: [shell('Both at once.', 'echo fixed > answer.txt', 'echo second'), DONE],
  'slow-tool': [shell('One.', 'echo one'), shell('Slowly.', 'echo begun; sleep 61'), FIX, DONE],
  stream: [shell('One tool first.', 'echo one'), { text: 'word '.repeat(100), chunk: 10, chunkMs: 200 }],
  'late-answer': [shell('One tool first.', 'echo one'), { text: 'Here I am.', delayMs: 8000 }],
  slowly: [...[1, 2, 3].map((n) => shell(`Step ${n}.`, `sleep 3; echo ${n}`)), FIX, DONE],
  'fails-once': [shell('One.', 'echo one'), { status: 500, error: 'mock: internal', failTimes: 1, ...FIX }, DONE],
  'busy-once': [
    shell('One.', 'echo one'),
    { status: 429, error: 'mock: slow down', retryAfter: 1, failTimes: 1, ...FIX },
    DONE,
  ],
  'long-line': [shell('One long line.', "head -c 300000 /dev/zero | tr '\\0' x"), FIX, DONE],
  world: [
    shell('日本語の行 – 🚀 👩‍👩‍👧‍👦 עברית', "printf 'línea 1\\n二行目 🎉\\n\\ttab\\r\\nend\\n'"),
    FIX,
    { text: 'Fertig ✅' },
  ],
  helped: [{ text: 'Delegating.', call: [{ agent: 'Count the files. [[mock:sub-worker]]' }] }, FIX, DONE],
  'big-steps': [
    ...[1, 2, 3, 4, 5].map((n) => ({
      ...shell(`Step ${n}.`, `echo ${n}`),
      usage: { input: 16_000, cacheRead: 20_000, cacheWrite: 0, output: 500, reasoning: 0 },
    })),
    FIX,
    DONE,
  ],
};

export interface WireCases extends WireEngine {
  readonly model: string;
  /** What the provider calls `model`. */
  readonly billedAs: string;
  /** A model that is asked on the side. */
  readonly beside?: string;
  readonly strong: { readonly model: string; readonly billedAs: string };
}

/** To be called in a suite: the engine's tests, each on an account of its own, and the bench for more. */
export function wireCases(engine: WireCases): WireBench {
  const bench = wireBench({ ...engine, scenarios: { ...SCENARIOS, ...engine.scenarios } });
  const { stageOf, assertMeter } = bench;
  const models = async (account: string) =>
    Object.keys((await bench.sandbox.ledger(account)).models).filter((model) => model !== engine.beside);

  for (const [scenario, words] of [
    ['fix', 'runs a tool'],
    ['failing', 'a tool that fails'],
    ['pair', 'two tools at once'],
    ['long-line', 'a line of 300 kB'],
    ['world', 'every script of the world'],
  ] as const) {
    test(words, LIMIT, async (t) => {
      await using stage = await stageOf(scenario, scenario);
      const said = await stage.cli('run', scenario, '--wait');
      assert.equal(said.code, 0, said.stderr + said.stdout);
      await assertMeter(t, stage, scenario, 'exact');
    });
  }

  test('with a sub-agent', LIMIT, async (t) => {
    await using stage = await stageOf('helped', 'helped');
    const said = await stage.cli('run', 'helped', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    assert.ok(
      bench.sandbox.requests('helped').some((request) => request.includes('"scenario": "sub-worker"')),
      'the sub-agent was asked',
    );
    await assertMeter(t, stage, 'helped', 'exact');
  });

  test('killed in mid-tool', LIMIT, async (t) => {
    await using stage = await stageOf('kill-tool', 'slow-tool');
    await stage.must('run', 'kill-tool');
    // Some tell of a tool only when it has ended.
    await stage.until('kill-tool-1', (run) => run.tokens.output >= 81, LONG_MS);
    await sleep(1500);
    await stage.must('kill', 'kill-tool-1', '--yes');
    await assertMeter(t, stage, 'kill-tool', 'exact');
    assert.equal((await bench.sandbox.ledger('kill-tool')).models[engine.billedAs]?.requests, 2);
  });

  test('killed in mid-stream: nobody waits for the bill, and it comes', LIMIT, async (t) => {
    await using stage = await stageOf('kill-stream', 'stream');
    await stage.must('run', 'kill-stream');
    await bench.untilRequests('kill-stream', 2);
    await stage.until('kill-stream-1', (run) => run.tokens.output >= 40, LONG_MS);
    await stage.must('kill', 'kill-stream-1', '--yes');
    await stage.until('kill-stream-1', (run) => run.state === 'killed', 8000);
    const { agent, wire, provenance } = await runOf(stage);
    assert.deepEqual([agent?.fact.is, Object.keys(wire).length, provenance], ['dead', 1, 'live']);
    await assertMeter(t, stage, 'kill-stream', 'exact');
  });

  test('killed while it waits for an answer', LIMIT, async (t) => {
    await using stage = await stageOf('kill-waiting', 'late-answer');
    await stage.must('run', 'kill-waiting');
    await bench.untilRequests('kill-waiting', 2);
    await stage.must('kill', 'kill-waiting-1', '--yes');
    await assertMeter(t, stage, 'kill-waiting', 'exact');
  });

  test('stopped and resumed: its session goes on', LIMIT, async (t) => {
    await using stage = await stageOf('resumed', 'slowly');
    await stage.must('run', 'resumed');
    await untilActed(stage, 'echo 1');
    await stage.must('stop', 'resumed-1', '--yes');
    const stopped = await stage.until('resumed-1', (run) => run.state.startsWith('paused'), LONG_MS);
    await stage.must('resume', 'resumed-1');
    const done = await stage.until('resumed-1', (run) => run.state === 'review', LONG_MS);
    assert.equal(done.session, stopped.session);
    assert.equal((await runOf(stage)).agents, 2);
    assert.deepEqual(await models('resumed'), [engine.billedAs]);
    await assertMeter(t, stage, 'resumed', 'exact');
  });

  test('stopped, escalated and resumed: its session goes on with another model', LIMIT, async (t) => {
    await using stage = await stageOf('other-model', 'slowly');
    await stage.must('run', 'other-model');
    await untilActed(stage, 'echo 1');
    await stage.must('stop', 'other-model-1', '--yes');
    const stopped = await stage.until('other-model-1', (run) => run.state.startsWith('paused'), LONG_MS);
    await stage.must('escalate', 'other-model-1', '--to', engine.strong.model);
    const run = await stage.until('other-model-1', () => true);
    if (run.state.startsWith('paused')) await stage.must('resume', 'other-model-1');
    const done = await stage.until('other-model-1', (each) => each.state === 'review', LONG_MS);
    assert.equal(done.session, stopped.session);
    assert.deepEqual(await models('other-model'), [engine.billedAs, engine.strong.billedAs]);
    await assertMeter(t, stage, 'other-model', 'exact');
  });

  test('escalated while it works: the same process goes on, answered by the other model', LIMIT, async (t) => {
    await using stage = await stageOf('in-place', 'slowly');
    await stage.must('run', 'in-place');
    await untilActed(stage, 'echo 1');
    await stage.must('escalate', 'in-place-1', '--to', engine.strong.model);
    await stage.until('in-place-1', (run) => run.state === 'review', LONG_MS);
    assert.equal((await runOf(stage)).agents, 1, 'the process was not ended');
    assert.deepEqual(await models('in-place'), [engine.billedAs, engine.strong.billedAs]);
    await assertMeter(t, stage, 'in-place', 'exact');
  });

  test('a provider that fails once', LIMIT, async (t) => {
    await using stage = await stageOf('fails-once', 'fails-once');
    const said = await stage.cli('run', 'fails-once', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    await assertMeter(t, stage, 'fails-once', 'exact');
  });

  test('a provider that fails for good', LIMIT, async (t) => {
    await using stage = await stageOf('fails', 'err-500-mid');
    await stage.must('run', 'fails');
    await stage.until('fails-1', (run) => run.tokens.input > 0, LONG_MS);
    const ended = async () => (await stage.events()).some(({ event }) => event.type === 'agent-ended');
    for (let tries = 0; !(await ended()); tries++) {
      assert.ok(tries < 900, 'it never gave up');
      await sleep(100);
    }
    await stage.must('kill', 'fails-1', '--yes');
    await assertMeter(t, stage, 'fails', 'exact');
  });

  test('too many requests, once', LIMIT, async (t) => {
    await using stage = await stageOf('busy-once', 'busy-once');
    await stage.must('run', 'busy-once');
    await stage.until('busy-once-1', (run) => run.state === 'review', LONG_MS);
    assert.deepEqual(
      (await heardOnWire(stage, 'limited')).map(({ why, inMs }) => [why, inMs]),
      [['rate', 1000]],
    );
    assert.deepEqual(await heard(stage, 'limited'), [], 'told once');
    await assertMeter(t, stage, 'busy-once', 'exact');
  });

  test('stops before the request that could cross its cap, and goes on when that is raised', LIMIT, async (t) => {
    await using stage = await stageOf('cap', 'big-steps');
    const cap = 100_000;
    const said = await stage.cli('run', 'cap', '--wait', '--set', `budget.tokens=${cap}`);
    assert.equal(said.code, 4, said.stderr + said.stdout);
    const [stopped] = await stage.ls();
    assert.equal(stopped?.state, 'paused:budget');
    t.diagnostic(`${stopped?.tokens.fresh} of ${cap}: ${stopped?.reason}`);
    assert.ok((stopped?.tokens.fresh ?? 0) <= cap && (stopped?.tokens.fresh ?? 0) > 0);
    await assertMeter(t, stage, 'cap', 'exact');
    await stage.must('budget', 'cap-1', '--tokens', '+900k');
    await stage.until('cap-1', (run) => run.state === 'review', LONG_MS);
    await assertMeter(t, stage, 'cap', 'exact');
  });

  return bench;
}
