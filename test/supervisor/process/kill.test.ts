import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilExit } from '../../../source/supervisor/process/adopt.ts';
import { identify, isAlive } from '../../../source/supervisor/process/identity.ts';
import { killTree } from '../../../source/supervisor/process/kill.ts';
import { cgroupsOf } from '../../../source/supervisor/process/tree/cgroup.ts';
import { tree } from '../../../source/supervisor/process/tree/tree.ts';
import { arena, commandLine, contain, containments, env, fixture, strays, until } from './arena.ts';

const never = new AbortController().signal;

for (const containment of containments) {
  const either = (name: string, body: (t: Parameters<typeof arena>[0]) => Promise<void>) =>
    test(`${name} (${containment})`, async (t) => {
      const missing = contain(containment);
      if (missing) return t.skip(missing);
      await body(t);
    });

  either('of nine ways to leave an agent none survives its kill, but without a cgroup the ninth', async (t) => {
    const { dir, mark, out, start, tag } = arena(t);
    const launched = await start([fixture('nasty.sh'), tag]);
    assert.equal(launched.containment, containment);
    await until('all nine are there', () => existsSync(`${dir()}/out`) && out().includes('READY'));
    const kinds = () => new Set(strays(tag).flatMap((pid) => /30(\d)\./.exec(commandLine(pid))?.[1] ?? []));
    await until('all nine show up', () => kinds().size === 9);

    const killed = await killTree(mark, launched, { politeMs: 0 });
    assert.ok(existsSync(`${dir()}/exit`), 'the shim had the time to write down how it ended');
    const left = [...kinds()];
    assert.deepEqual(left, containment === 'cgroup' ? [] : ['9']);
    assert.equal(killed.survivors, 0);
    assert.ok(killed.processes >= (containment === 'cgroup' ? 10 : 9), `${killed.processes} processes`);
    assert.deepEqual(tree(mark, []), { members: [], shims: [] });
    assert.deepEqual(cgroupsOf(mark, []), [], 'no empty cgroup is left');
    assert.deepEqual(await untilExit(dir(), launched, never), { code: 137, signal: 'SIGKILL' });
  });

  either('an agent that forks while it is killed is killed', async (t) => {
    const { mark, out, start, tag } = arena(t);
    const launched = await start([fixture('forker.sh'), '500', tag]);
    await until('it forks', () => out().includes('READY'));
    const killed = await killTree(mark, launched, { politeMs: 0 });
    assert.ok(killed.processes >= 10, `${killed.processes} processes`);
    assert.equal(killed.survivors, 0);
    assert.deepEqual(strays(tag), []);
  });

  either('a process that never stays in one pid is caught, by the mark alone', async (t) => {
    const { mark, out, root, start, tag } = arena(t);
    writeFileSync(join(root, 'hopping'), '');
    await start([fixture('hopper.sh'), '2000', tag]);
    await until('it hops', () => out().split('\n').length > 5);
    assert.equal((await killTree(mark, null, { politeMs: 0 })).survivors, 0);
    const hops = out();
    await sleep(150);
    assert.equal(out(), hops);
  });

  either('a part of a run is killed alone, and the run takes its parts along', async (t) => {
    const { mark, root, tag } = arena(t);
    const sleeper = (part: string) =>
      spawn('sleep', [`311.${tag}`], { cwd: root, env: { ...env, LOOPTOP_RUN: part }, detached: true });
    const [whole, one, other] = [sleeper(mark), sleeper(`${mark}/one`), sleeper(`${mark}/other`)];
    const stranger = sleeper(`${mark}x`);
    await Promise.all([whole, one, other, stranger].map((child) => once(child, 'spawn')));
    await killTree(`${mark}/one`, null, { politeMs: 0 });
    assert.deepEqual(strays(tag).toSorted(), [whole.pid, other.pid, stranger.pid].toSorted());
    await killTree(mark, null, { politeMs: 0 });
    assert.deepEqual(strays(tag), [stranger.pid]);
    assert.ok(one.pid);
  });
}

test('an agent that leaves when asked is not killed, its stragglers are', async (t) => {
  const { dir, mark, out, start, tag } = arena(t);
  const script = `trap 'echo bye; exit 3' TERM; setsid sleep 312.${tag} & echo ready; while :; do sleep 0.02; done`;
  const launched = await start(['sh', '-c', script]);
  await until('it listens', () => out() === 'ready\n');
  const killed = await killTree(mark, launched, { politeMs: 60_000 });
  assert.equal(killed.survivors, 0);
  assert.ok(killed.ms < 30_000, `${killed.ms} ms: it was not waited for longer than it took`);
  assert.deepEqual(await untilExit(dir(), launched, never), { code: 3, signal: null });
  assert.deepEqual(strays(tag), []);
});

test('an agent that is deaf to the question is killed when its time is over', async (t) => {
  const { dir, mark, out, start } = arena(t);
  const launched = await start(['sh', '-c', 'trap "" INT TERM; echo ready; while :; do sleep 0.02; done']);
  await until('it is deaf', () => out() === 'ready\n');
  const killed = await killTree(mark, launched, { politeMs: 300, interrupt: 'SIGINT' });
  assert.equal(killed.survivors, 0);
  assert.ok(killed.ms >= 300, `${killed.ms} ms`);
  assert.equal((await untilExit(dir(), launched, never)).signal, 'SIGKILL');
});

test('a kill that overtakes the start leaves no agent behind', async (t) => {
  const { mark, start, tag } = arena(t);
  const starting = start(['sleep', `313.${tag}`]).catch(() => null);
  await until('the shim is there', () => tree(mark, []).shims.length > 0);
  await killTree(mark, null, { politeMs: 0 });
  const launched = await starting;
  assert.ok(launched === null || !isAlive(launched.process));
  assert.deepEqual(strays(tag), []);
});

test('neither we nor our parents are ever part of a tree, even when they carry its mark', async (t) => {
  const { mark, tag } = arena(t);
  const self = identify(process.pid);
  const parent = identify(process.ppid);
  assert.ok(self && parent);
  const child = spawn('sleep', [`314.${tag}`]);
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  assert.deepEqual(tree(mark, [self, parent]).members, []);
  assert.equal(child.exitCode, null);
});

test('a known root that carries no mark is killed with its children, a stranger under its old pid is not', async (t) => {
  const { mark, root, tag } = arena(t);
  const child = spawn('sh', ['-c', `sleep 315.${tag} & wait`], { cwd: root, detached: true });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  await until('its child is there', () => strays(tag).length === 2);
  const real = identify(child.pid ?? 0);
  assert.ok(real);
  const gone = { ...real, startTime: '1' };
  assert.equal((await killTree(mark, { process: gone, containment: 'marked' }, { politeMs: 100 })).processes, 0);
  assert.equal(strays(tag).length, 2);
  const killed = await killTree(mark, { process: real, containment: 'marked' }, { politeMs: 0 });
  assert.deepEqual([killed.processes, killed.survivors, strays(tag).length], [2, 0, 0]);
});
