/** The real claude as the maker of real runs, supervisor and all, inside the sandbox: what the meter of `looptop ls` says, by claude's own reports, against what the provider billed. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { add, NO_TOKENS, type Tokens } from '../../source/loop/tokens.ts';
import { marked, Stage } from '../e2e/stage.ts';
import { runOf } from './metered.ts';
import { installClaude, noNamespace, openSandbox, type Sandbox } from './sandbox.ts';
import { DONE, FIX, shell, stream } from './scenarios.ts';
import { heard, untilActed } from './wire-bench.ts';

const SONNET = 'claude-sonnet-5-5';
const OPUS = 'claude-opus-5-5';
const LIMIT = { timeout: 120_000 };

const SCENARIOS = {
  edit: [
    { text: 'First I look.', call: [{ read: 'answer.txt' }] },
    { thinking: 'One word will do.', text: 'Now I write.', call: [{ write: 'answer.txt', content: 'fixed\n' }] },
    DONE,
  ],
  'too-soon': [{ text: 'It looks fixed.' }],
  fix: [FIX, DONE],
  'slow-then-fix': [
    shell('One.', 'echo one'), // Claude refuses a command that begins with a long sleep.
    shell('Slowly.', 'echo begun; sleep 61'),
    FIX,
    DONE,
  ],
  cut: [shell('One tool first.', 'echo one'), stream(300)],
  long: [
    shell('Counting.', 'for i in $(seq 1 30); do echo $i >> ticks.txt; sleep 0.1; done'),
    { ...stream(40), call: [{ shell: 'echo streamed' }] },
    FIX,
    DONE,
  ],
  steps: [...[1, 2, 3, 4, 5].map((n) => shell(`Step ${n}.`, `sleep 0.5; echo ${n}`)), FIX, DONE],
  delegate: [{ text: 'Delegating.', call: [{ agent: 'Count the files. [[mock:helper]]' }] }, DONE],
  helper: [shell('Sub one.', 'echo one'), shell('Sub two.', 'for i in $(seq 1 600); do sleep 0.1; done'), DONE],
  'delegate-stream': [{ text: 'Delegating.', call: [{ agent: 'Count the files. [[mock:streamer]]' }] }, DONE],
  streamer: [shell('Sub one.', 'echo one'), stream(300)],
  'no-answer': [shell('One tool first.', 'echo one'), { text: 'never', hang: 'before' }],
  fast: [...Array.from({ length: 20 }, (_, n) => shell(`Step ${n}.`, `echo ${n}`)), FIX, DONE],
  ask: [shell('May I?', 'sh fix.sh'), DONE],
  notable: [...[1, 2, 3].map((n) => shell(`Step ${n}.`, `sleep 2; echo ${n}`)), FIX, DONE],
  server: [
    { text: 'A server.', call: [{ shell: 'echo fixed > answer.txt; sleep 1003', background: true }] },
    { text: 'It runs.' },
    { text: 'Woken for nothing.' },
  ],
};

const why = await noNamespace();

describe('looptop with claude', { skip: why ?? false }, () => {
  let sandbox: Sandbox;
  let program: string;
  before(
    async () => {
      program = await installClaude();
      sandbox = await openSandbox(SCENARIOS);
    },
    { timeout: 900_000 },
  );
  after(() => sandbox?.[Symbol.asyncDispose]());

  /** A repository whose loop `name` is billed on an account of that name and whose prompt names this scenario. */
  function stageOf(
    name: string,
    scenario: string,
    { permission = 'bypassPermissions', files = {}, env = {} }: StageOptions = {},
  ): Promise<Stage> {
    const maker = { engine: 'claude', model: 'standard', permission };
    const goal = `The answer is fixed. [[mock:${scenario}]]`;
    const path = `${dirname(program)}${delimiter}${process.env.PATH}`;
    const surroundings = {
      env: { ...sandbox.environment(name), PATH: path, ...env },
      inside: (argv: readonly string[]) => sandbox.inside(argv),
    };
    return Stage.set([{ name, front: { goal, agents: { maker }, meter: 'events' } }], files, surroundings);
  }

  /** The meter of the run equals the account's ledger, per model and in all; `cut` is what responses that never ended cost on top. */
  async function assertMeter(t: TestContext, stage: Stage, account: string, provenance: string, cut = NO_TOKENS) {
    // The last bill of a killed agent is journaled a moment after its death is confirmed.
    for (let tries = 0; (await runOf(stage)).agent?.fact.is !== 'dead'; tries++) {
      assert.ok(tries < 100, 'its death was never journaled');
      await sleep(100);
    }
    const { models, aborted } = await sandbox.ledger(account);
    assert.notDeepEqual(models, {}, 'nothing was billed');
    const billed: Record<string, Tokens> = {};
    for (const [model, { input, cacheRead, cacheWrite, output }] of Object.entries(models)) {
      billed[model] = add({ input, cacheRead, cacheWrite, output, reasoning: 0 }, cut);
    }
    const metered = Object.entries((await runOf(stage)).meter.perModel).map(([model, spend]) => [model, spend.tokens]);
    const [run] = await stage.ls();
    const say = (name: string, tokens: Tokens) =>
      t.diagnostic(`${name}: ${tokens.input} + ${tokens.cacheRead} + ${tokens.cacheWrite} + ${tokens.output}`);
    for (const [model, { input, cacheRead, cacheWrite, output }] of Object.entries(models))
      say(`ledger ${model}`, { input, cacheRead, cacheWrite, output, reasoning: 0 });
    if (aborted > 0) t.diagnostic(`${aborted} cut response`);
    say(`meter (${run?.provenance})`, { ...NO_TOKENS, ...run?.tokens });
    assert.deepEqual(Object.fromEntries(metered), billed);
    const { input, cacheRead, cacheWrite, output } = Object.values(billed).reduce(add, NO_TOKENS);
    assert.deepEqual(run?.tokens, {
      ...{ input, cacheRead, cacheWrite, output, reasoning: 0 },
      fresh: input + cacheWrite + output,
    });
    assert.equal(run?.provenance, provenance);
    assert.ok((run?.usd ?? 0) > 0, 'priced');
  }

  test('edits, turns the gate green and leaves the checkout alone', LIMIT, async (t) => {
    await using stage = await stageOf('green', 'edit');
    const before = await checkoutOf(stage);
    const said = await stage.cli('run', 'green', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    const [run] = await stage.ls();
    assert.equal(run?.state, 'review');
    assert.equal((await stage.git('show', 'loop/green-1:answer.txt')).stdout, 'fixed\n');
    assert.deepEqual((await stage.git('diff', '--name-only', 'main', 'loop/green-1')).stdout, 'answer.txt\n');
    assert.deepEqual(await checkoutOf(stage), before);
    await assertMeter(t, stage, 'green', 'exact');
  });

  test('reads in its second pass why the gate was red after the first', LIMIT, async (t) => {
    const check = `grep -q fixed answer.txt || { echo 'not ok - the answer is broken [[mock:fix]]'; exit 1; }\n`;
    await using stage = await stageOf('red', 'too-soon', { files: { 'check.sh': check } });
    const said = await stage.cli('run', 'red', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    const run = await runOf(stage);
    assert.deepEqual(
      run.passes.map(({ gates, falseDone }) => [gates[0]?.status, falseDone]),
      [
        ['red', true],
        ['green', false],
      ],
    );
    assert.equal(new Set((await heard(stage, 'started')).map(({ session }) => session)).size, 2);
    await assertMeter(t, stage, 'red', 'exact');
  });

  test('escalated in mid-pass, its session goes on with the stronger model', LIMIT, async (t) => {
    await using stage = await stageOf('escalate', 'slow-then-fix');
    await stage.must('run', 'escalate');
    await untilActed(stage, 'sleep 61');
    const [before] = await stage.ls();
    await stage.must('escalate', 'escalate-1', '--note', 'Do not wait. [[mock:fix]]');
    const done = await stage.until('escalate-1', (run) => run.state === 'review');
    assert.equal(done.session, before?.session);
    assert.equal(done.pass, 1);
    assert.deepEqual(Object.keys((await sandbox.ledger('escalate')).models), [SONNET, OPUS]);
    await assertMeter(t, stage, 'escalate', 'exact');
  });

  test('killed in mid-tool, it costs what was billed', LIMIT, async (t) => {
    await using stage = await stageOf('kill-tool', 'slow-then-fix');
    await stage.must('run', 'kill-tool');
    await untilActed(stage, 'sleep 61');
    await sleep(500);
    const { nonce } = await runOf(stage);
    assert.ok((await marked(nonce)).length > 1, 'claude and its tool are there');
    await stage.must('kill', 'kill-tool-1', '--yes');
    assert.deepEqual(await marked(nonce), [], 'confirmed dead');
    assert.equal((await stage.ls())[0]?.state, 'killed');
    await assertMeter(t, stage, 'kill-tool', 'exact');
  });

  test('killed in mid-stream, it costs what was billed and the input of the cut response', LIMIT, async (t) => {
    await using stage = await stageOf('kill-stream', 'cut');
    await stage.must('run', 'kill-stream');
    await stage.until('kill-stream-1', (run) => run.tokens.input === 2001);
    const { nonce } = await runOf(stage);
    assert.ok((await marked(nonce)).length > 0);
    await stage.must('kill', 'kill-stream-1', '--yes');
    assert.deepEqual(await marked(nonce), [], 'confirmed dead');
    await untilCut('kill-stream');
    await assertMeter(t, stage, 'kill-stream', 'live', CUT_SECOND);
  });

  // Its stream shows only the beginning of a sub-agent's bill, and the result that would close it never comes.
  test('killed while its sub-agent runs a tool, it costs what its transcripts say, to the token', LIMIT, async (t) => {
    // A folder whose name claude has to spell otherwise.
    const env = { XDG_STATE_HOME: join(sandbox.home, '.local_state') };
    await using stage = await stageOf('kill-helper', 'delegate', { env });
    await stage.must('run', 'kill-helper');
    await untilActed(stage, 'seq 1 600');
    await sleep(500);
    assert.equal((await stage.ls())[0]?.provenance, 'live');
    await stage.must('kill', 'kill-helper-1', '--yes');
    await assertMeter(t, stage, 'kill-helper', 'exact');
  });

  test('killed while its sub-agent is answered, its meter is not called exact', LIMIT, async (t) => {
    await using stage = await stageOf('kill-streamer', 'delegate-stream');
    await stage.must('run', 'kill-streamer');
    await untilRequests('kill-streamer', 3);
    await sleep(1500);
    await stage.must('kill', 'kill-streamer-1', '--yes');
    await untilCut('kill-streamer');
    await assertMeter(t, stage, 'kill-streamer', 'live');
  });

  test('killed while it waits for an answer, its meter is not called exact', LIMIT, async (t) => {
    await using stage = await stageOf('kill-waiting', 'no-answer');
    await stage.must('run', 'kill-waiting');
    await untilRequests('kill-waiting', 2);
    await sleep(500);
    await stage.must('kill', 'kill-waiting-1', '--yes');
    await assertMeter(t, stage, 'kill-waiting', 'live');
  });

  test('escalated in mid-stream, it costs what claude bills for the cut response', LIMIT, async (t) => {
    await using stage = await stageOf('escalate-stream', 'cut');
    await stage.must('run', 'escalate-stream');
    await stage.until('escalate-stream-1', (run) => run.tokens.input === 2001);
    await stage.must('escalate', 'escalate-stream-1', '--note', 'Be brief. [[mock:fix]]');
    await stage.until('escalate-stream-1', (run) => run.state === 'review');
    const { models } = await sandbox.ledger('escalate-stream');
    const { perModel } = (await runOf(stage)).meter;
    const metered = perModel[SONNET]?.tokens ?? NO_TOKENS;
    t.diagnostic(`ledger ${SONNET}: ${models[SONNET]?.input}, meter ${metered.input} + … + ${metered.output}`);
    assert.deepEqual(
      { ...metered, output: 0 },
      { ...CUT_SECOND, input: 2001, cacheRead: 40_100, cacheWrite: 610, output: 0 },
    );
    assert.ok(metered.output > 40, 'the estimate of what it wrote is on top');
    assert.equal(perModel[OPUS]?.tokens.input, models[OPUS]?.input);
    assert.equal((await stage.ls())[0]?.provenance, 'live');
  });

  test('lives on when the supervisor is killed, in mid-tool and in mid-stream', LIMIT, async (t) => {
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
    assert.notEqual(second, first);
    await stage.until('orphan-1', (run) => run.tokens.input === 2001);
    process.kill(second, 'SIGKILL');
    const done = await stage.until('orphan-1', (run) => run.state === 'review');
    assert.equal(done.pass, 1);
    const ticks = await readFile(join(done.worktree ?? '', 'ticks.txt'), 'utf8');
    assert.equal(ticks.split('\n').length, 31);
    const planned = (await stage.events()).filter(({ event }) => event.type === 'agent-planned');
    assert.equal(planned.length, 1, 'it was started once');
    await assertMeter(t, stage, 'orphan', 'exact');
  });

  test(
    'stops at the response that crosses its cap, and goes on in its session when that is raised',
    LIMIT,
    async (t) => {
      await using stage = await stageOf('cap', 'steps');
      // Responses cost 1,340 and 1,352 fresh tokens: the second one's output crosses it.
      const cap = 2670;
      const said = await stage.cli('run', 'cap', '--wait', '--set', `budget.tokens=${cap}`);
      assert.equal(said.code, 4, said.stderr + said.stdout);
      const [stopped] = await stage.ls();
      assert.equal(stopped?.state, 'paused:budget');
      assert.equal(stopped?.pid, null);
      assert.equal(stopped?.tokens.fresh, 2692);
      await assertMeter(t, stage, 'cap', 'exact');
      await stage.must('budget', 'cap-1', '--tokens', '+100k');
      const done = await stage.until('cap-1', (run) => run.state === 'review');
      assert.equal(done.session, stopped?.session);
      assert.equal(done.pass, 1);
      await assertMeter(t, stage, 'cap', 'exact');
    },
  );

  test('stops in mid-stream when the input of a response crosses its cap', LIMIT, async (t) => {
    await using stage = await stageOf('cap-stream', 'cut');
    const said = await stage.cli('run', 'cap-stream', '--wait', '--set', 'budget.tokens=2000');
    assert.equal(said.code, 4, said.stderr + said.stdout);
    await untilCut('cap-stream');
    assert.equal((await sandbox.ledger('cap-stream')).models[SONNET]?.requests, 1);
    await assertMeter(t, stage, 'cap-stream', 'live', CUT_SECOND);
  });

  test(
    'with tools that take no time, what the provider bills is at most one response over the cap',
    LIMIT,
    async (t) => {
      await using stage = await stageOf('cap-fast', 'fast');
      const cap = 2670;
      assert.equal((await stage.cli('run', 'cap-fast', '--wait', '--set', `budget.tokens=${cap}`)).code, 4);
      const { models } = await sandbox.ledger('cap-fast');
      const { requests = 0, input = 0, cacheWrite = 0, output = 0 } = models[SONNET] ?? {};
      const [run] = await stage.ls();
      const billed = input + cacheWrite + output;
      t.diagnostic(
        `cap ${cap}, ${requests} responses, billed ${billed}, meter ${run?.tokens.fresh} (${run?.provenance})`,
      );
      assert.ok(billed <= cap + 1364, 'one response over at most');
      assert.ok(run?.tokens.fresh === billed || run?.provenance === 'live', 'a meter that misses something says so');
    },
  );

  test('waits for leave to run a command, and goes on with yes', LIMIT, async (t) => {
    const files = { 'fix.sh': 'echo fixed > answer.txt\n' };
    await using stage = await stageOf('leave', 'ask', { permission: 'acceptEdits', files });
    await stage.must('run', 'leave');
    const waiting = await stage.until('leave-1', (run) => run.state === 'waiting');
    assert.equal(waiting.reason, 'Bash: sh fix.sh?');
    await stage.must('note', 'leave-1', 'yes');
    const done = await stage.until('leave-1', (run) => run.state === 'review');
    assert.equal(done.pass, 1);
    await assertMeter(t, stage, 'leave', 'exact');
  });

  test('hears a note while it works', LIMIT, async (t) => {
    await using stage = await stageOf('note', 'notable');
    await stage.must('run', 'note');
    await untilActed(stage, 'echo 1');
    await stage.must('note', 'note-1', 'Mind', 'the', 'gap.');
    const done = await stage.until('note-1', (run) => run.state === 'review');
    assert.equal(done.pass, 1);
    assert.equal((await runOf(stage)).notes[0]?.state, 'heard');
    const requests = sandbox.requests('note');
    const told = requests.findIndex((request) => request.includes('Mind the gap.'));
    t.diagnostic(`the note is in request ${told + 1} of ${requests.length}`);
    assert.ok(told > 0 && told < 4, 'in the conversation before the steps were over');
    await assertMeter(t, stage, 'note', 'exact');
  });

  test('done, it is not waited for when what it started in the background never ends', LIMIT, async (t) => {
    await using stage = await stageOf('server', 'server', { env: { LOOPTOP_QUIET_MS: '2000' } });
    const began = performance.now();
    const said = await stage.cli('run', 'server', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    t.diagnostic(`green after ${Math.round(performance.now() - began)} ms`);
    const run = await runOf(stage);
    assert.equal(run.agent?.outcome?.outcome, 'done');
    assert.equal(run.passes.length, 1);
    assert.equal(run.agents, 1, 'it was started once');
    assert.match(run.trace.map(({ text }) => text).join('\n'), /its turn has been over for 2s/);
    assert.deepEqual(await marked(run.nonce), []);
    await assertMeter(t, stage, 'server', 'exact');
  });

  async function untilRequests(account: string, count: number) {
    for (let tries = 0; sandbox.requests(account).length < count; tries++) {
      assert.ok(tries < 300, `no ${count} requests`);
      await sleep(100);
    }
  }

  /** The provider notices a client that left at its next write. */
  async function untilCut(account: string) {
    for (let tries = 0; (await sandbox.ledger(account)).aborted === 0; tries++) {
      assert.ok(tries < 50, 'the response was never cut');
      await sleep(100);
    }
  }
});

interface StageOptions {
  readonly permission?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** What the mock says at the beginning of a second response: all of its input, and one token of output. */
const CUT_SECOND: Tokens = { input: 1001, cacheRead: 20_100, cacheWrite: 310, output: 1, reasoning: 0 };

/** Everything of the user's that a run must not change. */
async function checkoutOf(stage: Stage) {
  const git = async (...args: string[]) => (await stage.git(...args)).stdout;
  return {
    status: await git('status', '--porcelain'),
    index: await git('ls-files', '--stage'),
    branch: await git('branch', '--show-current'),
    main: await git('rev-parse', 'main'),
    configuration: await readFile(join(stage.root, '.git', 'config'), 'utf8'),
    answer: await readFile(join(stage.root, 'answer.txt'), 'utf8'),
  };
}
