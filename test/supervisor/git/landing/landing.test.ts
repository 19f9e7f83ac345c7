import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { field, RUN } from './field.ts';

test('a rebase on a target that has not moved is the very commit that the gates saw', async (t) => {
  const { place, repository, commit, land } = await field(t, { 'new.txt': 'x\n' });
  const done = await land('rebase');
  assert.deepEqual([done.is, done.commit], ['there', commit]);
  assert.equal(place.git('rev-parse', 'main'), commit);
  assert.equal(readFileSync(join(place.root, 'new.txt'), 'utf8'), 'x\n', 'the checkout has followed');
  assert.equal(place.git('status', '--porcelain'), '');
  await repository.landing.dropScratch(RUN);
  assert.equal(await repository.landing.scratch(RUN), null);
  assert.equal(place.git('for-each-ref', 'refs/loop/landing'), '');
});

test('rebase, merge and squash put it on a target that has moved, each in its own shape', async (t) => {
  for (const [how, subjects, parents] of [
    ['rebase', 'second\nfix: the work\ntheirs\nfirst', 1],
    ['squash', 'land it\ntheirs\nfirst', 1],
    ['merge', 'land it\nsecond\nfix: the work\ntheirs\nfirst', 2],
  ] as const) {
    const { place, repository, made, theirs } = await field(t, { 'new.txt': 'x\n' });
    place.write({ 'more.txt': 'y\n' }, made.worktree);
    const { commit } = await repository.commitAll({ ...made, message: 'second' });
    const onto = theirs({ 'b.txt': 'theirs\n' });
    const combined = await repository.landing.combine({
      ...{ run: RUN, copy: [], onto, commit, how, message: 'land it', marked: [] },
    });
    assert.ok(combined.is === 'clean');
    assert.deepEqual([combined.files, combined.added, combined.removed], [2, 2, 0], 'counted from the target');
    assert.equal(place.gitIn(combined.worktree, 'rev-parse', 'HEAD'), combined.commit);
    assert.equal(place.gitIn(combined.worktree, 'status', '--porcelain'), '');
    assert.equal((await repository.landing.move({ target: 'main', onto, commit: combined.commit })).is, 'there');
    assert.equal(place.git('log', '--topo-order', '--format=%s', 'main'), subjects, how);
    assert.equal(place.git('show', '-s', '--format=%P', 'main').split(' ').length, parents, how);
    assert.equal(place.git('show', '-s', '--format=%an', 'main'), 'Ada');
    assert.equal(place.git('rev-parse', made.branch), commit, 'the branch of the run stays as it was');
    assert.equal(place.git('status', '--porcelain'), '');
  }
});

test('commits that undo each other conflict one by one, but not as a whole: then they land as one', async (t) => {
  const { place, repository, made, theirs } = await field(t, { 'a.txt': 'half\n' });
  place.write({ 'a.txt': 'one\n', 'new.txt': 'x\n' }, made.worktree);
  const { commit } = await repository.commitAll({ ...made, message: 'second thoughts' });
  const onto = theirs({ 'a.txt': 'theirs\n' });
  const request = { run: RUN, copy: [], onto, commit, how: 'rebase', message: 'land it', marked: [] } as const;
  const combined = await repository.landing.combine(request);
  assert.equal(combined.is, 'clean');
  assert.equal(readFileSync(join(combined.worktree, 'a.txt'), 'utf8'), 'theirs\n');
  assert.equal(place.gitIn(combined.worktree, 'log', '--format=%s'), 'land it\ntheirs\nfirst');
});

test('work that the target has already changes nothing', async (t) => {
  const { place, commit, land } = await field(t, { 'new.txt': 'x\n' });
  place.git('merge', '--quiet', '--no-ff', '-m', 'by hand', commit);
  const tip = place.git('rev-parse', 'main');
  assert.deepEqual(await land(), { is: 'there', commit: tip });
  assert.equal(place.git('rev-parse', 'main'), tip);
});

