/** The real opencode, driven by our engine and by our supervisor, against a provider that keeps a ledger. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { StartSpec } from '../../source/agents/engine.ts';
import { opencode } from '../../source/agents/opencode.ts';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import type { Permission } from '../../source/loop/definition/definition.ts';
import { type Driven, type Driver, drive } from '../agents/drive.ts';
import { agent, spec } from '../agents/specs.ts';
import { Stage } from '../e2e/stage.ts';
import { assertExact, assertHides, billed, metered, of, outcomes, runOf } from './metered.ts';
import { install, noNamespace, openSandbox, type Sandbox } from './sandbox.ts';

/** What source/agents/opencode*.ts was measured against. */
const VERSION = '1.18.33';
const MODEL = 'mock/mock-model';
const STRONG = 'mock/mock-strong';

const CUT = 'a response that was cut';
const SUB_AGENTS = 'what sub-agents spend';

const SCENARIOS = {
  'short-tool': [{ text: 'A command.', call: [{ shell: 'echo begin; sleep 4; echo end' }] }, { text: 'It ended.' }],
  'tool-then-stream': [
    { text: 'One tool first.', call: [{ shell: 'echo one' }] },
    { text: Array.from({ length: 100 }, (_, n) => `word${n}`).join(' '), chunk: 10, chunkMs: 200 },
  ],
  delegate: [
    { text: 'Delegating.', call: [{ agent: 'Count the files. [[mock:sub-worker]]', type: 'general' }] },
    { text: 'The helper is done.' },
  ],
  fix: [{ text: 'Now I fix it.', call: [{ shell: 'echo fixed > answer.txt' }] }, { text: 'The answer is fixed.' }],
  outside: [{ text: 'Looking around.', call: [{ read: '/etc/hostname' }] }, { text: 'I may not.' }],
};

const why = await noNamespace();

