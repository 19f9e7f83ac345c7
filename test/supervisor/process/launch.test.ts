import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { untilExit } from '../../../source/supervisor/process/adopt.ts';
import { MissingBinary } from '../../../source/supervisor/process/command.ts';
import { LaunchFailed, launch } from '../../../source/supervisor/process/launch.ts';
import { readRow } from '../../../source/supervisor/process/tree/table.ts';
import { arena, env, until } from './arena.ts';

const never = new AbortController().signal;

test('an agent gets its environment, its folder and the mark, and leaves output and exit code in private files', async (t) => {
  const { dir, mark, out, root } = arena(t);
  const given = { ...env, dir: 'mine', looptop: 'mine', mode: 'mine', GREETING: 'two\nlines' };
  const spec = { dir: dir(), cwd: root, mark, stdin: { kind: 'none' } as const };
  const script = 'echo complaint >&2; pwd; umask; read -r line || echo no input; env; exit 7';
  const launched = await launch({ ...spec, argv: ['sh', '-c', script], env: given });
  assert.deepEqual(await untilExit(dir(), launched, never), { code: 7, signal: null });

  const umask = process.umask().toString(8).padStart(4, '0');
  assert.ok(out().startsWith(`${root}\n${umask}\nno input\n`), out());
  const environment = out()
    .split('\n')
    .slice(3)
    .filter((line) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(line));
  assert.deepEqual(environment.toSorted(), [
    '',
    'GREETING=two',
    `LOOPTOP_RUN=${mark}`,
    `PATH=${env.PATH}`,
    'dir=mine',
    'lines',
    'looptop=mine',
    'mode=mine',
  ]);
  assert.equal(readFileSync(join(dir(), 'err'), 'utf8'), 'complaint\n');
  for (const file of ['out', 'err', 'pid', 'exit', 'shim']) {
    assert.equal(statSync(join(dir(), file)).mode & 0o777, 0o600, file);
  }
  assert.equal(statSync(dir()).mode & 0o777, 0o700);
});

test('an agent leads its own session and group', async (t) => {
  const { start } = arena(t);
  const { process: agent } = await start(['sleep', '60']);
  await until('it has its own session', () => readRow(agent.pid)?.sid === agent.pid);
  assert.equal(readRow(agent.pid)?.pgid, agent.pid);
  assert.equal(readRow(agent.pid)?.startTime, agent.startTime, 'it is still the process that was returned');
});

test('death by a signal is told from an exit code that looks like it', async (t) => {
  const { dir, start } = arena(t);
  const ends = {
    'exit 143': { code: 143, signal: null },
    'kill -TERM $$': { code: 143, signal: 'SIGTERM' },
    'kill -KILL $$': { code: 137, signal: 'SIGKILL' },
    'kill -INT $$': { code: 130, signal: 'SIGINT' },
    'kill -HUP $$': { code: 129, signal: 'SIGHUP' },
    'no-such-program': { code: 127, signal: null },
  };
  await Promise.all(
    Object.entries(ends).map(async ([command, expected], n) => {
      const agent = `agent-${n}`;
      const launched = await start(['sh', '-c', command], { agent });
      assert.deepEqual(await untilExit(dir(agent), launched, never), expected, command);
    }),
  );
});

test('text is read to its end', async (t) => {
  const { dir, out, start } = arena(t);
  const text = 'ä\n'.repeat(100_000);
  const launched = await start(['cat'], { stdin: { kind: 'text', text } });
  await untilExit(dir(), launched, never);
  assert.equal(out(), text);
});

test('eight launches of one folder start one agent', async (t) => {
  const { dir, out, start } = arena(t);
  const all = await Promise.all(Array.from({ length: 8 }, () => start(['sh', '-c', 'echo once; sleep 0.3'])));
  assert.equal(new Set(all.map((launched) => JSON.stringify(launched))).size, 1);
  const [first] = all;
  assert.ok(first);
  assert.deepEqual(await untilExit(dir(), first, never), { code: 0, signal: null });
  assert.deepEqual(await start(['sh', '-c', 'echo again']), first, 'not even when it has ended');
  assert.equal(out(), 'once\n');
});

test('a program that is missing or not executable is told apart, and nothing is claimed', async (t) => {
  const { dir, root, start } = arena(t);
  writeFileSync(join(root, 'plain'), '#!/bin/sh\n');
  chmodSync(join(root, 'plain'), 0o600);
  for (const binary of ['no-such-program', './no-such-program', './plain', '/', '']) {
    await assert.rejects(start([binary]), (error) => error instanceof MissingBinary && error.binary === binary, binary);
  }
  assert.equal(existsSync(dir()), false);
});

test('a program is found from the folder where it will run', async (t) => {
  const { dir, out, root, start } = arena(t);
  writeFileSync(join(root, 'agent.sh'), '#!/bin/sh\necho found\n', { mode: 0o700 });
  await untilExit(dir(), await start(['./agent.sh']), never);
  assert.equal(out(), 'found\n');
});

test('a missing working folder is no missing program', async (t) => {
  const { dir, mark, root } = arena(t);
  const cwd = join(root, 'gone');
  const spec = { dir: dir(), argv: ['true'] as const, env, cwd, mark, stdin: { kind: 'none' } as const };
  await assert.rejects(launch(spec), LaunchFailed);
});

test('a mark that could be mistaken for another is refused', async (t) => {
  const { dir, root } = arena(t);
  for (const mark of ['', 'a b', '../a', 'a//b', 'a\0b', '/a']) {
    const spec = { dir: dir(), argv: ['true'] as const, env, cwd: root, mark, stdin: { kind: 'none' } as const };
    await assert.rejects(launch(spec), RangeError, mark);
  }
});
