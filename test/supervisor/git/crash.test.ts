import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRepository } from '../../../source/supervisor/git/repository.ts';
import { placeWithCommit } from './place.ts';

test('a supervisor killed at any instant leaves nothing that the next one cannot make good', async (t) => {
  const place = placeWithCommit(t);
  const repository = await openRepository(place.root, place.env);
  for (let round = 0; round < 3; round++) {
    const program = join(import.meta.dirname, '../../fixtures/add-worktree.ts');
    const child = spawn(process.execPath, [...process.execArgv, program, place.root], {
      env: place.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    await sleep(round * 60 + Math.random() * 60);
    child.kill('SIGKILL');
    await exited;

    // At once: a git that the dead one had started may still be at work.
    const made = await repository.addWorktree({ run: 'r-1', base: null, copy: [], nonce: 'n1' });
    assert.equal(place.gitIn(made.worktree, 'status', '--porcelain'), '', `round ${round}`);
    assert.equal(await repository.treeOf(made.worktree), place.git('rev-parse', 'HEAD^{tree}'));
    assert.deepEqual(await repository.removeWorktree({ ...made, keepDirty: true }), { kept: null });
  }
  await repository.settled();
  assert.equal(place.git('worktree', 'list').split('\n').length, 1);
  assert.equal(place.git('fsck', '--connectivity-only').includes('missing'), false);
});