describe('opencode', { skip: why ?? false }, () => {
  let sandbox: Sandbox;
  let program: string;
  before(
    async () => {
      program = await install('opencode-ai', VERSION, 'opencode');
      sandbox = await openSandbox(SCENARIOS);
      const options = { baseURL: `${sandbox.url}/v1`, apiKey: '{env:MOCK_KEY}' };
      const models = { 'mock-model': { name: 'Mock' }, 'mock-strong': { name: 'Strong' } };
      const mock = { npm: '@ai-sdk/openai-compatible', name: 'Mock', options, models };
      writeFileSync(configuration(), JSON.stringify({ provider: { mock } }));
    },
    { timeout: 900_000 },
  );
  after(() => sandbox?.[Symbol.asyncDispose]());

  /** The operator's own configuration. */
  const configuration = () => join(sandbox.home, 'opencode.json');

  const environment = (account: string) => ({
    ...sandbox.environment(account),
    OPENCODE_CONFIG: configuration(),
    MOCK_KEY: account,
    // As a supervisor's may be that was started elsewhere.
    PWD: '/',
  });

  /** Runs one process on an account of its own; the prompt names the mock's scenario. */
  async function run(
    scenario: string,
    account: string,
    change: Partial<StartSpec> = {},
    on: (event: AgentEvent, driver: Driver) => void = () => undefined,
    limitMs = 120_000,
  ): Promise<Driven> {
    const start = spec({
      model: MODEL,
      prompt: `Do it. [[mock:${scenario}]]`,
      worktree: sandbox.repository,
      command: [program],
      ...change,
    });
    const launch = opencode.start(start);
    const env = { ...environment(account), ...launch.env };
    const options = { cwd: sandbox.repository, env, limitMs, on };
    return drive({ ...launch, argv: sandbox.inside(launch.argv) }, opencode.reader({ model: start.model }), options);
  }

  const sessionOf = (driven: Driven) => of(driven, 'started')[0]?.session ?? null;

  test('runs a tool in its folder, says done, and costs what was billed, title and all', async () => {
    const driven = await run('tool-ok', 'success');
    assert.deepEqual(outcomes(driven), ['done'], driven.stderr);
    assert.equal(readFileSync(join(sandbox.repository, 'out.txt'), 'utf8'), 'hi\n');
    assert.equal(of(driven, 'started')[0]?.model, MODEL);
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
      if (scenario.startsWith('tool-')) assert.equal(of(driven, 'observed')[0]?.ok, false);
      if (scenario === 'unicode') assert.match(of(driven, 'said')[0]?.text ?? '', /日本語の行 – 🚀/);
    }
  });

  test('what a sub-agent spends is in no line, and it says so', async () => {
    const driven = await run('delegate', 'delegate');
    assert.deepEqual(outcomes(driven), ['done'], driven.stderr);
    assert.equal(of(driven, 'acted')[0]?.tool, 'task');
    assert.equal((await sandbox.ledger('delegate')).models['mock-model']?.requests, 4);
    assertHides([driven], [SUB_AGENTS]);
  });

  test('resumes, with the same model and with another, and the meters of all processes add up', async () => {
    const first = await run('remember', 'resume');
    const resume = sessionOf(first);
    const second = await run('second', 'resume', { resume });
    const third = await run('second', 'resume', { resume, model: STRONG });
    assert.deepEqual([first, second, third].map(outcomes), [['done'], ['done'], ['done']], third.stderr);
    assert.deepEqual([second, third].map(sessionOf), [resume, resume]);
    const last = sandbox.requests('resume').at(-1) ?? '';
    assert.ok(last.includes('PLUM'), 'the conversation goes on');
    await assertExact(sandbox, 'resume', [first, second, third]);
    assert.deepEqual(Object.keys(await billed(sandbox, 'resume')), ['mock-model', 'mock-strong']);
  });

  test('an unknown session to resume fails in words', async () => {
    const driven = await run('hello', 'unknown', { resume: 'ses_doesnotexist0000000000' });
    assert.deepEqual(outcomes(driven), ['failed']);
    assert.match(of(driven, 'ended')[0]?.error ?? '', /its stderr says why/);
    assert.match(driven.stderr, /Session not found/);
  });

  test('killed in mid-tool and in mid-stream, it does not know what the last response cost', async () => {
    const tool = await run('short-tool', 'kill-tool', {}, (event, driver) => {
      if (event.type === 'said') setTimeout(() => driver.kill('SIGKILL'), 500);
    });
    assert.deepEqual([tool.code, ...outcomes(tool)], [137, 'failed']);
    assertHides([tool], [CUT]);
    const stream = await run('tool-then-stream', 'kill-stream', {}, (event, driver) => {
      if (event.type === 'usage') setTimeout(() => driver.kill('SIGTERM'), 2500);
    });
    assert.deepEqual([stream.code, ...outcomes(stream)], [143, 'interrupted']);
    assert.equal(of(stream, 'usage').length, 1);
    assertHides([stream], [CUT]);
  });

  test('killed before its first answer it does not know either', async () => {
    // It retries in silence, for a minute.
    const driven = await run('err-500', 'kill-retry', {}, () => undefined, 20_000);
    assert.deepEqual(of(driven, 'usage'), []);
    assert.equal(driven.code, 137);
    assertHides([driven], [CUT]);
  });

  test('a stream that breaks is tried again, in silence but for its second beginning', async () => {
    const driven = await run('cut-late', 'cut');
    assert.deepEqual(outcomes(driven), ['done'], driven.stderr);
    assert.equal((await sandbox.ledger('cut')).aborted, 1);
    assertHides([driven], [CUT]);
  });

  test('errors of the provider are limits where they are, and cost nothing', async () => {
    for (const [scenario, limits] of [
      ['err-400', []],
      ['err-401', [['login', null]]],
      ['err-429', [['rate', 1000]]],
    ] as const) {
      const driven = await run(scenario, scenario);
      assert.deepEqual(outcomes(driven), ['api-error'], `${scenario}: ${driven.code} ${driven.stderr}`);
      assert.deepEqual(
        of(driven, 'limited').map((event) => [event.why, event.inMs]),
        limits,
      );
      assert.deepEqual([...of(driven, 'usage'), ...of(driven, 'hidden')], []);
      assert.deepEqual(await billed(sandbox, scenario), {});
    }
  });

  test('may do what its permission says, and is not ended by what it may not', async () => {
    const file = join(sandbox.repository, 'out.txt');
    const withPermission = async (permission: Permission, deny: string[] = []) => {
      rmSync(file, { force: true });
      const tools = { allow: [], deny };
      const driven = await run('tool-ok', 'permissions', { agent: agent({ permission, tools }) });
      assert.deepEqual(outcomes(driven), ['done'], driven.stderr);
      return existsSync(file);
    };
    assert.equal(await withPermission('plan'), false);
    assert.equal(await withPermission('acceptEdits'), true);
    assert.equal(await withPermission('bypassPermissions', ['bash(echo *)']), false);
    const outside = await run('outside', 'outside', { agent: agent({ permission: 'acceptEdits' }) });
    assert.match(outside.stderr, /auto-rejecting/);
    assert.equal(of(outside, 'observed')[0]?.ok, false);
    assert.deepEqual(outcomes(outside), ['done']);
    await assertExact(sandbox, 'outside', [outside]);
  });

  test('goes through the wire, with the rest of the operator’s provider as it was', async () => {
    const driven = await run('tool-ok', 'wire', { wire: `${sandbox.url}/token` });
    assert.deepEqual(outcomes(driven), ['done'], driven.stderr);
    assert.ok(sandbox.requests('wire').every((request) => request.includes('"/token/mock/chat/completions"')));
    await assertExact(sandbox, 'wire', [driven]);
  });

  function stageOf(name: string, scenario: string): Promise<Stage> {
    const maker = { engine: 'opencode', model: MODEL, permission: 'acceptEdits' };
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
    assert.equal((await stage.git('show', 'loop/green-1:answer.txt')).stdout, 'fixed\n');
    const { trace } = await runOf(stage);
    assert.deepEqual(
      trace.filter(({ kind }) => kind === 'unknown'),
      [],
    );
  });

  test('as a maker with a sub-agent its meter calls itself unknown', { timeout: 120_000 }, async () => {
    await using stage = await stageOf('delegating', 'delegate');
    await stage.cli('run', 'delegating', '--wait', '--set', 'budget.passes=1');
    const [run] = await stage.ls();
    assert.equal(run?.provenance, 'unknown');
    const all = await billed(sandbox, 'delegating');
    assert.ok((run?.tokens.input ?? 0) < (all['mock-model']?.input ?? 0), 'a lower bound');
  });
});
