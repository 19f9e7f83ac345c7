/** A command as an agent: what it is given and how its end is read. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { shell } from '../../source/agents/shell.ts';
import { AgentError } from '../../source/loop/errors.ts';
import { agent, spec } from './specs.ts';

const launch = (run: string) => shell.start(spec({ agent: agent({ engine: 'shell', run }), command: ['shell'] }));

test('the command gets the prompt on stdin and its file in LOOPTOP_PROMPT', () => {
  const { argv, env, stdin } = launch('cat; printf "%s\\n" "$LOOPTOP_PROMPT"');
  assert.equal(stdin.kind, 'text');
  if (stdin.kind !== 'text') return;
  const [program, ...rest] = argv;
  const { stdout } = spawnSync(program, rest, { input: `${stdin.text}\n`, env: { ...process.env, ...env } });
  assert.equal(String(stdout), 'Make the tests pass.\n/run/prompt.md\n');
});

test('every line it prints is something it says, and its exit code is how it ended', () => {
  const reader = shell.reader();
  assert.deepEqual(reader.read('{"type":"result"}'), [{ type: 'said', text: '{"type":"result"}' }]);
  assert.deepEqual(reader.end(0), [{ type: 'ended', outcome: 'done' }]);
  assert.deepEqual(reader.end(3), [{ type: 'ended', outcome: 'failed', error: 'exit code 3' }]);
  assert.deepEqual(reader.end(143), [{ type: 'ended', outcome: 'interrupted' }]);
  assert.equal(reader.end(null)[0]?.type, 'ended');
});

test('it cannot be told anything, and says so', () => {
  assert.equal(shell.tell('note', null), null);
  assert.equal(shell.interrupt(), null);
  assert.equal(shell.abilities.liveGuidance, false);
});

test('a loop without a command is refused', () => {
  assert.throws(() => shell.start(spec({ agent: agent({ engine: 'shell' }) })), AgentError);
});
