import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRepository } from '../../../source/supervisor/git/repository.ts';
import { type Place, placeWithCommit } from './place.ts';

test('a run gets a worktree and a branch of its own, outside the repository', async (t) => {
  const { place, repository } = await opened(t);
  const made = await repository.addWorktree({ run: 'ci-fix-1', base: null, copy: [] });
  assert.equal(made.worktree, join(repository.worktrees, 'ci-fix-1'));
  assert.equal(made.branch, 'loop/ci-fix-1');
  assert.equal(made.base, place.git('rev-parse', 'main'));
  assert.equal(readFileSync(join(made.worktree, 'a.txt'), 'utf8'), 'one\n');
  assert.equal(place.gitIn(made.worktree, 'status', '--porcelain'), '');
  assert.deepEqual(await repository.addWorktree({ run: 'ci-fix-1', base: null, copy: [] }), made);
});

test('the operator sees no change at all: checkout, index, config, branches, hooks', async (t) => {
  const { place, repository } = await opened(t);
  place.write({ 'a.txt': 'half-done work\n', 'note.txt': 'untracked\n' });
  place.git('add', 'a.txt');
  place.write({ '.git/hooks/pre-commit': '#!/bin/sh\nexit 1\n' });
  const before = fingerprintOf(place);

  const made = await repository.addWorktree({ run: 'r-1', base: null, copy: [] });
  place.write({ 'new.txt': 'x\n' }, made.worktree);
  await repository.treeOf(made.worktree);
  await repository.diff(made.worktree, made.base);
  await repository.commitAll({ ...made, message: 'work' });
  assert.deepEqual(await repository.removeWorktree({ ...made, keepDirty: true }), { kept: null });
  await repository.settled();

  assert.equal(fingerprintOf(place), before);
  assert.equal(place.git('for-each-ref', '--format=%(refname)', 'refs/loop'), '');
  assert.equal(existsSync(made.worktree), false);
  assert.equal(place.git('worktree', 'list').split('\n').length, 1);
  assert.equal(place.git('show', 'loop/r-1:new.txt'), 'x');
});

test('fifteen runs start at once, from two openings of the repository', async (t) => {
  const { place, repository } = await opened(t);
  const second = await openRepository(place.root, place.env);
  const made = await Promise.all(
    Array.from({ length: 15 }, (_, n) =>
      (n % 2 ? repository : second).addWorktree({ run: `fan-${n}`, base: 'main', copy: [] }),
    ),
  );
  assert.equal(new Set(made.map(({ worktree }) => worktree)).size, 15);
  for (const { worktree } of made) assert.equal(place.gitIn(worktree, 'status', '--porcelain'), '');
});

test('the operator may work in a linked worktree of their own', async (t) => {
  const { place } = await opened(t);
  const linked = join(place.folder, 'linked');
  place.git('worktree', 'add', '--quiet', '-b', 'side', linked);
  place.write({ 'a.txt': 'side\n' }, linked);
  place.gitIn(linked, 'commit', '--quiet', '-am', 'side');
  const repository = await openRepository(linked, place.env);
  assert.equal(repository.branch, 'side');
  const made = await repository.addWorktree({ run: 'r-1', base: null, copy: [] });
  assert.equal(readFileSync(join(made.worktree, 'a.txt'), 'utf8'), 'side\n');
  assert.equal((await repository.removeWorktree({ ...made, keepDirty: true })).kept, null);
  await repository.settled();
  assert.equal(place.git('worktree', 'list').split('\n').length, 2);
});

test('the base can be a branch, a tag or a commit, and anything else is refused', async (t) => {
  const { place, repository } = await opened(t);
  place.git('tag', 'v1');
  place.write({ 'a.txt': 'later\n' });
  place.git('commit', '--quiet', '-am', 'second');
  const made = await repository.addWorktree({ run: 'r-1', base: 'v1', copy: [] });
  assert.equal(made.base, place.git('rev-parse', 'v1'));
  assert.equal(readFileSync(join(made.worktree, 'a.txt'), 'utf8'), 'one\n');
  for (const base of ['nope', '--all', '-h', '$(touch PWN)', 'main:a.txt', '\u001b[2J', '--upload-pack=x']) {
    await assert.rejects(repository.addWorktree({ run: 'r-2', base, copy: [] }), { name: 'ConfigError' }, base);
  }
});