test('conflicts are told by file, kind and place, and nothing of the operator’s is touched', async (t) => {
  const { place, combine, theirs, repository } = await field(t, {
    'a.txt': 'mine\n',
    'new.txt': 'n\n',
    'src/b.txt': 'b\n',
  });
  theirs({ 'a.txt': 'theirs\n', 'new.txt': 'other\n' });
  place.git('rm', '--quiet', 'src/b.txt');
  place.git('commit', '--quiet', '-m', 'gone');
  const tip = place.git('rev-parse', 'main');
  for (const how of ['rebase', 'merge', 'squash'] as const) {
    const combined = await combine(how);
    assert.ok(combined.is === 'conflict');
    assert.deepEqual(combined.files, [
      { path: 'a.txt', how: 'both changed it' },
      { path: 'new.txt', how: 'both added it' },
      { path: 'src/b.txt', how: 'the target deleted it, your work changed it' },
    ]);
    assert.match(combined.hunks, /^"a\.txt"\n<<<<<<< HEAD\ntheirs\n=======\nmine\n>>>>>>> [0-9a-f]+\n\n"new\.txt"/);
  }
  await repository.landing.dropScratch(RUN);
  assert.equal(place.git('rev-parse', 'main'), tip);
  assert.equal(place.git('status', '--porcelain'), '');
});

test('a marker that is left in a file that was in conflict is a conflict', async (t) => {
  const { combine } = await field(t, { 'a.txt': '<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n' });
  assert.equal((await combine('rebase')).is, 'clean');
  const again = await combine('rebase', 'main', ['a.txt', 'gone.txt']);
  assert.ok(again.is === 'conflict');
  assert.deepEqual(again.files, [{ path: 'a.txt', how: 'a conflict marker is left in it' }]);
});

test('a dirty checkout is refused with the names, staged or not, and stays to the byte', async (t) => {
  const { place, land, repository } = await field(t, { 'new.txt': 'x\n' });
  place.write({ 'a.txt': 'half-done\n', 'src/b.txt': 'staged\n' });
  place.git('add', 'src/b.txt');
  const before = readFileSync(join(place.root, '.git/index'));
  const refused = await land();
  assert.ok(refused.is === 'refused');
  assert.match(refused.why, /has changes that are not committed \(a\.txt, src\/b\.txt\): commit or stash them/);
  assert.equal(await repository.landing.whyNot('main'), refused.why);
  assert.deepEqual(readFileSync(join(place.root, '.git/index')), before);
  assert.equal(readFileSync(join(place.root, 'a.txt'), 'utf8'), 'half-done\n');
  assert.equal(existsSync(join(place.root, 'new.txt')), false);
  place.git('stash', '--quiet');
  assert.equal((await land()).is, 'there');
});

test('untracked files are nobody’s business unless they are in the way', async (t) => {
  const { place, land } = await field(t, { 'new.txt': 'x\n' });
  place.write({ 'notes.md': 'mine\n', 'new.txt': 'mine too\n' });
  const refused = await land();
  assert.ok(refused.is === 'refused');
  assert.match(refused.why, /untracked working tree files would be overwritten by merge: new\.txt/);
  assert.equal(readFileSync(join(place.root, 'new.txt'), 'utf8'), 'mine too\n');
  place.git('mv', '--force', 'a.txt', 'a.txt.old');
  place.git('reset', '--quiet', '--hard');
  writeFileSync(join(place.root, 'new.txt.bak'), '');
  place.gitIn(place.root, 'clean', '--quiet', '--force', 'new.txt');
  assert.equal((await land()).is, 'there');
  assert.equal(readFileSync(join(place.root, 'notes.md'), 'utf8'), 'mine\n');
});

test('what git is in the middle of is not disturbed', async (t) => {
  const { place, land, repository } = await field(t, { 'new.txt': 'x\n' });
  writeFileSync(join(place.root, '.git/MERGE_HEAD'), `${place.git('rev-parse', 'HEAD')}\n`);
  assert.match(JSON.stringify(await land()), /a merge is under way/);
  place.git('merge', '--quit');
  const lock = join(place.root, '.git/index.lock');
  writeFileSync(lock, '');
  const waits = repository.landing.whyNot('main');
  await sleep(150);
  place.gitIn(place.folder, '--version');
  const { rmSync } = await import('node:fs');
  rmSync(lock);
  assert.equal(await waits, null, 'it waits for a git that is at work');
});

