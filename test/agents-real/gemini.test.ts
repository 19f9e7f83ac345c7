/** The real gemini, driven by our engine and by our supervisor, against a provider that keeps a ledger. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { StartSpec } from '../../source/agents/engine.ts';
import { gemini } from '../../source/agents/gemini.ts';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import { type Driven, type Driver, drive } from '../agents/drive.ts';
import { agent, spec } from '../agents/specs.ts';
import { Stage } from '../e2e/stage.ts';
import { assertExact, assertHides, billed, metered, of, outcomes, runOf } from './metered.ts';
import { install, noNamespace, openSandbox, type Sandbox } from './sandbox.ts';

/** What source/agents/gemini*.ts was measured against. */
const VERSION = '0.61.0';
const FLASH = 'gemini-3.8-flash';
const PRO = 'gemini-3.1-pro-preview';

/** Settings of the operator's, with few and short retries. */
const LOGIN = { security: { auth: { selectedType: 'gemini-api-key' } }, general: { maxAttempts: 2 } };

const SCENARIOS = {
  'short-tool': [{ text: 'A command.', call: [{ shell: 'echo begin; sleep 4; echo end' }] }, { text: 'It ended.' }],
  'tool-then-stream': [
    { text: 'One tool first.', call: [{ shell: 'echo one' }] },
    { text: Array.from({ length: 100 }, (_, n) => `word${n}`).join(' '), chunk: 10, chunkMs: 200 },
  ],
  babble: [{ text: 'word '.repeat(400), chunk: 10, chunkMs: 5 }],
  fix: [{ text: 'Now I fix it.', call: [{ shell: 'echo fixed > answer.txt' }] }, { text: 'The answer is fixed.' }],
  steps: [
    ...[1, 2, 3, 4].map((n) => ({
      text: `Step ${n}.`,
      call: [{ shell: `seq 1 3000; echo ${n} >> steps.txt; sleep 2` }],
    })),
    { text: 'Done.' },
  ],
};

const why = await noNamespace();

