import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codex } from '../../../source/agents/codex/codex.ts';
import { agent, spec } from '../specs.ts';

const start = (permission: 'plan' | 'ask' | 'acceptEdits' | 'bypassPermissions', change = {}) =>
  codex.start(
    spec({ agent: agent({ engine: 'codex', permission }), model: 'gpt-6.1-sol', command: ['codex'], ...change }),
  );

test('a maker is an app-server behind the bridge, and its prompt stands in no argv', () => {
  const { argv, stdin, needs } = start('bypassPermissions', { prompt: 'SECRET' });
  assert.equal(needs, 'codex');
  assert.deepEqual(argv.slice(2), [
    ...['--model', 'gpt-6.1-sol', '--sandbox', 'danger-full-access', '--approvals', 'never'],
    ...['--', 'codex', 'app-server'],
  ]);
  assert.match(argv[1] ?? '', /codex-bridge\.ts$/);
  assert.deepEqual(stdin, { kind: 'live', first: '{"type":"prompt","text":"SECRET"}\n' });
});

test('a role that only reads is one shot, and reads its prompt from a stdin that ends', () => {
  const { argv, stdin } = start('plan', { prompt: 'SECRET' });
  assert.deepEqual(argv.slice(0, 3), ['codex', 'exec', '--json']);
  assert.equal(argv.at(-1), '-');
  assert.ok(argv.includes('sandbox_mode="read-only"'));
  assert.deepEqual(stdin, { kind: 'text', text: 'SECRET' });
  const resumed = start('plan', { resume: 't' }).argv;
  assert.deepEqual(resumed.slice(0, 3), ['codex', 'exec', 'resume']);
  assert.deepEqual(resumed.slice(-2), ['t', '-']);
});

test('permissions become a sandbox and the questions that are asked', () => {
  const rights = (permission: Parameters<typeof start>[0]) => start(permission).argv.slice(4, 8);
  assert.deepEqual(rights('ask'), ['--sandbox', 'workspace-write', '--approvals', 'untrusted']);
  assert.deepEqual(rights('acceptEdits'), ['--sandbox', 'workspace-write', '--approvals', 'never']);
});

test('on the wire, its provider is the proxy, in both modes', () => {
  for (const permission of ['plan', 'acceptEdits'] as const) {
    const wire = 'http://127.0.0.1:1/TOKEN';
    const provider = 'name="looptop",base_url="http://127.0.0.1:1/TOKEN/openai",wire_api="responses"';
    const keyed = start(permission, { wire, env: { OPENAI_API_KEY: 'key' } }).argv;
    assert.ok(keyed.includes('model_provider="looptop"'));
    assert.ok(keyed.includes(`model_providers.looptop={${provider},env_key="OPENAI_API_KEY"}`));
    for (const env of [{}, { OPENAI_API_KEY: '' }])
      assert.ok(
        start(permission, { wire, env }).argv.includes(
          `model_providers.looptop={${provider},requires_openai_auth=true}`,
        ),
      );
    assert.ok(!start(permission).argv.join(' ').includes('model_provider'));
  }
});

test('effort, an earlier session and a launcher of the operator’s are handed on', () => {
  const change = { agent: agent({ engine: 'codex', effort: 'high' }), resume: 't', command: ['nice', 'codex'] };
  const { argv, needs } = codex.start(spec(change));
  assert.ok(argv.join(' ').includes('--effort high --resume t -- nice codex app-server'));
  assert.equal(needs, 'nice');
});

test('it takes notes and interrupts, and holds no cap of its own', () => {
  assert.equal(codex.tell('Mind the gap.', null), '{"type":"tell","text":"Mind the gap.","ask":null}\n');
  assert.equal(codex.interrupt(), '{"type":"interrupt"}\n');
  assert.deepEqual(codex.abilities.caps, []);
});
