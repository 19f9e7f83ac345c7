import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { tree } from '../../../../source/supervisor/process/tree/tree.ts';
import { arena, contain, fixture, until } from '../arena.ts';

test('a process that hops from pid to pid is seen by nearly every look', async (t) => {
  contain('marked');
  const { mark, out, root, start, tag } = arena(t);
  writeFileSync(join(root, 'hopping'), '');
  await start([fixture('hopper.sh'), '2000', tag]);
  await until('it hops', () => out().split('\n').length > 5);
  let seen = 0;
  for (let look = 0; look < 40; look++) {
    if (tree(mark, []).members.length > 0) seen++;
    await sleep(7);
  }
  t.diagnostic(`${seen} of 40`);
  // With one listing a look, it was 11 to 15.
  assert.ok(seen >= 32, `${seen} of 40`);
});

test('parents come before their children, and the shim is not among them', async (t) => {
  const { mark, start } = arena(t);
  const launched = await start(['sh', '-c', 'sh -c "sleep 60; :" & wait']);
  await until('all three are there', () => tree(mark, []).members.length === 3);
  const { members, shims } = tree(mark, []);
  const [agent, child, grandchild] = members;
  assert.deepEqual(agent?.process, launched.process);
  assert.equal(child?.ppid, agent?.process.pid);
  assert.equal(grandchild?.ppid, child?.process.pid);
  assert.deepEqual([shims.length, agent?.ppid], [1, shims[0]?.process.pid]);
});
