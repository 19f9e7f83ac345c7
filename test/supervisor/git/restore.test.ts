import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openRepository } from '../../../source/supervisor/git/repository.ts';
import { placeWithCommit } from './place.ts';

test('a worktree goes back to an earlier pass, its branch has it on top, and what came later is in the history', async (t) => {
  const { place, repository, made, write, read } = await started(t);
  write({ 'a.txt': 'better\n', 'new/deep.txt': 'x\n', 'run.sh': 'true\n', 'noise.log': 'ignored\n' });
  chmodSync(join(made.worktree, 'run.sh'), 0o755);
  symlinkSync('a.txt', join(made.worktree, 'link'));
  const best = await repository.treeOf(made.worktree);
  write({ 'a.txt': 'worse\n', 'late.txt': 'x\n', 'noise.log': 'still here\n' });
  rmSync(join(made.worktree, 'new'), { recursive: true });
  rmSync(join(made.worktree, 'link'));
  const last = await repository.treeOf(made.worktree);

  const done = await repository.restore({ ...made, tree: best, leaving: 'pass 3', message: 'pass 2, the best' });
  assert.equal(await repository.treeOf(made.worktree), best);
  assert.deepEqual([read('a.txt'), read('new/deep.txt'), read('link')], ['better\n', 'x\n', 'better\n']);
  assert.equal(existsSync(join(made.worktree, 'late.txt')), false);
  assert.equal(read('noise.log'), 'still here\n', 'what is ignored is nobody’s pass');
  assert.equal(place.git('log', '--format=%s', `${made.base}..loop/r-1`), 'pass 2, the best\npass 3');
  assert.equal(place.git('rev-parse', 'loop/r-1^{tree}'), best);
  assert.equal(place.git('rev-parse', 'loop/r-1~1^{tree}'), last);
  assert.match(place.git('ls-tree', '-r', 'loop/r-1'), /^100755 .*\trun\.sh$/m);
  assert.equal(place.gitIn(made.worktree, 'status', '--porcelain'), '', 'the agent sees nothing uncommitted');
  assert.deepEqual(await repository.restore({ ...made, tree: best, leaving: 'x', message: 'y' }), done);
});

test('the pass that stands there already is only committed', async (t) => {
  const { place, repository, made, write } = await started(t);
  write({ 'a.txt': 'better\n' });
  const tree = await repository.treeOf(made.worktree);
  await repository.restore({ ...made, tree, leaving: 'no', message: 'best' });
  assert.equal(place.git('log', '--format=%s', `${made.base}..loop/r-1`), 'best');
});

test('the user’s checkout, index and branches are as they were', async (t) => {
  const { place, repository, made, write } = await started(t);
  place.write({ 'mine.txt': 'unsaved\n' });
  const before = [place.git('status', '--porcelain'), place.git('rev-parse', 'main')];
  write({ 'a.txt': 'better\n' });
  const tree = await repository.treeOf(made.worktree);
  write({ 'a.txt': 'worse\n' });
  await repository.restore({ ...made, tree, leaving: 'x', message: 'y' });
  assert.deepEqual([place.git('status', '--porcelain'), place.git('rev-parse', 'main')], before);
});

test('a throw-away worktree goes with all that is in it', async (t) => {
  const { place, repository, made, write } = await started(t);
  write({ 'coverage/out.txt': 'x\n' });
  assert.match((await repository.removeWorktree({ ...made, keepDirty: true })).kept ?? '', /not committed/);
  assert.equal((await repository.removeWorktree({ ...made, keepDirty: false })).kept, null);
  assert.equal(existsSync(made.worktree), false);
  assert.equal(place.git('branch', '--list', 'loop/*'), '');
  await repository.settled();
});

async function started(t: TestContext) {
  const place = placeWithCommit(t);
  const repository = await openRepository(place.root, place.env);
  const made = await repository.addWorktree({ run: 'r-1', base: null, copy: [] });
  return {
    place,
    repository,
    made,
    write: (files: Readonly<Record<string, string>>) => place.write(files, made.worktree),
    read: (file: string) => readFileSync(join(made.worktree, file), 'utf8'),
  };
}
