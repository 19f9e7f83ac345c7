/** What each engine is told of MCP servers. No secret stands in a command line, and nobody gets a server that was not named. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { claude } from '../../../source/agents/claude.ts';
import { codex } from '../../../source/agents/codex/codex.ts';
import type { Engine } from '../../../source/agents/engine.ts';
import { gemini } from '../../../source/agents/gemini.ts';
import { codexServers } from '../../../source/agents/mcp/codex.ts';
import { opencodeSettings } from '../../../source/agents/mcp/opencode.ts';
import { type McpServer, type McpServers, wrapped } from '../../../source/agents/mcp/server.ts';
import { opencode } from '../../../source/agents/opencode.ts';
import { shell } from '../../../source/agents/shell.ts';
import { agent, spec } from '../specs.ts';

const SECRET = "p'4$$w0rd";
const local: McpServer = { name: 'github', type: 'stdio', command: 'npx', args: ['-y', 'x y'], env: { TOKEN: SECRET } };
const bare: McpServer = { name: 'files', type: 'stdio', command: 'files', args: [], env: {} };
const remote: McpServer = {
  name: 'docs',
  type: 'http',
  url: 'https://docs.example/mcp',
  headers: { Authorization: SECRET },
};
const ours: McpServer = {
  name: 'looptop',
  type: 'stdio',
  command: 'node',
  args: ['mcp.js'],
  env: { LOOPTOP_RUN: 'abc' },
};
const mcp: McpServers = { servers: [local, bare, remote], others: ['old'] };
const started = (engine: Engine, change: Parameters<typeof spec>[0] = {}) =>
  engine.start(
    spec({ promptFile: '/run/prompt.md', mcp, agent: agent(engine === shell ? { run: 'fix' } : {}), ...change }),
  );

test('claude gets a file of them, and no others', () => {
  const { argv, files } = started(claude);
  assert.deepEqual(argv.slice(-3), ['--mcp-config', '/run/mcp.json', '--strict-mcp-config']);
  const { mcpServers } = JSON.parse(files?.['mcp.json'] ?? '');
  assert.deepEqual(mcpServers.github, { type: 'stdio', command: 'npx', args: ['-y', 'x y'], env: { TOKEN: SECRET } });
  assert.deepEqual(mcpServers.docs, {
    type: 'http',
    url: 'https://docs.example/mcp',
    headers: { Authorization: SECRET },
  });
  const none = started(claude, { mcp: { servers: [], others: [] } });
  assert.deepEqual(none.argv.slice(-3), ['--mcp-config', '/run/mcp.json', '--strict-mcp-config']);
  assert.deepEqual(JSON.parse(none.files?.['mcp.json'] ?? ''), { mcpServers: {} });
});

test('the tools of our own server need nobody’s leave, those of others do', () => {
  const { argv } = started(claude, {
    mcp: { servers: [bare, ours], others: [] },
    agent: agent({ tools: { allow: ['Read'], deny: [] } }),
  });
  assert.deepEqual(argv.slice(argv.indexOf('--allowedTools') + 1).slice(0, 2), ['Read', 'mcp__looptop']);
  assert.ok(!started(claude).argv.includes('--allowedTools'));
});

test('codex gets them key by key, and those of its own settings switched off', () => {
  for (const permission of ['plan', 'acceptEdits'] as const) {
    const { argv, env } = started(codex, { agent: agent({ permission }) });
    const set = argv.filter((word) => word.startsWith('mcp_servers.'));
    assert.ok(
      set.includes(
        'mcp_servers.github.args=["-c",". \\"$0\\" && exec \\"$@\\"","/run/mcp-github.env","npx","-y","x y"]',
      ),
      set.join('\n'),
    );
    assert.ok(set.includes('mcp_servers.files.command="files"'));
    assert.ok(set.includes('mcp_servers.docs.env_http_headers={"Authorization"="LOOPTOP_MCP_DOCS_0"}'));
    assert.equal(env.LOOPTOP_MCP_DOCS_0, SECRET);
    assert.equal(set.includes('mcp_servers.files.default_tools_approval_mode="approve"'), permission === 'acceptEdits');
    assert.equal(set.includes('mcp_servers.docs.default_tools_approval_mode="approve"'), permission === 'acceptEdits');
    assert.ok(set.includes('mcp_servers.old.enabled=false'));
    const own = started(codex, { mcp: { servers: [ours], others: [] }, agent: agent({ permission }) }).argv;
    assert.ok(own.includes('mcp_servers.looptop.default_tools_approval_mode="approve"'));
  }
});

test('gemini may start these names of its own settings only', () => {
  const named = (servers: readonly McpServer[]) => {
    const { argv } = started(gemini, { mcp: { servers, others: [] } });
    return argv.flatMap((word, at) => (argv[at - 1] === '--allowed-mcp-server-names' ? [word] : []));
  };
  assert.deepEqual(named(mcp.servers), ['github', 'files', 'docs']);
  assert.deepEqual(named([]), ['looptop-none'], 'an empty list would allow all');
});

test('a server of a name that the settings have, too, goes by another: what is laid over it would be half of each', () => {
  const same = { servers: [bare], others: ['files'] };
  const { argv } = started(codex, { mcp: same });
  assert.ok(
    argv.includes('mcp_servers.files-loop.command="files"') && argv.includes('mcp_servers.files.enabled=false'),
  );
  const config = JSON.parse(started(opencode, { mcp: same }).env.OPENCODE_CONFIG_CONTENT ?? '').mcp;
  assert.deepEqual([config.files, config['files-loop'].type], [{ enabled: false }, 'local']);
});

test('opencode gets them in its environment, with secrets in files, and the others switched off', () => {
  const { env, files } = started(opencode);
  const config = JSON.parse(env.OPENCODE_CONFIG_CONTENT ?? '').mcp;
  assert.deepEqual(config.files, { type: 'local', command: ['files'], enabled: true, timeout: 3_600_000 });
  assert.deepEqual(config.docs.headers, { Authorization: '{file:/run/mcp-docs.0}' });
  assert.equal(files?.['mcp-docs.0'], SECRET);
  assert.deepEqual(config.old, { enabled: false });
});

test('a command is told in a variable where the file is', () => {
  const { env, files } = started(shell);
  assert.equal(env.LOOPTOP_MCP, '/run/mcp.json');
  assert.deepEqual(Object.keys(JSON.parse(files?.['mcp.json'] ?? '').mcpServers), ['github', 'files', 'docs']);
});

test('no secret stands in any command line', () => {
  for (const engine of [claude, codex, gemini, opencode, shell])
    assert.ok(!JSON.stringify(started(engine).argv).includes('w0rd'), engine.name);
});

test('a loop that says nothing of them leaves every engine to its own settings', () => {
  for (const engine of [claude, codex, gemini, opencode, shell]) {
    const { argv, env, files } = started(engine, { mcp: null });
    assert.ok(!/mcp/i.test(JSON.stringify([argv.slice(1), Object.keys(env)])), engine.name);
    assert.deepEqual(files ?? {}, {}, engine.name);
  }
});

test('whatever a secret is made of, the wrapped server gets exactly it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'looptop-mcp-'));
  try {
    const value = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\0', ''));
    fc.assert(
      fc.property(value, value, (secret, argument) => {
        const script = 'process.stdout.write(JSON.stringify([process.env.SECRET, process.argv[1]]))';
        const server = {
          name: 'a',
          type: 'stdio',
          command: process.execPath,
          args: ['-e', script, '--', argument],
          env: { SECRET: secret },
        } as const;
        const { argv, files } = wrapped(server, folder);
        for (const [name, text] of Object.entries(files)) {
          writeFileSync(join(folder, name), text);
          chmodSync(join(folder, name), 0o600);
        }
        const [program, ...args] = argv;
        assert.deepEqual(JSON.parse(execFileSync(program, args, { encoding: 'utf8' })), [
          secret.toWellFormed(),
          argument.toWellFormed(),
        ]);
      }),
      { numRuns: 15 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the names of codex’s own servers are found in its settings', () => {
  const text =
    '[mcp_servers.a]\ncommand="x"\n[mcp_servers.a.env]\nK="v"\n[ mcp_servers . "b c" ]\nurl="y"\n[model_providers.no]\n# [mcp_servers.comment]\n';
  assert.deepEqual(codexServers(text), ['a', 'b c']);
  assert.deepEqual(codexServers('mcp_servers.d = { command = "x" }\n'), ['d']);
});

test('and those of opencode’s, comments and trailing commas and all', () => {
  const text = '{ // mine\n "mcp": { "a": { "type": "remote", "url": "https://x//y" }, /* "b": {}, */ "c": {}, }, }';
  assert.deepEqual(opencodeSettings.names(text), ['a', 'c']);
  assert.deepEqual(opencodeSettings.names('{'), []);
});
