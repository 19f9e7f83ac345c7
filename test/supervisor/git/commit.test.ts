import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRepository } from '../../../source/supervisor/git/repository.ts';
import { placeWithCommit } from './place.ts';

test('everything in the worktree is committed, what is ignored is not', async (t) => {
  const { place, repository, made } = await started(t);
  const at = made.worktree;
  place.write({ 'new/deep.txt': '1\n2\n', 'noise.log': 'x', 'a.txt': 'one\nmore\n', 'run.sh': 'true\n' }, at);
  chmodSync(join(at, 'run.sh'), 0o755);
  symlinkSync('a.txt', join(at, 'link'));
  rmSync(join(at, 'src/b.txt'));

  const done = await repository.commitAll({ ...made, message: 'ci-fix: make it green\n\nwith a body' });
  assert.deepEqual({ ...done, commit: '' }, { commit: '', files: 5, added: 5, removed: 1 });
  assert.equal(place.git('rev-parse', 'loop/r-1'), done.commit);
  assert.equal(place.git('show', '-s', '--format=%an <%ae> %P', done.commit), `Ada <ada@example.org> ${made.base}`);
  assert.equal(place.git('show', '-s', '--format=%B', done.commit), 'ci-fix: make it green\n\nwith a body');
  assert.match(place.git('ls-tree', '-r', done.commit), /^100755 .*\trun\.sh$/m);
  assert.equal(place.gitIn(at, 'status', '--porcelain'), '');
  assert.deepEqual(await repository.commitAll({ ...made, message: 'again' }), done);
});

test('nothing to commit gives the base, and no commit', async (t) => {
  const { repository, made } = await started(t);
  const done = await repository.commitAll({ ...made, message: 'x' });
  assert.deepEqual(done, { commit: made.base, files: 0, added: 0, removed: 0 });
});

test('what the agent committed stays below, wherever it went', async (t) => {
  const { place, repository } = await started(t);
  const wanderings: Record<string, (at: string) => void> = {
    'on the branch': () => undefined,
    'on a detached HEAD': (at) => place.gitIn(at, 'checkout', '--quiet', '--detach'),
    'on a branch of its own': (at) => place.gitIn(at, 'checkout', '--quiet', '-b', `own-${at.slice(-1)}`),
    'with its branch deleted': (at) => {
      place.gitIn(at, 'checkout', '--quiet', '--detach');
      place.gitIn(at, 'branch', '--quiet', '-D', `loop/w-${at.slice(-1)}`);
    },
  };
  for (const [index, [name, wander]] of Object.entries(wanderings).entries()) {
    const made = await repository.addWorktree({ run: `w-${index}`, base: null, copy: [] });
    wander(made.worktree);
    place.write({ 'mine.txt': 'x\n', 'forced.log': 'x\n' }, made.worktree);
    place.gitIn(made.worktree, 'add', '--force', 'mine.txt', 'forced.log');
    place.gitIn(made.worktree, 'commit', '--quiet', '-m', 'by the agent');
    appendFileSync(join(made.worktree, 'a.txt'), 'more\n');
    const { commit, files } = await repository.commitAll({ ...made, message: 'rest' });
    assert.equal(place.git('log', '--format=%s', made.branch), 'rest\nby the agent\nfirst', name);
    assert.equal(files, 3, name);
    assert.equal(place.gitIn(made.worktree, 'symbolic-ref', 'HEAD'), `refs/heads/${made.branch}`, name);
    assert.equal(place.git('rev-parse', made.branch), commit, name);
    assert.equal((await repository.removeWorktree({ ...made, keepDirty: true })).kept, null, name);
  }
  await repository.settled();
});

test('two lines of work become one commit with both as parents', async (t) => {
  const { place, repository, made } = await started(t);
  place.gitIn(made.worktree, 'commit', '--quiet', '--allow-empty', '-m', 'on the branch');
  const tip = place.git('rev-parse', made.branch);
  place.gitIn(made.worktree, 'checkout', '--quiet', '--detach', made.base);
  place.gitIn(made.worktree, 'commit', '--quiet', '--allow-empty', '-m', 'aside');
  const aside = place.gitIn(made.worktree, 'rev-parse', 'HEAD');
  const { commit } = await repository.commitAll({ ...made, message: 'both' });
  assert.equal(place.git('show', '-s', '--format=%P', commit), `${tip} ${aside}`);
});

