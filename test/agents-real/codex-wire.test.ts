/** The real codex behind the wire meter, supervisor and all: what the meter says against what the provider billed, whatever happens. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { marked } from '../e2e/stage.ts';
import { ASTRA, CODEX_SCENARIOS, installCodex, SOL } from './codex-scenarios.ts';
import { runOf } from './metered.ts';
import { noNamespace } from './sandbox.ts';
import { DONE, FIX, shell, stream } from './scenarios.ts';
import { heard, heardOnWire, untilActed, wireBench } from './wire-bench.ts';

const LIMIT = { timeout: 120_000 };

const SCENARIOS = {
  ...CODEX_SCENARIOS,
  cut: [shell('One tool first.', 'echo one'), stream(60)],
  'late-answer': [shell('One tool first.', 'echo one'), { text: 'Here I am.', delayMs: 8000 }],
  'too-many-once': [
    shell('One.', 'echo one'),
    { status: 429, error: 'mock: slow down', retryAfter: 1, failTimes: 1, ...FIX },
    DONE,
  ],
  'busy-once': [shell('One.', 'echo one'), { status: 500, error: 'mock: internal', failTimes: 1, ...FIX }, DONE],
  'cut-once': [shell('One.', 'echo one'), { ...FIX, ...stream(40), cut: true, failTimes: 1 }, DONE],
  'big-steps': [
    ...[1, 2, 3, 4, 5].map((n) => ({
      ...shell(`Step ${n}.`, `echo ${n}`),
      usage: { input: 16_000, cacheRead: 20_000, cacheWrite: 0, output: 500, reasoning: 0 },
    })),
    FIX,
    DONE,
  ],
  idle: [shell('I look.', 'ls'), { text: 'I do nothing.' }],
};

const why = await noNamespace();

describe('looptop with codex on the wire', { skip: why ?? false }, () => {
  const bench = wireBench({
    engine: 'codex',
    install: installCodex,
    scenarios: SCENARIOS,
    // The mock bills cache writes as OpenAI does: as input.
    tells: { cacheWrite: false, reasoning: true },
    environment: (account, { url }) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: account }),
  });
  const { stageOf, assertMeter, untilRequests } = bench;

  for (const [scenario, what] of Object.entries({
    fix: 'a tool',
    fails: 'a tool that fails',
    two: 'two tools at once',
    wide: 'a line of 300 kB',
    words: 'every kind of letter',
    delegate: 'a sub-agent',
  })) {
    for (const permission of ['bypassPermissions', 'plan'] as const) {
      const how = permission === 'plan' ? 'exec, read-only' : 'the app-server';
      test(`${what}, through ${how}`, LIMIT, async (t) => {
        const account = `w-${scenario}-${permission.toLowerCase()}`;
        const front = permission === 'plan' ? { gates: [{ id: 'check', run: 'true' }] } : {};
        await using stage = await stageOf(account, scenario, { permission, front });
        const said = await stage.cli('run', account, '--wait');
        assert.equal(said.code, 0, said.stderr + said.stdout);
        assert.equal((await heard(stage, 'started')).length, 1);
        assert.equal((await heard(stage, 'said')).at(-1)?.text, DONE.text);
        if (scenario === 'delegate') {
          const requests = (await bench.sandbox.ledger(account)).models[SOL]?.requests ?? 0;
          assert.ok(requests > 4, 'its sub-agent has had responses of its own');
        }
        await assertMeter(t, stage, account, 'exact');
      });
    }
  }

  for (const permission of ['bypassPermissions', 'plan'] as const) {
    test(`killed in mid-tool (${permission})`, LIMIT, async (t) => {
      const account = `w-kill-tool-${permission.toLowerCase()}`;
      await using stage = await stageOf(account, 'slow-then-fix', { permission });
      await stage.must('run', account);
      await untilActed(stage, 'sleep 61');
      const { nonce } = await runOf(stage);
      await stage.must('kill', `${account}-1`, '--yes');
      assert.deepEqual(await marked(nonce), [], 'confirmed dead');
      await assertMeter(t, stage, account, 'exact');
    });

    test(`killed in mid-stream (${permission})`, LIMIT, async (t) => {
      const account = `w-kill-stream-${permission.toLowerCase()}`;
      await using stage = await stageOf(account, 'cut', { permission });
      await stage.must('run', account);
      await untilRequests(account, 2);
      await sleep(1000);
      await stage.must('kill', `${account}-1`, '--yes');
      await assertMeter(t, stage, account, 'exact');
    });
  }

  test('killed while it waits for an answer', LIMIT, async (t) => {
    await using stage = await stageOf('w-kill-waiting', 'late-answer');
    await stage.must('run', 'w-kill-waiting');
    await untilRequests('w-kill-waiting', 2);
    await stage.must('kill', 'w-kill-waiting-1', '--yes');
    await assertMeter(t, stage, 'w-kill-waiting', 'exact');
  });

  for (const permission of ['bypassPermissions', 'plan'] as const) {
    const mode = permission.toLowerCase();
    const front = permission === 'plan' ? { gates: [{ id: 'check', run: 'true' }] } : {};

    test(`a provider that fails once (${permission})`, LIMIT, async (t) => {
      const account = `w-500-${mode}`;
      await using stage = await stageOf(account, 'busy-once', { permission, front });
      const said = await stage.cli('run', account, '--wait');
      assert.equal(said.code, 0, said.stderr + said.stdout);
      await assertMeter(t, stage, account, 'exact');
    });

    test(`too many requests, once (${permission})`, LIMIT, async (t) => {
      const account = `w-429-${mode}`;
      await using stage = await stageOf(account, 'too-many-once', { permission, front });
      const said = await stage.cli('run', account, '--wait');
      assert.equal(said.code, 0, said.stderr + said.stdout);
      const detail = 'openai answers 429 (rate_limit_exceeded)';
      assert.deepEqual(await heardOnWire(stage, 'limited'), [{ type: 'limited', why: 'rate', inMs: 1000, detail }]);
      await assertMeter(t, stage, account, 'exact');
    });

    test(`escalated, the same process goes on with the stronger model (${permission})`, LIMIT, async (t) => {
      const account = `w-escalate-${mode}`;
      await using stage = await stageOf(account, 'notable', { permission, front });
      await stage.must('run', account);
      await untilActed(stage, 'echo 1');
      const [before] = await stage.ls();
      await stage.must('escalate', `${account}-1`);
      const done = await stage.until(`${account}-1`, (run) => run.state === 'review');
      assert.equal(done.session, before?.session);
      assert.equal((await runOf(stage)).agents, 1, 'the process was not ended');
      assert.deepEqual(Object.keys((await bench.sandbox.ledger(account)).models), [SOL, ASTRA]);
      await assertMeter(t, stage, account, 'exact');
    });

    test(
      `stops before the request that could cross its cap, and goes on when that is raised (${permission})`,
      LIMIT,
      async (t) => {
        const account = `w-cap-${mode}`;
        await using stage = await stageOf(account, 'big-steps', { permission, front });
        const cap = 120_000;
        const said = await stage.cli('run', account, '--wait', '--set', `budget.tokens=${cap}`);
        assert.equal(said.code, 4, said.stderr + said.stdout);
        const [stopped] = await stage.ls();
        assert.equal(stopped?.state, 'paused:budget');
        t.diagnostic(`${stopped?.tokens.fresh} of ${cap}: ${stopped?.reason}`);
        assert.ok((stopped?.tokens.fresh ?? 0) <= cap && (stopped?.tokens.fresh ?? 0) > 0);
        await assertMeter(t, stage, account, 'exact');
        await stage.must('budget', `${account}-1`, '--tokens', '+900k');
        const done = await stage.until(`${account}-1`, (run) => run.state === 'review', 60_000);
        assert.equal(done.session, stopped?.session);
        await assertMeter(t, stage, account, 'exact');
      },
    );
  }

  test(
    'a provider that breaks off once: nobody tells what that cost, so it is charged as reserved',
    LIMIT,
    async (t) => {
      await using stage = await stageOf('w-broken', 'cut-once');
      const said = await stage.cli('run', 'w-broken', '--wait');
      assert.equal(said.code, 0, said.stderr + said.stdout);
      const run = await runOf(stage);
      const metered = run.meter.perModel[SOL]?.tokens;
      const billed = (await bench.sandbox.ledger('w-broken')).models[SOL];
      assert.ok(metered && billed);
      t.diagnostic(`ledger ${JSON.stringify(billed)}, meter (${run.provenance}) ${JSON.stringify(metered)}`);
      assert.equal(run.provenance, 'estimated');
      assert.equal(metered.cacheRead, billed.cacheRead);
      assert.ok(metered.input > billed.input + billed.cacheWrite && metered.output > billed.output);
    },
  );

  test('resumed with another model', LIMIT, async (t) => {
    await using stage = await stageOf('w-resume', 'big-steps');
    const said = await stage.cli('run', 'w-resume', '--wait', '--set', 'budget.tokens=120000');
    assert.equal(said.code, 4, said.stderr + said.stdout);
    const [stopped] = await stage.ls();
    await stage.must('escalate', 'w-resume-1');
    await stage.must('budget', 'w-resume-1', '--tokens', '+900k');
    const done = await stage.until('w-resume-1', (run) => run.state === 'review', 60_000);
    assert.equal(done.session, stopped?.session);
    assert.equal((await runOf(stage)).agents, 2);
    assert.deepEqual(Object.keys((await bench.sandbox.ledger('w-resume')).models), [SOL, ASTRA]);
    await assertMeter(t, stage, 'w-resume', 'exact');
  });

  test('out of passes', LIMIT, async (t) => {
    await using stage = await stageOf('w-passes', 'idle');
    const said = await stage.cli('run', 'w-passes', '--wait', '--set', 'budget.passes=2');
    assert.equal(said.code, 3, said.stderr + said.stdout);
    assert.equal((await bench.sandbox.ledger('w-passes')).models[SOL]?.requests, 4);
    await assertMeter(t, stage, 'w-passes', 'exact');
  });

  test('frozen in mid-stream', LIMIT, async (t) => {
    await using stage = await stageOf('w-frozen', 'long');
    await stage.must('run', 'w-frozen');
    await untilRequests('w-frozen', 2);
    await sleep(1000);
    await stage.must('freeze', 'w-frozen-1');
    await sleep(8000);
    await stage.must('resume', 'w-frozen-1');
    await stage.until('w-frozen-1', (run) => run.state === 'review', 60_000);
    await assertMeter(t, stage, 'w-frozen', 'exact');
  });

  test('lives on when the supervisor is killed in mid-tool, and waits for the next', LIMIT, async (t) => {
    await using stage = await stageOf('w-orphan', 'long');
    const first = await stage.supervisorPid();
    await stage.must('run', 'w-orphan');
    await untilActed(stage, 'ticks.txt');
    process.kill(first, 'SIGKILL');
    // Its tool ends after 3 s: its next request finds nobody for longer than that.
    await sleep(12_000);
    assert.notEqual(await stage.supervisorPid(), first);
    await stage.until('w-orphan-1', (run) => run.state === 'review', 60_000);
    assert.equal((await runOf(stage)).agents, 1, 'it was started once');
    await assertMeter(t, stage, 'w-orphan', 'exact');
  });
});
