/** How grok is started. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grok } from '../../source/agents/grok.ts';
import { agent, spec } from './specs.ts';

const start = (change: Parameters<typeof spec>[0] = {}) =>
  grok.start(spec({ command: ['grok'], model: 'grok-4.5', ...change }));

test('the prompt is read from its file and stands in no argument', () => {
  const { argv, stdin } = start({ prompt: 'a secret' });
  assert.deepEqual(argv.slice(argv.indexOf('--prompt-file'), argv.indexOf('--prompt-file') + 2), [
    '--prompt-file',
    '/run/prompt.md',
  ]);
  assert.ok(!argv.join(' ').includes('secret'));
  assert.equal(stdin.kind, 'none');
});

test('a fresh session has the id that we chose, a resumed one its own, with the model that is asked for', () => {
  const fresh = start().argv.join(' ');
  assert.match(fresh, /--model grok-4\.5 .*--session-id 11111111-1111-4111-8111-111111111111/);
  const resumed = start({ resume: 'abc', model: 'grok-4.6' }).argv.join(' ');
  assert.match(resumed, /--model grok-4\.6 .*--resume abc/);
  assert.doesNotMatch(resumed, /--session-id/);
});

test('permissions, effort, turns and tools are passed on', () => {
  const tools = { allow: ['Edit', 'Bash(git log *)'], deny: ['WebFetch'] };
  const argv = start({ agent: agent({ permission: 'ask', effort: 'high', turns: 7, tools }) }).argv.join(' ');
  assert.match(
    argv,
    /--permission-mode default .*--effort high --max-turns 7 --allow Edit --allow Bash\(git log \*\) --deny WebFetch/,
  );
  for (const permission of ['acceptEdits', 'bypassPermissions'] as const) {
    assert.match(start({ agent: agent({ permission }) }).argv.join(' '), /--permission-mode bypassPermissions/);
  }
});

test('requests that no total counts are switched off, and the wire is asked of both of its hosts', () => {
  const { env } = start();
  assert.equal(env.GROK_TURN_SUMMARY, '0');
  assert.equal(JSON.parse(env.GROK_CONFIG ?? '').models.session_summary, 'none');
  assert.equal(env.GROK_XAI_API_BASE_URL, undefined);
  const wired = start({ wire: 'http://127.0.0.1:1/token' }).env;
  assert.equal(wired.GROK_XAI_API_BASE_URL, 'http://127.0.0.1:1/token/xai');
  assert.equal(wired.GROK_CLI_CHAT_PROXY_BASE_URL, 'http://127.0.0.1:1/token/grok');
});
