/** Real agents that speak ACP, through our bridge, against a provider that keeps a ledger: exact where they tell, unknown where they hide. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { acp } from '../../source/agents/acp.ts';
import type { StartSpec } from '../../source/agents/engine.ts';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import { type Driven, type Driver, drive } from '../agents/drive.ts';
import { billOf } from '../agents/recordings.ts';
import { agent, spec } from '../agents/specs.ts';
import { Stage } from '../e2e/stage.ts';
import { assertExact, assertHides, billed, metered, of, outcomes, runOf } from './metered.ts';
import { install, noNamespace, openSandbox, type Sandbox } from './sandbox.ts';

const SCENARIOS = {
  fix: [
    { text: 'Now I fix it.', call: [{ shell: 'sleep 5; echo fixed > answer.txt' }] },
    { text: 'The answer is fixed.' },
  ],
  'short-tool': [{ text: 'A command.', call: [{ shell: 'echo begin; sleep 4; echo end' }] }, { text: 'It ended.' }],
  'tool-then-stream': [
    { text: 'One tool first.', call: [{ shell: 'echo one' }] },
    // No two words alike: gemini breaks off what looks like a loop.
    { text: Array.from({ length: 100 }, (_, n) => `word${n}`).join(' '), chunk: 10, chunkMs: 200 },
  ],
};

interface Kind {
  readonly name: string;
  readonly npm: string;
  readonly version: string;
  readonly args: readonly string[];
  /** What the sandbox's home needs. */
  settle(sandbox: Sandbox): void;
  environment(sandbox: Sandbox, account: string): Record<string, string>;
  readonly models: readonly [string, string];
  /** What a plain turn hides; nothing where the meter is exact. */
  readonly hides: readonly string[];
}

const CUT = 'a turn that did not end';

const write = (sandbox: Sandbox, file: string, text: string) => {
  mkdirSync(join(sandbox.home, file, '..'), { recursive: true });
  writeFileSync(join(sandbox.home, file), text);
};

const KINDS: readonly Kind[] = [
  {
    name: 'grok',
    npm: '@xai-official/grok',
    version: '1.0.41',
    args: ['agent', 'stdio'],
    models: ['mock-model', 'mock-strong'],
    hides: [],
    settle(sandbox) {
      const model = (name: string) =>
        `[model.${name}]\nmodel = "${name}"\nbase_url = "${sandbox.url}/v1"\nenv_key = "XAI_API_KEY"\ncontext_window = 200000\n`;
      const rest = '[models]\ndefault = "mock-model"\n[features]\nremote_fetch = false\n';
      write(sandbox, '.grok/config.toml', `${['mock-model', 'mock-strong'].map(model).join('')}${rest}`);
    },
    environment: (_, account) => ({ XAI_API_KEY: account }),
  },
  {
    name: 'gemini',
    npm: '@google/gemini-cli',
    version: '0.61.0',
    args: ['--acp', '--skip-trust', '-m', 'gemini-3.8-flash'],
    models: ['gemini-3.8-flash', 'gemini-3.1-pro-preview'],
    hides: ['what came from the cache, and what the model thought: gemini tells only sums over ACP'],
    settle: (sandbox) =>
      write(
        sandbox,
        '.gemini/settings.json',
        JSON.stringify({ security: { auth: { selectedType: 'gemini-api-key' } }, general: { maxAttempts: 2 } }),
      ),
    environment: (sandbox, account) => ({ GOOGLE_GEMINI_BASE_URL: sandbox.url, GEMINI_API_KEY: account }),
  },
  {
    name: 'opencode',
    npm: 'opencode-ai',
    version: '1.18.33',
    args: ['acp'],
    models: ['mock/mock-model', 'mock/mock-strong'],
    hides: [
      'the session’s title, sub-agents, and all responses of a turn but the last: opencode tells no more over ACP',
    ],
    settle(sandbox) {
      const options = { baseURL: `${sandbox.url}/v1`, apiKey: '{env:MOCK_KEY}' };
      const models = { 'mock-model': { name: 'Mock' }, 'mock-strong': { name: 'Strong' } };
      const mock = { npm: '@ai-sdk/openai-compatible', name: 'Mock', options, models };
      write(sandbox, 'opencode.json', JSON.stringify({ model: 'mock/mock-model', provider: { mock } }));
    },
    environment: (sandbox, account) => ({
      OPENCODE_CONFIG: join(sandbox.home, 'opencode.json'),
      OPENCODE_DISABLE_AUTOUPDATE: 'true',
      MOCK_KEY: account,
    }),
  },
];

