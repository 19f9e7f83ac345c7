/** The real codex as the maker of real runs, supervisor, bridge and rollouts included: the meter of `looptop ls` against the provider's ledger. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { codex } from '../../source/agents/codex/codex.ts';
import type { Tokens } from '../../source/loop/tokens.ts';
import { marked, Stage } from '../e2e/stage.ts';
import { ASTRA, CODEX_SCENARIOS, installCodex, SOL } from './codex-scenarios.ts';
import { runOf } from './metered.ts';
import { noNamespace, openSandbox, type Sandbox } from './sandbox.ts';
import { DONE, FIX, words } from './scenarios.ts';
import { heard, untilActed } from './wire-bench.ts';

const LIMIT = { timeout: 120_000 };

const why = await noNamespace();

describe('looptop with codex', { skip: why ?? false }, () => {
  let sandbox: Sandbox;
  let program: string;
  let places = 0;
  before(
    async () => {
      program = await installCodex();
      sandbox = await openSandbox(CODEX_SCENARIOS);
      mkdirSync(join(sandbox.home, '.codex'));
      const provider = `name = "mock"\nbase_url = "${sandbox.url}/v1"\nenv_key = "OPENAI_API_KEY"\nwire_api = "responses"`;
      const tries = 'request_max_retries = 0\nstream_max_retries = 1';
      writeFileSync(
        join(sandbox.home, '.codex', 'config.toml'),
        `model_provider = "mock"\n[model_providers.mock]\n${provider}\n${tries}\n`,
      );
    },
    { timeout: 900_000 },
  );
  after(() => sandbox?.[Symbol.asyncDispose]());

  /** A repository whose loop `name` is billed on an account of that name and whose prompt names this scenario. */
  function stageOf(name: string, scenario: string, options: StageOptions = {}): Promise<Stage> {
    const { permission = 'bypassPermissions', files = {}, env = {}, gate = 'sh check.sh' } = options;
    const maker = { engine: 'codex', model: 'standard', permission };
    const front = { goal: `It is done. [[mock:${scenario}]]`, gates: [{ id: 'check', run: gate }], agents: { maker } };
    const path = `${dirname(program)}${delimiter}${process.env.PATH}`;
    const surroundings = {
      env: { ...sandbox.environment(name), OPENAI_API_KEY: name, PATH: path, ...env },
      inside: (argv: readonly string[]) => sandbox.inside(argv),
    };
    return Stage.set([{ name, front }], files, surroundings);
  }

  /** The meter equals the ledger, per model and in all. OpenAI's dialect has no field for what is written to a cache: it is input. */
  async function assertMeter(t: TestContext, stage: Stage, account: string, provenance: string) {
    for (let tries = 0; (await runOf(stage)).agent?.fact.is !== 'dead'; tries++) {
      assert.ok(tries < 100, 'its death was never journaled');
      await sleep(100);
    }
    const { models } = await sandbox.ledger(account);
    const billed: Record<string, Tokens> = {};
    for (const [model, { input, cacheRead, cacheWrite, output, reasoning }] of Object.entries(models)) {
      billed[model] = { input: input + cacheWrite, cacheRead, cacheWrite: 0, output, reasoning };
    }
    const run = await runOf(stage);
    const metered = Object.entries(run.meter.perModel).map(([model, spend]) => [model, spend.tokens]);
    const [listed] = await stage.ls();
    for (const [model, { input, cacheRead, output }] of Object.entries(billed))
      t.diagnostic(`ledger ${model}: ${input} + ${cacheRead} + ${output}`);
    t.diagnostic(
      `meter (${listed?.provenance}): ${listed?.tokens.input} + ${listed?.tokens.cacheRead} + ${listed?.tokens.output}`,
    );
    assert.deepEqual(Object.fromEntries(metered), billed);
    assert.equal(listed?.provenance, provenance);
    assert.deepEqual(
      (await heard(stage, 'unknown')).map(({ raw }) => raw),
      [],
    );
  }

  for (const [scenario, what] of Object.entries({
    fix: 'a tool',
    fails: 'a tool that fails',
    two: 'two tools at once',
    wide: 'a line of 300 kB',
    words: 'every kind of letter',
  })) {
    for (const permission of ['bypassPermissions', 'plan'] as const) {
      const how = permission === 'plan' ? 'exec, read-only' : 'the app-server';
      test(`${what}, through ${how}`, LIMIT, async (t) => {
        const account = `${scenario}-${permission.toLowerCase()}`;
        await using stage = await stageOf(account, scenario, {
          permission,
          gate: permission === 'plan' ? 'true' : 'sh check.sh',
        });
        const said = await stage.cli('run', account, '--wait');
        assert.equal(said.code, 0, said.stderr + said.stdout);
        assert.equal((await heard(stage, 'started')).length, 1);
        assert.equal((await heard(stage, 'said')).at(-1)?.text, 'The answer is fixed.');
        const failed = (await heard(stage, 'observed')).filter(({ ok }) => !ok);
        // A command that the read-only sandbox refuses fails too.
        if (permission !== 'plan') assert.equal(failed.length, scenario === 'fails' ? 1 : 0);
        await assertMeter(t, stage, account, 'exact');
      });
    }
  }

  for (const permission of ['bypassPermissions', 'plan'] as const) {
    test(`counts its sub-agents (${permission})`, LIMIT, async (t) => {
      const account = `delegate-${permission.toLowerCase()}`;
      await using stage = await stageOf(account, 'delegate', { permission, gate: 'true' });
      const said = await stage.cli('run', account, '--wait');
      assert.equal(said.code, 0, said.stderr + said.stdout);
      const { models } = await sandbox.ledger(account);
      t.diagnostic(`${models[SOL]?.requests} responses`);
      assert.ok((models[SOL]?.requests ?? 0) > 4, 'its sub-agent has had responses of its own');
      await assertMeter(t, stage, account, 'exact');
    });
  }

  test('killed in mid-tool, it costs what was billed', LIMIT, async (t) => {
    for (const permission of ['bypassPermissions', 'plan'] as const) {
      const account = `kill-tool-${permission.toLowerCase()}`;
      await using stage = await stageOf(account, 'slow-then-fix', { permission });
      await stage.must('run', account);
      await untilActed(stage, 'sleep 61');
      await sleep(500);
      const { nonce } = await runOf(stage);
      assert.ok((await marked(nonce)).length > 1, 'codex and its tool are there');
      await stage.must('kill', `${account}-1`, '--yes');
      assert.deepEqual(await marked(nonce), [], 'confirmed dead');
      await assertMeter(t, stage, account, 'exact');
    }
  });

  test('killed in mid-stream, it costs what was billed, and does not call that exact', LIMIT, async (t) => {
    await using stage = await stageOf('kill-stream', 'cut');
    await stage.must('run', 'kill-stream');
    await untilRequests('kill-stream', 2);
    await sleep(1000);
    const { nonce } = await runOf(stage);
    await stage.must('kill', 'kill-stream-1', '--yes');
    assert.deepEqual(await marked(nonce), [], 'confirmed dead');
    // The cut response is in no book of codex's; the mock does not bill it, a provider may.
    await assertMeter(t, stage, 'kill-stream', 'live');
  });

  test('escalated in mid-pass, its session goes on with the stronger model', LIMIT, async (t) => {
    await using stage = await stageOf('escalate', 'slow-then-fix');
    await stage.must('run', 'escalate');
    await untilActed(stage, 'sleep 61');
    const [before] = await stage.ls();
    await stage.must('escalate', 'escalate-1', '--note', 'Do not wait. [[mock:fix]]');
    const done = await stage.until('escalate-1', (run) => run.state === 'review');
    assert.equal(done.session, before?.session);
    assert.deepEqual(Object.keys((await sandbox.ledger('escalate')).models), [SOL, ASTRA]);
    await assertMeter(t, stage, 'escalate', 'exact');
  });

  test(
    'stops at the response that crosses its cap, and goes on in its session when that is raised',
    LIMIT,
    async (t) => {
      await using stage = await stageOf('cap', 'steps');
      // Responses cost 1,340 and 1,352 fresh tokens: the second one crosses it.
      const cap = 2670;
      const said = await stage.cli('run', 'cap', '--wait', '--set', `budget.tokens=${cap}`);
      assert.equal(said.code, 4, said.stderr + said.stdout);
      const [stopped] = await stage.ls();
      assert.equal(stopped?.state, 'paused:budget');
      assert.equal(stopped?.tokens.fresh, 2692);
      assert.equal((await sandbox.ledger('cap')).models[SOL]?.requests, 2, 'no request was made after it');
      await assertMeter(t, stage, 'cap', 'exact');
      await stage.must('budget', 'cap-1', '--tokens', '+100k');
      const done = await stage.until('cap-1', (run) => run.state === 'review');
      assert.equal(done.session, stopped?.session);
      assert.equal(done.pass, 1);
      await assertMeter(t, stage, 'cap', 'exact');
    },
  );

  test('lives on when the supervisor is killed, and nothing is lost or counted twice', LIMIT, async (t) => {
    await using stage = await stageOf('orphan', 'long');
    const first = await stage.supervisorPid();
    await stage.must('run', 'orphan');
    await untilActed(stage, 'ticks.txt');
    const [working] = await stage.ls();
    process.kill(first, 'SIGKILL');
    await sleep(300);
    const [adopted] = await stage.ls();
    assert.equal(adopted?.pid, working?.pid, 'the same process');
    const second = await stage.supervisorPid();
    await untilRequests('orphan', 2);
    process.kill(second, 'SIGKILL');
    const done = await stage.until('orphan-1', (run) => run.state === 'review');
    assert.equal(done.pass, 1);
    const said = (await heard(stage, 'said')).map(({ text }) => text);
    assert.deepEqual(said, ['Counting.', words(40), FIX.text, DONE.text]);
    assert.equal((await heard(stage, 'acted')).length, 3);
    await assertMeter(t, stage, 'orphan', 'exact');
  });

  test('hears a note while it works', LIMIT, async (t) => {
    await using stage = await stageOf('note', 'notable');
    await stage.must('run', 'note');
    await untilActed(stage, 'echo 1');
    await stage.must('note', 'note-1', 'Mind', 'the', 'gap.');
    await stage.until('note-1', (run) => run.state === 'review');
    assert.equal((await runOf(stage)).notes[0]?.state, 'heard');
    const requests = sandbox.requests('note');
    const told = requests.findIndex((request) => request.includes('Mind the gap.'));
    t.diagnostic(`the note is in request ${told + 1} of ${requests.length}`);
    assert.ok(told > 0 && told < requests.length - 1, 'in the conversation before the steps were over');
    await assertMeter(t, stage, 'note', 'exact');
  });

  for (const [answer, runs] of [
    ['yes', true],
    ['no', false],
  ] as const) {
    test(`asks for leave and takes ${answer}`, LIMIT, async (t) => {
      const account = `leave-${answer}`;
      const files = { 'fix.sh': 'echo fixed > answer.txt\n' };
      await using stage = await stageOf(account, 'ask', { permission: 'ask', files, gate: 'true' });
      await stage.must('run', account);
      const waiting = await stage.until(`${account}-1`, (run) => run.state === 'waiting');
      assert.match(waiting.reason, /sh fix\.sh/);
      await stage.must('note', `${account}-1`, answer);
      const done = await stage.until(`${account}-1`, (run) => run.state === 'review');
      assert.equal(readFileSync(join(done.worktree ?? '', 'answer.txt'), 'utf8'), runs ? 'fixed\n' : 'broken\n');
      await assertMeter(t, stage, account, 'exact');
    });
  }

  for (const [scenario, why] of [
    ['limited-mid', 'rate'],
    ['broken-mid', null],
  ] as const) {
    test(`${scenario}: what it had spent is billed, and what refused it is told`, LIMIT, async (t) => {
      await using stage = await stageOf(scenario, scenario);
      await stage.must('run', scenario);
      for (let tries = 0; (await heard(stage, 'ended')).length === 0; tries++) {
        assert.ok(tries < 300, 'it never failed');
        await sleep(100);
      }
      await stage.must('kill', `${scenario}-1`, '--yes');
      assert.equal((await heard(stage, 'ended'))[0]?.outcome, 'api-error');
      const limits = new Set((await heard(stage, 'limited')).map((limit) => limit.why));
      assert.deepEqual([...limits], why === null ? [] : [why]);
      if (why === null) assert.ok((await heard(stage, 'retrying')).length > 0);
      await assertMeter(t, stage, scenario, 'exact');
    });
  }

  test('without its rollouts, what it prints is the meter, sub-agents and all', LIMIT, async (t) => {
    await using stage = await stageOf('unbooked', 'delegate', { gate: 'true', env: elsewhere() });
    const said = await stage.cli('run', 'unbooked', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    assert.equal((await runOf(stage)).agent?.books, null);
    await assertMeter(t, stage, 'unbooked', 'exact');
  });

  test('exec without its rollouts says that it hides its sub-agents', LIMIT, async (t) => {
    const options = { permission: 'plan', gate: 'true', env: elsewhere() };
    await using stage = await stageOf('unbooked-exec', 'fix', options);
    const said = await stage.cli('run', 'unbooked-exec', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    await assertMeter(t, stage, 'unbooked-exec', 'unknown');
  });

  test('it has no cap of turns or money of its own, and says so', () => {
    assert.deepEqual(codex.abilities.caps, []);
  });

  /** A codex that keeps its rollouts where nobody looks for them. */
  function elsewhere(): Record<string, string> {
    const folder = join(sandbox.home, `elsewhere-${++places}`);
    mkdirSync(join(folder, 'bin'), { recursive: true });
    copyFileSync(join(sandbox.home, '.codex', 'config.toml'), join(folder, 'config.toml'));
    const script = `#!/bin/sh\nCODEX_HOME='${folder}' exec '${program}' "$@"\n`;
    writeFileSync(join(folder, 'bin', 'codex'), script, { mode: 0o755 });
    return { PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}` };
  }

  async function untilRequests(account: string, count: number) {
    for (let tries = 0; sandbox.requests(account).length < count; tries++) {
      assert.ok(tries < 300, `no ${count} requests`);
      await sleep(100);
    }
  }
});

interface StageOptions {
  readonly permission?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly gate?: string;
}
