import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { freeze, thaw } from '../../../source/supervisor/process/freeze.ts';
import { killTree } from '../../../source/supervisor/process/kill.ts';
import { runShell, type ShellSpec } from '../../../source/supervisor/process/shell.ts';
import { type Arena, arena, contain, containments, env, fixture, strays, until } from './arena.ts';

const run = ({ mark, root }: Arena, command: string, options: Partial<ShellSpec> = {}) =>
  runShell({ command, cwd: root, env, mark: `${mark}/gate`, out: join(root, 'gate'), timeoutMs: 20_000, ...options });

const printed = ({ root }: Arena) => readFileSync(join(root, 'gate'), 'utf8');

test('a command gives its exit code, and both outputs in their order', async (t) => {
  const place = arena(t);
  const { ms, ...result } = await run(place, 'echo one; echo two >&2; pwd; echo $LOOPTOP_RUN; exit 3').done;
  assert.deepEqual(result, { exit: 3, signal: null, timedOut: false });
  assert.ok(ms < 5000);
  assert.equal(printed(place), `one\ntwo\n${place.root}\n${place.mark}/gate\n`);
  assert.equal(statSync(join(place.root, 'gate')).mode & 0o777, 0o600);
  const killed = await run(place, 'kill -SEGV $$').done;
  assert.deepEqual([killed.exit, killed.signal], [null, 'SIGSEGV']);
});

for (const containment of containments) {
  test(`a timeout ends the command and everything it started (${containment})`, async (t) => {
    const missing = contain(containment);
    if (missing) return t.skip(missing);
    const place = arena(t);
    const command = `setsid sleep 320.${place.tag} & (setsid sleep 321.${place.tag} &) ; echo started; sleep 322.${place.tag}`;
    const result = await run(place, command, { timeoutMs: 300 }).done;
    assert.deepEqual([result.exit, result.signal, result.timedOut], [null, 'SIGKILL', true]);
    assert.ok(result.ms >= 300 && result.ms < 2000, `${result.ms} ms`);
    assert.equal(printed(place), 'started\n');
    assert.deepEqual(strays(place.tag), []);
  });

  test(`what a command leaves in the background is ended with it, nine kinds but for one (${containment})`, async (t) => {
    const missing = contain(containment);
    if (missing) return t.skip(missing);
    const place = arena(t);
    const result = await run(place, `${fixture('nasty.sh')} ${place.tag} & sleep 0.6`).done;
    assert.equal(result.exit, 0);
    assert.ok(strays(place.tag).length <= (containment === 'cgroup' ? 0 : 1));
  });
}

test('an abort ends the command before it is reported', async (t) => {
  const place = arena(t);
  const giveUp = new AbortController();
  const shell = run(place, `sleep 323.${place.tag}`, { signal: giveUp.signal });
  await until('it runs', () => strays(place.tag).length > 0);
  giveUp.abort(new Error('enough'));
  await assert.rejects(shell.done, /enough/);
  assert.deepEqual(strays(place.tag), []);
  await assert.rejects(run(place, 'touch never', { signal: giveUp.signal }).done, /enough/);
  assert.equal(existsSync(join(place.root, 'never')), false);
});

test('time on hold does not count, the time after it does', async (t) => {
  const place = arena(t);
  const held = run(place, 'sleep 0.8', { timeoutMs: 400 });
  held.hold();
  const { ms, ...result } = await held.done;
  assert.deepEqual(result, { exit: 0, signal: null, timedOut: false });
  assert.equal(ms, 0);

  const released = run(place, 'sleep 60', { timeoutMs: 200 });
  released.hold();
  setTimeout(() => released.release(), 300);
  assert.equal((await released.done).timedOut, true);
});

test('a frozen command goes on when thawed', async (t) => {
  const place = arena(t);
  const shell = run(place, 'mkfifo go; echo started; read -r line <go; echo $line');
  await until('it runs', () => existsSync(join(place.root, 'gate')) && printed(place) === 'started\n');
  shell.hold();
  assert.ok((await freeze(`${place.mark}/gate`, null)).processes > 0);
  await thaw(`${place.mark}/gate`, null);
  shell.release();
  writeFileSync(join(place.root, 'go'), 'gone on\n');
  assert.equal((await shell.done).timedOut, false);
  assert.equal(printed(place), 'started\ngone on\n');
});

test('what a dead supervisor left of the same command is ended before it starts', async (t) => {
  const place = arena(t);
  const first = run(place, `echo $$ >first; sleep 324.${place.tag}`);
  await until('it runs', () => strays(place.tag).length > 0);
  const second = await run(place, 'kill -0 $(cat first) || exit 9', { out: join(place.root, 'second') }).done;
  assert.equal(second.exit, 9);
  assert.equal((await first.done).signal, 'SIGKILL');
});

test('endless output is capped and holds nothing up', async (t) => {
  const place = arena(t);
  const result = await run(place, 'head -c 80000000 /dev/zero; exit 4').done;
  assert.equal(result.exit, 4);
  assert.equal(statSync(join(place.root, 'gate')).size, 64 * 1024 * 1024);
});

test('a command that cannot be run or written is an error, and nothing of it is left', async (t) => {
  const place = arena(t);
  await assert.rejects(run(place, 'true', { cwd: join(place.root, 'gone') }).done, /ENOENT/);
  const nowhere = run(place, `sleep 325.${place.tag}`, { out: join(place.root, 'gone', 'gate') });
  await assert.rejects(nowhere.done, /ENOENT/);
  assert.deepEqual(strays(place.tag), []);
  assert.equal((await killTree(place.mark, null, { politeMs: 0 })).processes, 0);
});
