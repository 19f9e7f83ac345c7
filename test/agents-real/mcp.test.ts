/** The real CLIs with MCP servers: each starts those that its loop names and no others, and calls their tools; what it reports stands in the loop's progress. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Stage } from '../e2e/stage.ts';
import { install, installClaude, noNamespace, openSandbox, type Sandbox } from './sandbox.ts';

const REPORT = { text: 'tried the front door' };
/** As each engine calls a tool of a server. */
const calls = (engine: string, report: string, echo: string) => ({
  [engine]: [
    { text: 'I report.', call: [{ tool: report, args: REPORT }] },
    { text: 'I echo.', call: [{ tool: echo, args: { text: 'hello' } }] },
    { text: 'Done.' },
  ],
});
const script = (name: string, input: unknown) => ({
  tool: 'exec',
  input: `text(JSON.stringify(await tools.${name}(${JSON.stringify(input)})));`,
});
const SCENARIOS = {
  ...calls('claude', 'mcp__looptop__report_progress', 'mcp__fixture__echo'),
  // Its one tool takes JavaScript, which has the others.
  codex: [
    { text: 'I report.', call: [script('mcp__looptop__report_progress', REPORT)] },
    { text: 'I echo.', call: [script('mcp__fixture__echo', { text: 'hello' })] },
    { text: 'Done.' },
  ],
  gemini: [{ text: 'Nothing.', call: [{ shell: 'true' }] }, { text: 'Done.' }],
  ...calls('opencode', 'looptop_report_progress', 'fixture_echo'),
};
const ECHO = resolve('test/fixtures/mcp-echo.ts');
const why = await noNamespace();

describe('MCP servers of real CLIs', { skip: why ?? false }, () => {
  let sandbox: Sandbox;
  let programs: string[];
  /** Left behind by a server that no loop named. */
  const mine = () => join(sandbox.home, 'mine-was-started');
  before(
    async () => {
      programs = [
        await installClaude(),
        await install('@openai/codex', '0.169.0', 'codex'),
        await install('@google/gemini-cli', '0.61.0', 'gemini'),
        await install('opencode-ai', '1.18.33', 'opencode'),
      ];
      sandbox = await openSandbox(SCENARIOS);
      const { home, url } = sandbox;
      const server = { command: process.execPath, args: [ECHO, mine()] };
      const write = (path: string, text: string) => {
        mkdirSync(dirname(join(home, path)), { recursive: true });
        writeFileSync(join(home, path), text);
      };
      write('.claude.json', JSON.stringify({ mcpServers: { mine: { type: 'stdio', ...server, env: {} } } }));
      write(
        '.codex/config.toml',
        `model_provider = "mock"\n[model_providers.mock]\nname = "mock"\nbase_url = "${url}/v1"\nenv_key = "OPENAI_API_KEY"\nwire_api = "responses"\n[mcp_servers.mine]\ncommand = ${JSON.stringify(server.command)}\nargs = ${JSON.stringify(server.args)}\n`,
      );
      write(
        '.gemini/settings.json',
        JSON.stringify({ security: { auth: { selectedType: 'gemini-api-key' } }, mcpServers: { mine: server } }),
      );
      const options = { baseURL: `${url}/v1`, apiKey: '{env:MOCK_KEY}' };
      const mock = {
        npm: '@ai-sdk/openai-compatible',
        name: 'Mock',
        options,
        models: { 'mock-model': { name: 'Mock' } },
      };
      write(
        'opencode.json',
        JSON.stringify({
          provider: { mock },
          mcp: { mine: { type: 'local', command: [server.command, ...server.args] } },
        }),
      );
    },
    { timeout: 900_000 },
  );
  after(() => sandbox?.[Symbol.asyncDispose]());

  for (const [engine, model, permission] of [
    ['claude', 'sonnet', 'acceptEdits'],
    ['codex', 'standard', 'acceptEdits'],
    ['gemini', 'gemini-3.1-pro-preview', 'bypassPermissions'],
    ['opencode', 'mock/mock-model', 'acceptEdits'],
  ] as const) {
    test(`${engine} has looptop and what the loop names, and nothing else`, { timeout: 180_000 }, async () => {
      const maker = { engine, model, permission, tools: { allow: engine === 'claude' ? ['mcp__fixture'] : [] } };
      const front = {
        goal: `It is done. [[mock:${engine}]]`,
        gates: ['true'],
        agents: { maker },
        context: { mcp: ['looptop', 'fixture'] },
      };
      const fixture = { command: process.execPath, args: [ECHO], env: { ECHO_SECRET: "it's ${SHOP_KEY}" } };
      const unnamed = { command: process.execPath, args: [ECHO, mine()] };
      const files = { '.mcp.json': JSON.stringify({ mcpServers: { fixture, unnamed } }) };
      const env = {
        ...sandbox.environment(engine),
        OPENAI_API_KEY: engine,
        GEMINI_API_KEY: engine,
        GOOGLE_GEMINI_BASE_URL: sandbox.url,
        MOCK_KEY: engine,
        OPENCODE_CONFIG: join(sandbox.home, 'opencode.json'),
        SHOP_KEY: 'of $HOME',
        PATH: [...programs.map((program) => dirname(program)), process.env.PATH].join(delimiter),
      };
      await using stage = await Stage.set([{ name: engine, front }], files, {
        env,
        inside: (argv) => sandbox.inside(argv),
      });
      await stage.must('run', engine);
      const run = await stage.until(
        `${engine}-1`,
        ({ state }) =>
          state === 'review' || state === 'waiting' || state.startsWith('paused') || state.startsWith('failed'),
        120_000,
      );
      const out = readFileSync(join(stage.root, `.looptop/runs/${engine}-1/1-maker/out`), 'utf8');
      assert.equal(run.state, 'review', `${run.reason}\n${out.slice(-6000)}`);
      assert.equal(existsSync(mine()), false, 'nobody asked for that one');
      // It has no servers but those of its settings, and may not start them.
      if (engine === 'gemini') return;
      const progress = join(stage.root, `.looptop/progress/${engine}.md`);
      assert.ok(existsSync(progress), out.slice(-6000));
      assert.match(readFileSync(progress, 'utf8'), /tried the front door/);
      assert.ok(out.includes("hello it's of $HOME"), out.slice(-6000));
      if (engine === 'claude') {
        const init = JSON.parse(out.split('\n').find((line) => line.includes('"subtype":"init"')) ?? '{}');
        assert.deepEqual(init.mcp_servers.map(({ name }: { name: string }) => name).sort(), ['fixture', 'looptop']);
      }
    });
  }
});