describe('gemini', { skip: why ?? false }, () => {
  let sandbox: Sandbox;
  let program: string;
  before(
    async () => {
      program = await install('@google/gemini-cli', VERSION, 'gemini');
      sandbox = await openSandbox(SCENARIOS);
      settings(LOGIN);
    },
    { timeout: 900_000 },
  );
  after(() => sandbox?.[Symbol.asyncDispose]());

  /** The operator's own settings. */
  function settings(values: unknown): void {
    mkdirSync(join(sandbox.home, '.gemini'), { recursive: true });
    writeFileSync(join(sandbox.home, '.gemini', 'settings.json'), JSON.stringify(values));
  }

  const environment = (account: string) => ({
    ...sandbox.environment(account),
    GOOGLE_GEMINI_BASE_URL: sandbox.url,
    GEMINI_API_KEY: account,
  });

  /** Runs one process on an account of its own; the prompt names the mock's scenario. */
  async function run(
    scenario: string,
    account: string,
    change: Partial<StartSpec> = {},
    on: (event: AgentEvent, driver: Driver) => void = () => undefined,
  ): Promise<Driven> {
    const folder = mkdtempSync(join(sandbox.home, 'pass-'));
    const launch = gemini.start(
      spec({
        session: randomUUID(),
        model: FLASH,
        prompt: `Do it. [[mock:${scenario}]]`,
        promptFile: join(folder, 'prompt.md'),
        worktree: sandbox.repository,
        command: [program],
        ...change,
      }),
    );
    for (const [name, text] of Object.entries(launch.files ?? {})) writeFileSync(join(folder, name), text);
    const env = { ...environment(account), ...launch.env };
    const options = { cwd: sandbox.repository, env, limitMs: 120_000, on };
    return drive({ ...launch, argv: sandbox.inside(launch.argv) }, gemini.reader(), options);
  }

  test('runs a tool, says done, and costs what was billed', async () => {
    const driven = await run('tool-ok', 'success');
    assert.deepEqual(outcomes(driven), ['done'], driven.stderr);
    assert.equal(readFileSync(join(sandbox.repository, 'out.txt'), 'utf8'), 'hi\n');
    assert.equal(of(driven, 'started')[0]?.model, FLASH);
    assert.deepEqual(of(driven, 'unknown'), []);
    await assertExact(sandbox, 'success', [driven]);
  });

  test('a failing tool, two tools at once, a huge line, and every script of the world are one bill each', async () => {
    for (const scenario of ['tool-fail', 'two-tools', 'huge-line', 'unicode', 'tool-unknown']) {
      const driven = await run(scenario, scenario);
      assert.deepEqual(outcomes(driven), ['done'], `${scenario}: ${driven.stderr}`);
      assert.deepEqual(of(driven, 'unknown'), [], scenario);
      await assertExact(sandbox, scenario, [driven]);
      const { length } = of(driven, 'acted');
      assert.equal(of(driven, 'observed').length, length, scenario);
      if (scenario === 'two-tools') assert.equal(length, 2);
      if (scenario === 'unicode') assert.match(of(driven, 'said')[0]?.text ?? '', /日本語の行 – 🚀/);
      if (scenario === 'huge-line') assert.ok(driven.lines.some((line) => line.length > 30_000));
    }
  });

  test('counts its sub-agents', async () => {
    const driven = await run('subagent', 'subagent');
    assert.deepEqual(outcomes(driven), ['done']);
    assert.equal(of(driven, 'acted')[0]?.tool, 'invoke_agent');
    await assertExact(sandbox, 'subagent', [driven]);
  });

  test('resumes, with the same model and with another, and the meters of all processes add up', async () => {
    const session = randomUUID();
    const first = await run('remember', 'resume', { session });
    const second = await run('second', 'resume', { resume: session });
    const third = await run('second', 'resume', { resume: session, model: PRO });
    assert.deepEqual([first, second, third].map(outcomes), [['done'], ['done'], ['done']], third.stderr);
    assert.deepEqual(
      [first, second, third].map((driven) => of(driven, 'started')[0]),
      [FLASH, FLASH, PRO].map((model) => ({ type: 'started', session, model })),
    );
    const last = sandbox.requests('resume').at(-1) ?? '';
    assert.ok(last.includes('PLUM'), 'the conversation goes on');
    await assertExact(sandbox, 'resume', [first, second, third]);
  });

  test('an unknown session to resume fails in words', async () => {
    const driven = await run('hello', 'unknown', { resume: randomUUID() });
    assert.deepEqual(outcomes(driven), ['failed']);
    assert.match(of(driven, 'ended')[0]?.error ?? '', /exit code 42: .*no such session/);
  });

  test('killed in mid-tool and in mid-stream, it does not know what it cost', async () => {
    const tool = await run('short-tool', 'kill-tool', {}, (event, driver) => {
      if (event.type === 'acted') setTimeout(() => driver.kill('SIGKILL'), 500);
    });
    assert.deepEqual([tool.code, ...outcomes(tool)], [137, 'failed']);
    assertHides([tool], ['the requests of a run that was killed']);
    const stream = await run('tool-then-stream', 'kill-stream', {}, (event, driver) => {
      if (event.type === 'observed') setTimeout(() => driver.kill('SIGTERM'), 2000);
    });
    assert.deepEqual(outcomes(stream), ['interrupted']);
    assert.match(of(stream, 'said').at(-1)?.text ?? '', /^word0 word1 /, 'its last words are not lost');
    assertHides([stream], ['the requests of a run that was killed']);
  });

  test('a stream that breaks is not in its bill, and it says so', async () => {
    const driven = await run('cut-late', 'cut');
    assert.deepEqual(outcomes(driven), ['failed']);
    assertHides([driven], ['a response that was cut']);
  });

  test('broken off because it repeats itself it is not done, and the broken response is in no bill', async () => {
    const driven = await run('babble', 'babble');
    assert.deepEqual([driven.code, ...outcomes(driven)], [0, 'failed']);
    assert.match(of(driven, 'ended')[0]?.error ?? '', /Loop detected/);
    assertHides([driven], ['a response that was cut']);
  });

  test('errors of the provider are limits where they are, and cost nothing', async () => {
    for (const [scenario, limits] of [
      ['err-429', ['rate']],
      ['err-500', []],
      ['err-401', ['login']],
      ['err-503', ['overloaded']],
      ['err-400', []],
    ] as const) {
      const driven = await run(scenario, scenario);
      assert.deepEqual(outcomes(driven), ['api-error'], `${scenario}: ${driven.code} ${driven.stderr}`);
      assert.deepEqual(
        of(driven, 'limited').map((event) => event.why),
        limits,
      );
      assert.deepEqual([...of(driven, 'usage'), ...of(driven, 'hidden')], []);
      assert.deepEqual(await billed(sandbox, scenario), {});
    }
    const late = await run('err-500-mid', 'err-500-mid');
    assert.deepEqual(outcomes(late), ['api-error']);
    await assertExact(sandbox, 'err-500-mid', [late]);
  });

  test('ends at the cap of turns that is in the operator’s settings', async () => {
    settings({ ...LOGIN, model: { maxSessionTurns: 2 } });
    const driven = await run('many-turns', 'turns');
    settings(LOGIN);
    assert.deepEqual(outcomes(driven), ['max-turns']);
    await assertExact(sandbox, 'turns', [driven]);
  });

  test('may do what its permission says', async () => {
    const file = join(sandbox.repository, 'out.txt');
    const withPermission = async (permission: 'plan' | 'ask' | 'acceptEdits', deny: string[] = []) => {
      rmSync(file, { force: true });
      const tools = { allow: [], deny };
      const driven = await run('tool-ok', 'permissions', { agent: agent({ permission, tools }) });
      assert.deepEqual(outcomes(driven), ['done'], driven.stderr);
      return existsSync(file);
    };
    assert.equal(await withPermission('plan'), false);
    assert.equal(await withPermission('ask'), false);
    assert.equal(await withPermission('acceptEdits'), true);
    assert.equal(await withPermission('acceptEdits', ['run_shell_command']), false);
  });

  test('goes through the wire', async () => {
    const driven = await run('tool-ok', 'wire', { wire: `${sandbox.url}/token` });
    assert.deepEqual(outcomes(driven), ['done'], driven.stderr);
    assert.ok(sandbox.requests('wire').every((request) => request.includes('"/token/google/v1beta/models/')));
    await assertExact(sandbox, 'wire', [driven]);
  });

  test('without a login it is limited', async () => {
    settings({});
    const driven = await run('hello', 'login');
    settings(LOGIN);
    assert.deepEqual(outcomes(driven), ['api-error']);
    assert.equal(of(driven, 'limited')[0]?.why, 'login');
  });

  function stageOf(name: string, scenario: string): Promise<Stage> {
    const maker = { engine: 'gemini', model: 'standard', permission: 'acceptEdits', tools: { deny: ['web_fetch'] } };
    const goal = `The answer is fixed. [[mock:${scenario}]]`;
    const path = `${dirname(program)}${delimiter}${process.env.PATH}`;
    return Stage.set(
      [{ name, front: { goal, agents: { maker } } }],
      {},
      { env: { ...environment(name), PATH: path }, inside: (argv) => sandbox.inside(argv) },
    );
  }

  test('as the maker of a run it turns the gate green, and the meter is exact', { timeout: 120_000 }, async () => {
    await using stage = await stageOf('green', 'fix');
    const said = await stage.cli('run', 'green', '--wait');
    assert.equal(said.code, 0, said.stderr + said.stdout);
    assert.deepEqual(await metered(stage), await billed(sandbox, 'green'));
    assert.equal((await stage.ls())[0]?.provenance, 'exact');
    const { trace } = await runOf(stage);
    const policy = join(stage.root, '.looptop', 'runs', 'green-1', '1-maker', 'gemini-policy.toml');
    assert.match(readFileSync(policy, 'utf8'), /web_fetch/);
    assert.deepEqual(
      trace.filter(({ kind }) => kind === 'unknown'),
      [],
    );
  });

  test('a cap holds by estimate while it runs, long before its bill', { timeout: 120_000 }, async (t) => {
    await using stage = await stageOf('cap', 'steps');
    // Its prompt is some 200 tokens, and three quarters of every output count: the second command is over the cap.
    const said = await stage.cli('run', 'cap', '--wait', '--set', 'budget.tokens=1500');
    assert.equal(said.code, 4, said.stderr + said.stdout);
    const [run] = await stage.ls();
    const { requests } = (await sandbox.ledger('cap')).models[FLASH] ?? { requests: 0 };
    t.diagnostic(`stopped at an estimate of ${run?.tokens.fresh} tokens, after ${requests} responses of 5`);
    assert.equal(run?.state, 'paused:budget');
    assert.ok(requests < 5, 'before it was done');
    assert.equal(run?.provenance, 'unknown', 'it was killed before its bill');
  });
});