test('a target that is checked out nowhere is moved by compare and swap', async (t) => {
  const { place, land, theirs, repository, commit } = await field(t, { 'new.txt': 'x\n' });
  place.git('switch', '--quiet', '-c', 'side');
  theirs({ 'side.txt': 's\n' });
  place.write({ 'a.txt': 'half-done\n' });
  const done = await land();
  assert.deepEqual([done.is, place.git('rev-parse', 'main')], ['there', commit]);
  assert.equal(place.git('status', '--porcelain'), 'M a.txt', 'the checkout is on another branch and stays');
  assert.equal(await repository.landing.whyNot('nowhere'), null);
  const gone = await repository.landing.move({ target: 'nowhere', onto: commit, commit });
  assert.match(JSON.stringify(gone), /no branch nowhere any more/);
});

test('a target that has moved meanwhile is stale, and once it has the commit it is there', async (t) => {
  const { place, combine, theirs, repository, made } = await field(t, { 'new.txt': 'x\n' });
  const combined = await combine('rebase');
  assert.ok(combined.is === 'clean');
  const tip = theirs({ 'b.txt': 'x\n' });
  const move = { target: 'main', onto: made.base, commit: combined.commit };
  assert.deepEqual(await repository.landing.move(move), { is: 'stale', tip });
  place.git('reset', '--quiet', '--hard', made.base);
  assert.equal((await repository.landing.move(move)).is, 'there');
  theirs({ 'c.txt': 'x\n' });
  assert.equal((await repository.landing.move(move)).is, 'there', 'asked again after a crash');
});

test('a move that was cut between the files and the branch is finished, not refused', async (t) => {
  const { place, combine, repository, made } = await field(t, { 'new.txt': 'x\n', 'a.txt': 'new\n' });
  const combined = await combine('rebase');
  assert.ok(combined.is === 'clean');
  // As git leaves it when it is killed before its last step.
  place.git('read-tree', '-m', '-u', 'HEAD', combined.commit);
  assert.notEqual(place.git('status', '--porcelain'), '');
  const moved = await repository.landing.move({ target: 'main', onto: made.base, commit: combined.commit });
  assert.equal(moved.is, 'there');
  assert.equal(place.git('status', '--porcelain'), '');
});

test('a linked worktree of the operator’s that shows the target follows it, one of a run’s does not', async (t) => {
  const { place, land, repository, made } = await field(t, { 'new.txt': 'x\n' });
  place.git('switch', '--quiet', '-c', 'side');
  const linked = join(place.folder, 'linked');
  place.git('worktree', 'add', '--quiet', linked, 'main');
  place.write({ 'a.txt': 'half\n' }, linked);
  assert.match(JSON.stringify(await land()), /linked has changes that are not committed \(a\.txt\)/);
  place.gitIn(linked, 'checkout', '--quiet', '--', 'a.txt');
  assert.equal((await land()).is, 'there');
  assert.equal(readFileSync(join(linked, 'new.txt'), 'utf8'), 'x\n');
  place.gitIn(made.worktree, 'switch', '--quiet', '-c', 'theirs');
  assert.match((await repository.landing.whyNot('theirs')) ?? '', /checked out in the worktree of a run/);
});