const why = await noNamespace();

for (const kind of KINDS) {
  describe(`acp with ${kind.name}`, { skip: why ?? false }, () => {
    let sandbox: Sandbox;
    let program: string;
    before(
      async () => {
        program = await install(kind.npm, kind.version, kind.name);
        sandbox = await openSandbox(SCENARIOS);
        kind.settle(sandbox);
      },
      { timeout: 900_000 },
    );
    after(() => sandbox?.[Symbol.asyncDispose]());

    async function run(
      scenario: string,
      account: string,
      change: Partial<StartSpec> = {},
      on: (event: AgentEvent, driver: Driver) => void = () => undefined,
    ): Promise<Driven> {
      const start = { command: [program, ...kind.args], model: 'standard', prompt: `Do it. [[mock:${scenario}]]` };
      const launch = acp.start(spec({ ...start, ...change }));
      const env = { ...sandbox.environment(account), ...kind.environment(sandbox, account) };
      const options = { cwd: sandbox.repository, env, limitMs: 90_000, on };
      return drive({ ...launch, argv: sandbox.inside(launch.argv) }, acp.reader(), options);
    }

    /** To the token where the agent tells everything; never more than was billed, and a word about it, where it does not. */
    async function assertMeter(account: string, runs: readonly Driven[]): Promise<void> {
      if (kind.hides.length === 0) return assertExact(sandbox, account, runs);
      assertHides(runs, kind.hides);
      const all = Object.values(await billed(sandbox, account)).reduce((sum, { output }) => sum + output, 0);
      const told = runs
        .flatMap(({ events }) => Object.values(billOf(events)))
        .reduce((sum, { output }) => sum + output, 0);
      assert.ok(told > 0 && told <= all, `${told} of ${all}`);
    }

    const sessionOf = (driven: Driven) => of(driven, 'started')[0]?.session ?? null;

    test('runs tools that it asks leave for, and is billed', async () => {
      const driven = await run('two-tools', 'two');
      assert.deepEqual(outcomes(driven), ['done'], driven.stderr);
      assert.deepEqual(of(driven, 'unknown'), []);
      assert.deepEqual(
        of(driven, 'observed').map(({ id, ok }) => [id, ok]),
        of(driven, 'acted').map(({ id }) => [id, true]),
      );
      assert.equal(of(driven, 'acted').length, 2);
      assert.equal(driven.code, 0, driven.stderr);
      await assertMeter('two', [driven]);
    });

    test('resumes, with the same model and with another, and takes a note', async () => {
      const first = await run('remember', 'resume');
      const resume = sessionOf(first);
      // Gemini 0.61.0 names a session's file by its minute, and overwrites it before it reads it when that is the same.
      if (kind.name === 'gemini') await sleep((61 - new Date().getSeconds()) * 1000);
      const second = await run('second', 'resume', { resume, model: kind.models[1] }, (event, driver) => {
        if (event.type === 'acted') driver.write(acp.tell('More. [[mock:hello]]', null));
      });
      assert.deepEqual(outcomes(first), ['done'], first.stderr);
      assert.deepEqual(outcomes(second), ['done', 'done'], second.stderr);
      assert.deepEqual(of(second, 'started')[0], { type: 'started', session: resume, model: kind.models[1] });
      assert.deepEqual(
        of(second, 'heard').map(({ text }) => text),
        ['More. [[mock:hello]]'],
      );
      assert.ok(!of(second, 'said').some(({ text }) => text.includes('PLUM')), 'the replay is no news');
      await assertMeter('resume', [first, second]);
    });

    // Opencode's start takes seconds: what follows is the bridge's doing, and two agents show it.
    if (kind.name === 'opencode') return;

    test('tells a failing command, a huge line and every script of the world', async () => {
      const fail = await run('tool-fail', 'fail');
      assert.deepEqual(outcomes(fail), ['done'], fail.stderr);
      // Gemini tells nobody what a command printed, nor how it ended.
      const tells = kind.name === 'grok';
      if (tells) assert.match(of(fail, 'observed')[0]?.output ?? '', /No such file or directory/);
      assert.equal(of(fail, 'observed')[0]?.ok, !tells);
      const unicode = await run('unicode', 'unicode');
      if (tells) assert.match(of(unicode, 'observed')[0]?.output ?? '', /二行目 🎉/);
      const huge = await run('huge-line', 'huge');
      assert.deepEqual([fail, unicode, huge].map(outcomes), [['done'], ['done'], ['done']]);
      for (const [account, driven] of Object.entries({ fail, unicode, huge })) await assertMeter(account, [driven]);
    });

    test('asks a person, and does without what is refused', async () => {
      const file = join(sandbox.repository, 'out.txt');
      for (const answer of ['yes', 'no']) {
        rmSync(file, { force: true });
        const change = { agent: agent({ permission: 'ask' }) };
        const driven = await run('tool-ok', `ask-${answer}`, change, (event, driver) => {
          if (event.type === 'asked') driver.write(acp.tell(answer, event.id));
        });
        assert.match(of(driven, 'asked')[0]?.question ?? '', /echo hi > out\.txt/);
        assert.equal(of(driven, 'answered').length, 1);
        assert.equal(existsSync(file), answer === 'yes', driven.stderr);
      }
    });

    test('stops politely in mid-stream, and says so', async () => {
      const driven = await run('tool-then-stream', 'interrupt', {}, (event, driver) => {
        if (event.type === 'observed') setTimeout(() => driver.write(acp.interrupt()), 1500);
      });
      assert.deepEqual(outcomes(driven), ['interrupted'], driven.stderr);
      assert.equal((await sandbox.ledger('interrupt')).aborted, 1);
    });

    test('killed in mid-tool and in mid-stream, it says that a turn is hidden', async () => {
      for (const [scenario, at] of [
        ['short-tool', 'acted'],
        ['tool-then-stream', 'observed'],
      ] as const) {
        const driven = await run(scenario, `kill-${scenario}`, {}, (event, driver) => {
          if (event.type === at) setTimeout(() => driver.kill('SIGTERM'), 1000);
        });
        assert.deepEqual([driven.code, outcomes(driven)], [143, ['interrupted']]);
        assertHides([driven], [CUT]);
      }
    });

    for (const [scenario, limits] of [
      ['err-429', ['rate']],
      ['err-500', []],
    ] as const) {
      test(`${scenario}: an error of the provider in bounded time`, async () => {
        const driven = await run(scenario, scenario);
        assert.deepEqual(
          of(driven, 'limited').map((event) => event.why),
          limits,
          JSON.stringify(driven.lines),
        );
        assert.deepEqual(outcomes(driven), ['api-error']);
      });
    }

    test('as the maker of a run it turns the gate green, and a note reaches it', { timeout: 180_000 }, async () => {
      const configuration = JSON.stringify({ engines: { acp: { command: [program, ...kind.args] } } });
      write(sandbox, 'config/looptop/config.json', configuration);
      const maker = { engine: 'acp', model: 'standard', permission: 'bypassPermissions' };
      const front = { goal: 'The answer is fixed. [[mock:fix]]', agents: { maker } };
      const environment = { ...sandbox.environment('green'), ...kind.environment(sandbox, 'green') };
      const env = { ...environment, XDG_CONFIG_HOME: join(sandbox.home, 'config') };
      const inside = (argv: readonly string[]) => sandbox.inside(argv);
      await using stage = await Stage.set([{ name: 'green', front }], {}, { env, inside });
      const running = stage.cli('run', 'green', '--wait');
      while (!(await runOf(stage).catch(() => null))?.trace.some((entry) => entry.kind === 'act')) await sleep(200);
      assert.equal((await stage.cli('note', 'green-1', 'Go on. [[mock:hello]]')).code, 0);
      const said = await running;
      assert.equal(said.code, 0, said.stderr + said.stdout);
      const run = await runOf(stage);
      assert.deepEqual(
        run.notes.map(({ state }) => state),
        ['heard'],
      );
      const exact = kind.hides.length === 0;
      if (exact) assert.deepEqual(await metered(stage), await billed(sandbox, 'green'));
      assert.equal((await stage.ls())[0]?.provenance, exact ? 'exact' : 'unknown');
    });

    test('a model that there is not fails in words', async () => {
      const driven = await run('hello', 'model', { model: 'no-such-model' });
      const [end] = of(driven, 'ended');
      // Gemini takes any name, and the mock knows every model.
      if (kind.name === 'grok') assert.match(end?.error ?? '', /no-such-model.*mock-strong/s);
      else assert.ok(end);
    });

    if (kind.name === 'grok')
      test('counts its sub-agents, and says that the title of their session is hidden', async () => {
        const driven = await run('subagent', 'subagent');
        assertHides([driven], ['the title of a sub-agent’s session']);
        const [told] = Object.values(billOf(driven.events));
        const [all] = Object.values(await billed(sandbox, 'subagent'));
        assert.deepEqual([told?.input, told?.output], [(all?.input ?? 0) - 84, (all?.output ?? 0) - 17]);
      });
  });
}