test('a run cannot be named out of its folder or into the syntax of git', async (t) => {
  const { repository } = await opened(t);
  for (const run of [
    '',
    '.',
    '..',
    '../x',
    'a/b',
    '/etc',
    '-x',
    'A',
    'a b',
    'a\n',
    'a..b',
    'a.lock',
    'a.',
    '$(id)',
    `x${'y'.repeat(64)}`,
  ]) {
    await assert.rejects(
      repository.addWorktree({ run, base: null, copy: [] }),
      { name: 'ConfigError' },
      JSON.stringify(run),
    );
  }
});

test('a branch called loop is in the way, and the error says how to move it', async (t) => {
  const { place, repository } = await opened(t);
  place.git('branch', 'loop');
  await assert.rejects(repository.addWorktree({ run: 'r-1', base: null, copy: [] }), /git branch -m loop/);
});

test('what a crash left behind is made good', async (t) => {
  const { place, repository } = await opened(t);
  const request = { run: 'r-1', base: null, copy: [] };
  const base = place.git('rev-parse', 'HEAD');
  const good = { worktree: join(repository.worktrees, 'r-1'), branch: 'loop/r-1', base };
  const admin = join(place.root, '.git/worktrees/r-1');
  const crashes: Record<string, () => void> = {
    'only the pin': () => place.git('update-ref', 'refs/loop/base/r-1', base),
    'pin and branch': () => {
      place.git('update-ref', 'refs/loop/base/r-1', base);
      place.git('branch', 'loop/r-1', base);
    },
    'an empty folder': () => mkdirSync(good.worktree, { recursive: true }),
    'a checkout that was cut short': () => {
      place.git('update-ref', 'refs/loop/base/r-1', base);
      place.git('worktree', 'add', '--quiet', '--no-checkout', '-b', 'loop/r-1', good.worktree, base);
      writeFileSync(join(admin, 'locked'), 'initializing');
      writeFileSync(join(admin, 'index.lock'), '');
    },
    'all but the manifest': () => {
      place.git('update-ref', 'refs/loop/base/r-1', base);
      place.git('worktree', 'add', '--quiet', '-b', 'loop/r-1', good.worktree, base);
    },
    'a registration whose folder is gone': () => {
      place.git('update-ref', 'refs/loop/base/r-1', base);
      place.git('worktree', 'add', '--quiet', '-b', 'loop/r-1', good.worktree, base);
      rmSync(good.worktree, { recursive: true });
    },
  };
  for (const [name, crash] of Object.entries(crashes)) {
    crash();
    assert.deepEqual(await repository.addWorktree(request), good, name);
    assert.equal(place.gitIn(good.worktree, 'status', '--porcelain'), '', name);
    assert.equal(readFileSync(join(good.worktree, 'a.txt'), 'utf8'), 'one\n', name);
    assert.deepEqual(await repository.removeWorktree({ ...good, keepDirty: true }), { kept: null }, name);
    assert.equal(place.git('branch', '--list', 'loop/*'), '', name);
  }
  await repository.settled();
});

test('a run goes on in a worktree that somebody deleted or whose .git was bent', async (t) => {
  const { place, repository } = await opened(t);
  const request = { run: 'r-1', base: null, copy: [], nonce: 'n1' };
  const made = await repository.addWorktree(request);
  place.write({ 'kept.txt': 'committed\n' }, made.worktree);
  await repository.commitAll({ ...made, message: 'one' });

  rmSync(made.worktree, { recursive: true });
  assert.deepEqual(await repository.addWorktree(request), made);
  assert.equal(readFileSync(join(made.worktree, 'kept.txt'), 'utf8'), 'committed\n');

  writeFileSync(join(made.worktree, '.git'), 'gitdir: /somewhere/else\n');
  assert.deepEqual(await repository.addWorktree(request), made);
  assert.equal(place.gitIn(made.worktree, 'status', '--porcelain'), '');
});