test('a commit works in the middle of a conflict and with a stale lock', async (t) => {
  const { place, repository, made } = await started(t);
  place.write({ 'a.txt': 'theirs\n' });
  place.git('commit', '--quiet', '-am', 'theirs');
  place.write({ 'a.txt': 'ours\n' }, made.worktree);
  place.gitIn(made.worktree, 'commit', '--quiet', '-am', 'ours');
  assert.throws(() => place.gitIn(made.worktree, 'merge', 'main'));
  writeFileSync(join(place.root, '.git/worktrees/r-1/index.lock'), '');
  const { commit } = await repository.commitAll({ ...made, message: 'x' });
  assert.match(place.git('show', `${commit}:a.txt`), /<<<<<<< HEAD/);
});

test('an index that the agent broke or removed does not matter', async (t) => {
  const { place, repository, made } = await started(t);
  appendFileSync(join(made.worktree, 'a.txt'), 'more\n');
  const index = join(place.root, '.git/worktrees/r-1/index');
  writeFileSync(index, 'garbage');
  assert.equal((await repository.changes(made.worktree, made.base)).files, 1);
  rmSync(index);
  assert.equal((await repository.commitAll({ ...made, message: 'x' })).files, 1);
  assert.equal(place.gitIn(made.worktree, 'status', '--porcelain'), '');
});

test('without an identity of the operator the commit is by looptop', async (t) => {
  const place = placeWithCommit(t);
  writeFileSync(place.env.GIT_CONFIG_GLOBAL ?? '', '');
  const repository = await openRepository(place.root, place.env);
  const made = await repository.addWorktree({ run: 'r-1', base: null, copy: [] });
  place.write({ 'x.txt': 'x' }, made.worktree);
  const { commit } = await repository.commitAll({ ...made, message: 'x' });
  const format = '--format=%an <%ae> %cn <%ce>';
  const who = 'looptop <looptop@localhost>';
  assert.equal(place.git('show', '-s', format, commit), `${who} ${who}`);
});

test('a message is only ever text', async (t) => {
  const { place, repository, made } = await started(t);
  for (const [n, [message, kept]] of Object.entries([
    ['--amend --author=x', '--amend --author=x'],
    ['-F/etc/passwd', '-F/etc/passwd'],
    ['$(touch PWN) `id`; # not a comment', '$(touch PWN) `id`; # not a comment'],
    ['a\u0000b\u001b[2Jc', 'ab[2Jc'],
    ['  ', 'Work of an agent loop'],
  ])) {
    place.write({ 'x.txt': `${n}\n` }, made.worktree);
    const { commit } = await repository.commitAll({ ...made, message: message ?? '' });
    assert.equal(place.git('show', '-s', '--format=%B', commit), kept);
  }
});

test('a branch that is not of a run is refused', async (t) => {
  const { repository, made } = await started(t);
  for (const branch of ['main', 'loop/../main', 'loop/', '--all', 'loop/a..b', 'refs/heads/main']) {
    await assert.rejects(repository.commitAll({ ...made, branch, message: 'x' }), { name: 'ConfigError' }, branch);
  }
});

test('file names are bytes: spaces, newlines, dashes, pathspec magic and broken UTF-8 all arrive', async (t) => {
  const { place, repository, made } = await started(t);
  const names = [
    '-rf',
    '--',
    'a b',
    'new\nline',
    '$(touch PWN)',
    ':(exclude)a.txt',
    ':!x',
    '*',
    '"q"',
    '\u202etxt',
    'é',
    '\\',
  ];
  for (const name of names) writeFileSync(join(made.worktree, name), 'x\n');
  writeFileSync(Buffer.concat([Buffer.from(join(made.worktree, 'bad-')), Buffer.from([0xff, 0xfe])]), 'x\n');
  assert.equal((await repository.changes(made.worktree, made.base)).files, names.length + 1);
  const { files, commit } = await repository.commitAll({ ...made, message: 'x' });
  assert.equal(files, names.length + 1);
  assert.equal(place.git('ls-tree', '-z', '--name-only', '-r', commit).split('\0').filter(Boolean).length, 3 + files);
});

test('a nested repository is left out of the commit and keeps the worktree', async (t) => {
  const { place, repository, made } = await started(t);
  const inner = join(made.worktree, 'inner [1]');
  mkdirSync(inner);
  place.gitIn(inner, 'init', '--quiet');
  writeFileSync(join(inner, 'f'), 'x');
  place.write({ 'x.txt': 'x' }, made.worktree);
  assert.equal((await repository.commitAll({ ...made, message: 'x' })).files, 1);
  assert.match(
    (await repository.removeWorktree({ ...made, keepDirty: true })).kept ?? '',
    /repository of its own \(inner \[1\]\)/,
  );
});

