import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLoop } from '../../../source/loop/definition/parse.ts';
import { filledIn, type McpFile, readMcpFile } from '../../../source/supervisor/memory/mcp-file.ts';
import { revoke, trust, untrustedServers, whatItRuns } from '../../../source/supervisor/memory/trust.ts';
import { folder } from './folder.ts';

const GITHUB = { command: 'npx', args: ['-y', '${PKG:-server}'], env: { TOKEN: 'x${KEY}' } };
const file = (servers: unknown) => ({ '.mcp.json': JSON.stringify({ mcpServers: servers }) });
const server = (written: McpFile, name: string) => {
  const found = written.get(name);
  assert.ok(found !== undefined && 'hash' in found);
  return found;
};

test('variables are filled in from the operator’s environment, and one that is missing is said', async (t) => {
  const docs = { type: 'http', url: 'https://${HOST}/mcp', headers: { Authorization: 'Bearer ${KEY}' } };
  const written = await readMcpFile(await folder(t, file({ github: GITHUB, docs })));
  assert.deepEqual(filledIn(server(written, 'github'), { KEY: '$(id)' }), {
    ...{ name: 'github', type: 'stdio', command: 'npx', args: ['-y', 'server'], env: { TOKEN: 'x$(id)' } },
  });
  assert.throws(
    () => filledIn(server(written, 'docs'), { KEY: 'k' }),
    /docs needs the variable HOST, which is not set/,
  );
});

test('what is no server is said by name, and no file is no server', async (t) => {
  assert.equal((await readMcpFile(await folder(t))).size, 0);
  const written = await readMcpFile(
    await folder(t, file({ a: { args: [] }, b: { command: 'x', env: { 'A;id': 'y' } } })),
  );
  assert.match(JSON.stringify(written.get('a')), /a: expected a command/);
  assert.match(JSON.stringify(written.get('b')), /b/);
  assert.ok('wrong' in (written.get('b') ?? {}), 'a name that a shell would read is none of a variable');
  await assert.rejects(readMcpFile(await folder(t, { '.mcp.json': '{' })), /\.mcp\.json is no JSON/);
});

test('a server is trusted with exactly what stands there, whatever the order of its keys', async (t) => {
  const [root, config] = [await folder(t, file({ github: GITHUB, other: GITHUB })), await folder(t)];
  const written = await readMcpFile(root);
  const untrusted = (now: McpFile) => untrustedServers(root, ['github', 'looptop'], now, config);
  assert.deepEqual(await untrusted(written), ['github'], 'our own needs no trust');
  await trust(root, [], config, [server(written, 'github')]);
  assert.deepEqual(await untrusted(written), []);
  assert.deepEqual(await untrustedServers(root, ['other'], written, config), ['other']);
  const turned = { env: GITHUB.env, args: GITHUB.args, command: GITHUB.command };
  assert.deepEqual(await untrusted(await readMcpFile(await folder(t, file({ github: turned })))), []);
  for (const change of [{ args: ['-y', 'evil'] }, { env: { TOKEN: 'y' } }, { cwd: '/' }, { command: 'sh' }])
    assert.deepEqual(await untrusted(await readMcpFile(await folder(t, file({ github: { ...GITHUB, ...change } })))), [
      'github',
    ]);
  assert.deepEqual(await untrusted(new Map()), ['github']);
  await revoke(root, config);
  assert.deepEqual(await untrusted(written), ['github']);
});

test('what it would start is shown, without its secrets', async (t) => {
  const env = { TOKEN: 'abc', HOME_TOKEN: '${KEY}', NODE_OPTIONS: '--require ./x.js' };
  const written = await readMcpFile(await folder(t, file({ github: { ...GITHUB, env } })));
  const text = `---\nname: a\non: manual\ngoal: All is green.\ngates: [npm test]\nisolation: { type: worktree, teardown: npm stop }\ncontext: { mcp: [github, looptop], progress: notes.md }\n---\nDo it.\n`;
  const { definition } = parseLoop(text, 'loops/a.md');
  assert.ok(definition);
  const runs = whatItRuns(definition, written);
  assert.ok(runs.includes("MCP server looptop: looptop's own"));
  assert.ok(runs.includes('teardown: npm stop'));
  assert.ok(runs.includes('writes: notes.md'));
  assert.ok(
    runs.includes(
      'MCP server github: npx -y ${PKG:-server} (TOKEN=(hidden), HOME_TOKEN=${KEY}, NODE_OPTIONS=--require ./x.js)',
    ),
    runs.join('\n'),
  );
});