test('the work of an earlier life under the same name is left alone', async (t) => {
  const { place, repository } = await opened(t);
  const first = await repository.addWorktree({ run: 'r-1', base: null, copy: [], nonce: 'n1' });
  place.write({ 'a.txt': 'unfinished\n' }, first.worktree);
  const second = await repository.addWorktree({ run: 'r-1', base: null, copy: [], nonce: 'n2' });
  assert.equal(second.branch, 'loop/r-1.2');
  assert.equal(readFileSync(join(first.worktree, 'a.txt'), 'utf8'), 'unfinished\n');

  place.git('branch', 'loop/r-2');
  const third = await repository.addWorktree({ run: 'r-2', base: null, copy: [], nonce: 'n3' });
  assert.equal(third.branch, 'loop/r-2.2');

  place.write({ 'x.txt': 'git forgot me\n' }, join(repository.worktrees, 'r-3'));
  const fourth = await repository.addWorktree({ run: 'r-3', base: null, copy: [], nonce: 'n4' });
  assert.equal(fourth.branch, 'loop/r-3.2');
  assert.equal(readFileSync(join(repository.worktrees, 'r-3/x.txt'), 'utf8'), 'git forgot me\n');
});

test('files to copy arrive, and are never committed', async (t) => {
  const { place, repository } = await opened(t);
  place.write({
    '.env': 'SECRET=1\n',
    'local.conf': 'not ignored\n',
    'certs/deep/k.pem': 'key\n',
    'a.txt': 'edited\n',
    'é.conf': 'u\n',
  });
  const copy = ['.env', 'local.conf', 'certs/', 'a.txt', 'é.conf'];
  const made = await repository.addWorktree({ run: 'r-1', base: null, copy });
  assert.equal(readFileSync(join(made.worktree, '.env'), 'utf8'), 'SECRET=1\n');
  assert.equal(readFileSync(join(made.worktree, 'certs/deep/k.pem'), 'utf8'), 'key\n');
  assert.equal(readFileSync(join(made.worktree, 'a.txt'), 'utf8'), 'one\n', 'tracked files stay as the base has them');
  place.gitIn(made.worktree, 'add', '--force', 'local.conf', '.env');
  const { commit, files } = await repository.commitAll({ ...made, message: 'x' });
  assert.equal(files, 0);
  assert.equal(commit, made.base);
  assert.deepEqual(await repository.removeWorktree({ ...made, keepDirty: true }), { kept: null });
  await repository.settled();
});

test('nothing is copied out of the repository or through a link', async (t) => {
  const { place, repository } = await opened(t);
  place.write({ '.env': 'x', 'outside.txt': 'secret' }, place.folder);
  symlinkSync(join(place.folder, 'outside.txt'), join(place.root, 'link.txt'));
  mkdirSync(join(place.root, 'box'));
  symlinkSync(place.folder, join(place.root, 'box/door'));
  place.write({ 'conf/x.txt': 'x' });
  symlinkSync(place.folder, join(place.folder, 'away'));
  for (const path of [
    '../.env',
    '/etc/hostname',
    '..',
    '.',
    '',
    '.git/config',
    'a/../../.env',
    'link.txt',
    'box',
    'none.txt',
    '.GIT/x',
    'x\0y',
  ]) {
    const attempt = repository.addWorktree({ run: 'r-1', base: null, copy: [path] });
    await assert.rejects(attempt, { name: 'ConfigError' }, JSON.stringify(path));
  }
  assert.equal(existsSync(join(place.folder, 'conf')), false);

  // The base has a link where the file would go.
  place.git('checkout', '--quiet', '-b', 'trap');
  symlinkSync(place.folder, join(place.root, 'into'));
  place.git('add', 'into');
  place.git('commit', '--quiet', '-m', 'trap');
  place.git('checkout', '--quiet', 'main');
  place.write({ 'into/planted.txt': 'x' });
  await assert.rejects(
    repository.addWorktree({ run: 'r-2', base: 'trap', copy: ['into/planted.txt'] }),
    /symbolic link/,
  );
  assert.equal(existsSync(join(place.folder, 'planted.txt')), false);
});