test('a sparse checkout stays sparse and loses nothing', async (t) => {
  const place = placeWithCommit(t);
  place.git('sparse-checkout', 'set', '--no-cone', '/a.txt');
  const repository = await openRepository(place.root, place.env);
  const made = await repository.addWorktree({ run: 'r-1', base: null, copy: [] });
  assert.deepEqual(await repository.changes(made.worktree, made.base), { files: 0, added: 0, removed: 0 });
  appendFileSync(join(made.worktree, 'a.txt'), 'more\n');
  assert.equal((await repository.commitAll({ ...made, message: 'x' })).files, 1);
});

test('the tree hash follows the content and nothing else', async (t) => {
  const { place, repository, made } = await started(t);
  const clean = await repository.treeOf(made.worktree);
  assert.equal(clean, place.git('rev-parse', `${made.base}^{tree}`));
  place.write({ 'noise.log': 'ignored' }, made.worktree);
  assert.equal(await repository.treeOf(made.worktree), clean);
  place.write({ 'x.txt': '1\n' }, made.worktree);
  const first = await repository.treeOf(made.worktree);
  place.write({ 'x.txt': '2\n' }, made.worktree);
  assert.notEqual(await repository.treeOf(made.worktree), first);
  place.write({ 'x.txt': '1\n' }, made.worktree);
  assert.equal(await repository.treeOf(made.worktree), first);
  place.gitIn(made.worktree, 'add', '--all');
  assert.equal(await repository.treeOf(made.worktree), first);
  place.gitIn(made.worktree, 'commit', '--quiet', '-m', 'x');
  assert.equal(await repository.treeOf(made.worktree), first);
});

test('a change that leaves size and time of a file alone is seen, as plain git would', async (t) => {
  const { place, repository, made } = await started(t);
  place.git('config', 'core.trustctime', 'false');
  const file = join(made.worktree, 'a.txt');
  // As if it had been written in the very second of the snapshot, or after it.
  const soon = Math.floor(Date.now() / 1000) + 3;
  utimesSync(file, soon, soon);
  const first = await repository.treeOf(made.worktree);
  writeFileSync(file, 'two\n');
  utimesSync(file, soon, soon);
  await sleep(Math.max(0, (soon + 1.1) * 1000 - Date.now()));
  assert.notEqual(await repository.treeOf(made.worktree), first);
});

test('the diff has committed, changed, new and renamed files, and the agent\u2019s index stays as it was', async (t) => {
  const { place, repository, made } = await started(t);
  const at = made.worktree;
  place.write({ 'a.txt': 'one\ncommitted\n' }, at);
  place.gitIn(at, 'commit', '--quiet', '-am', 'x');
  place.write({ 'new.txt': 'new\n', 'bin.dat': 'a\0b' }, at);
  place.gitIn(at, 'mv', 'src/b.txt', 'src/c.txt');
  const index = readFileSync(join(place.root, '.git/worktrees/r-1/index'));
  const objects = place.git('count-objects');

  const text = await repository.diff(at, made.base);
  assert.match(text, /^\+committed$/m);
  assert.match(text, /^\+new$/m);
  assert.match(text, /^rename to src\/c\.txt$/m);
  assert.match(text, /^Binary files/m);
  assert.deepEqual(await repository.changes(at, made.base), { files: 4, added: 2, removed: 0 });
  assert.deepEqual(readFileSync(join(place.root, '.git/worktrees/r-1/index')), index);
  assert.equal(place.git('count-objects'), objects, 'looking leaves no objects behind');
});

test('a diff without end is cut', async (t) => {
  const { place, repository, made } = await started(t);
  place.write({ 'big.txt': `${'x'.repeat(99)}\n`.repeat(100_000) }, made.worktree);
  const text = await repository.diff(made.worktree, made.base);
  assert.ok(text.length < 8.5 * 1024 * 1024);
  assert.match(text, /cut after 8 MiB\n$/);
});

test('snapshots of one worktree can be asked for at the same time', async (t) => {
  const { place, repository, made } = await started(t);
  place.write({ 'x.txt': 'x' }, made.worktree);
  const trees = await Promise.all(Array.from({ length: 6 }, () => repository.treeOf(made.worktree)));
  assert.equal(new Set(trees).size, 1);
});

async function started(t: TestContext) {
  const place = placeWithCommit(t);
  const repository = await openRepository(place.root, place.env);
  return { place, repository, made: await repository.addWorktree({ run: 'r-1', base: null, copy: [] }) };
}