test('the target is brought into the run’s worktree: committed where it goes together, marked where not', async (t) => {
  const first = await field(t, { 'new.txt': 'x\n', '.env': 'ignored\n' });
  const onto = first.theirs({ 'b.txt': 'theirs\n' });
  const arrival = { worktree: first.made.worktree, branch: first.made.branch, onto, message: 'main brought in' };
  assert.equal(await first.repository.landing.bringIn(arrival), null);
  assert.equal(await first.repository.landing.bringIn(arrival), null, 'twice is once');
  assert.equal(first.place.gitIn(first.made.worktree, 'status', '--porcelain'), '');
  assert.equal(first.place.git('log', '--merges', '--format=%s', first.made.branch), 'main brought in');
  assert.equal(first.place.git('rev-parse', 'refs/loop/base/fix-1'), onto);
  assert.deepEqual(await first.repository.changedFiles(first.made.worktree, onto), ['new.txt'], 'only its own changes');

  const second = await field(t, { 'a.txt': 'mine\n' });
  const tip = second.theirs({ 'a.txt': 'theirs\n', 'b.txt': 'theirs\n' });
  const { worktree, branch } = second.made;
  assert.equal(await second.repository.landing.bringIn({ worktree, branch, onto: tip, message: 'x' }), null);
  assert.equal(await second.repository.landing.bringIn({ worktree, branch, onto: tip, message: 'x' }), null);
  assert.match(readFileSync(join(worktree, 'a.txt'), 'utf8'), /<<<<<<< HEAD\nmine\n=======\ntheirs\n>>>>>>>/);
  assert.match(second.place.gitIn(worktree, 'status'), /You have unmerged paths/, 'as any agent knows it');
  // The maker resolves it and says nothing to git: what is committed has both parents all the same.
  second.place.write({ 'a.txt': 'both\n' }, worktree);
  const { commit, files } = await second.repository.commitAll({ worktree, branch, message: 'resolved' });
  assert.equal(files, 1, 'counted from the target');
  assert.equal(second.place.git('show', '-s', '--format=%P', commit).split(' ')[1], tip);
  assert.doesNotMatch(second.place.gitIn(worktree, 'status'), /merging|unmerged/);
  const again = await second.repository.landing.combine({
    ...{ run: RUN, copy: [], onto: tip, commit, how: 'rebase', message: 'land it', marked: ['a.txt'] },
  });
  assert.equal(again.is, 'clean');
  assert.equal(second.place.gitIn(again.worktree, 'log', '--format=%s'), 'land it\ntheirs\nfirst', 'a line again');
});

test('what cannot be brought in is said, and the worktree stays as it is', async (t) => {
  const { place, made, theirs, repository } = await field(t, { 'new.txt': 'x\n' });
  const onto = theirs({ 'b.txt': 'theirs\n' });
  const arrival = { worktree: made.worktree, branch: made.branch, onto, message: 'x' };
  place.write({ 'a.txt': 'by hand\n' }, made.worktree);
  assert.match((await repository.landing.bringIn(arrival)) ?? '', /changes that are not committed/);
  assert.equal(readFileSync(join(made.worktree, 'a.txt'), 'utf8'), 'by hand\n');
  place.gitIn(made.worktree, 'checkout', '--quiet', '--', 'a.txt');
  place.gitIn(made.worktree, 'checkout', '--quiet', '--detach', made.base);
  assert.match((await repository.landing.bringIn(arrival)) ?? '', /not on loop\/fix-1/);
});

test('the branch of a run goes after its time, unless somebody has worked on it or looks at it', async (t) => {
  const { place, made, commit, repository } = await field(t, { 'new.txt': 'x\n' });
  const { landing } = repository;
  assert.match((await landing.dropBranch(made.branch, commit)) ?? '', /checked out in/);
  await repository.removeWorktree({ ...made, keepDirty: true });
  assert.match((await landing.dropBranch(made.branch, made.base)) ?? '', /worked on it since/);
  assert.equal(await landing.dropBranch(made.branch, commit), null);
  assert.equal(await landing.dropBranch(made.branch, commit), null);
  assert.equal(place.git('branch', '--list', 'loop/*'), '');
});

test('a branch of ours, one that a remote has, a tag: what work lands on', async (t) => {
  const { place, repository, commit } = await field(t, { 'new.txt': 'x\n' });
  const { landing } = repository;
  place.git('branch', 'next');
  place.git('tag', 'v1');
  place.git('update-ref', 'refs/remotes/origin/next', 'HEAD');
  place.git('update-ref', 'refs/remotes/origin/far', 'HEAD');
  assert.deepEqual(await Promise.all([null, 'next', 'origin/next', 'origin/far', 'v1', commit].map(landing.targetOf)), [
    'main',
    'next',
    'next',
    null,
    null,
    null,
  ]);
  place.git('checkout', '--quiet', '--detach');
  assert.equal(await landing.targetOf(null), null);
});