test('work that is not committed is never removed', async (t) => {
  const { place, repository } = await opened(t);
  const works: Record<string, (worktree: string) => void> = {
    'a changed file': (at) => appendFileSync(join(at, 'a.txt'), 'more\n'),
    'an untracked file': (at) => place.write({ 'new.txt': '' }, at),
    'a deleted file': (at) => rmSync(join(at, 'a.txt')),
    'a change behind assume-unchanged': (at) => {
      place.gitIn(at, 'update-index', '--assume-unchanged', 'a.txt');
      appendFileSync(join(at, 'a.txt'), 'more\n');
    },
    'an ignored file that was staged': (at) => {
      place.write({ 'important.log': 'x' }, at);
      place.gitIn(at, 'add', '--force', 'important.log');
    },
    'a nested repository': (at) => {
      mkdirSync(join(at, 'inner'));
      place.gitIn(join(at, 'inner'), 'init', '--quiet');
    },
    'a commit that only a detached HEAD holds': (at) => {
      place.gitIn(at, 'checkout', '--quiet', '--detach');
      place.gitIn(at, 'commit', '--quiet', '--allow-empty', '-m', 'alone');
    },
    'a commit whose branch was deleted': (at) => {
      place.gitIn(at, 'commit', '--quiet', '--allow-empty', '-m', 'alone');
      place.gitIn(at, 'update-ref', '-d', place.gitIn(at, 'symbolic-ref', 'HEAD'));
    },
    'a lock by the operator': (at) => place.git('worktree', 'lock', '--reason', 'mine', at),
  };
  for (const [index, [name, work]] of Object.entries(works).entries()) {
    const made = await repository.addWorktree({ run: `r-${index}`, base: null, copy: [] });
    work(made.worktree);
    const { kept } = await repository.removeWorktree({ ...made, keepDirty: true });
    assert.equal(typeof kept, 'string', name);
    assert.ok(existsSync(made.worktree), name);
  }
});

test('ignored files do not keep a worktree, and removing twice is fine', async (t) => {
  const { place, repository } = await opened(t);
  const made = await repository.addWorktree({ run: 'r-1', base: null, copy: [] });
  place.write({ 'noise.log': 'x' }, made.worktree);
  assert.deepEqual(await repository.removeWorktree({ ...made, keepDirty: true }), { kept: null });
  assert.deepEqual(await repository.removeWorktree({ ...made, keepDirty: true }), { kept: null });
  await repository.settled();
  assert.deepEqual(readdirSync(join(repository.worktrees, '.trash')), []);
});

test('folders that are not ours are not touched', async (t) => {
  const { place, repository } = await opened(t);
  for (const worktree of [place.root, '/', join(repository.worktrees, '../x')]) {
    const attempt = repository.removeWorktree({ worktree, branch: 'loop/x', keepDirty: true });
    await assert.rejects(attempt, { name: 'InfraError' });
  }
});

test('stale locks of a killed git go, and only those of the run', async (t) => {
  const { place, repository } = await opened(t);
  const made = await repository.addWorktree({ run: 'r-1', base: null, copy: [] });
  const stale = [
    join(place.root, '.git/worktrees/r-1/index.lock'),
    join(place.root, '.git/worktrees/r-1/HEAD.lock'),
    join(place.root, '.git/refs/heads/loop/r-1.lock'),
  ];
  const foreign = join(place.root, '.git/index.lock');
  for (const lock of [...stale, foreign]) writeFileSync(lock, '');
  assert.deepEqual([...(await repository.releaseLocks(made))].sort(), [...stale].sort());
  assert.ok(existsSync(foreign));
  rmSync(foreign);
});

async function opened(t: Parameters<typeof placeWithCommit>[0]) {
  const place = placeWithCommit(t);
  return { place, repository: await openRepository(place.root, place.env) };
}

/** Everything that is the operator's: working files, and the git folder without objects, logs and our refs. */
function fingerprintOf({ root }: Place): string {
  const hash = createHash('sha256');
  const walk = (folder: string) => {
    for (const name of readdirSync(join(root, folder)).sort()) {
      const path = join(folder, name);
      if (/^\.git\/(objects|logs|worktrees|refs\/loop|refs\/heads\/loop)$/.test(path)) continue;
      const there = statSync(join(root, path));
      if (there.isDirectory()) walk(path);
      else hash.update(`${path}\0${there.mode}\0`).update(readFileSync(join(root, path)));
    }
  };
  walk('');
  return hash.digest('hex');
}
