import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { agentGitEnv } from '../../../source/supervisor/git/harden.ts';
import { openRepository } from '../../../source/supervisor/git/repository.ts';
import { placeWithCommit } from './place.ts';

test('nothing that a repository plants in its configuration is executed by our calls', async (t) => {
  const place = placeWithCommit(t);
  const fired = (name: string) => join(place.folder, `fired-${name}`);
  const bait = (name: string, rest = 'cat') => `sh -c 'touch "${fired(name)}"; ${rest}'`;
  const settings: Record<string, string> = {
    'core.fsmonitor': bait('fsmonitor', 'exit 1'),
    'core.hooksPath': join(place.root, 'hooks'),
    'core.pager': bait('pager'),
    'core.editor': bait('editor'),
    'core.sshCommand': bait('ssh'),
    'core.askPass': bait('askpass'),
    'credential.helper': `!${bait('credential')}`,
    'diff.external': bait('external'),
    'diff.trap.command': bait('diff-driver'),
    'diff.trap.textconv': bait('textconv'),
    'filter.trap.clean': bait('clean'),
    'filter.trap.smudge': bait('smudge'),
    'filter.pro=cess.process': bait('process'),
    'merge.trap.driver': bait('merge'),
    'gpg.program': bait('gpg'),
    'commit.gpgSign': 'true',
    'pager.diff': bait('pager-diff'),
    'alias.add': `!${bait('alias')}`,
    'trailer.x.command': bait('trailer'),
  };
  const repository = await openRepository(place.root, place.env);
  const plant = () => {
    for (const [key, value] of Object.entries(settings)) place.git('config', key, value);
    place.write({ '.git/info/attributes': '*.txt diff=trap filter=trap merge=trap\n*.bin filter=pro=cess\n' });
    for (const hook of ['post-checkout', 'pre-commit', 'commit-msg', 'reference-transaction', 'post-index-change']) {
      for (const folder of ['hooks', '.git/hooks']) {
        mkdirSync(join(place.root, folder), { recursive: true });
        writeFileSync(join(place.root, folder, hook), `#!/bin/sh\ntouch ${fired(hook)}\n`, { mode: 0o755 });
      }
    }
  };
  plant();

  const made = await repository.addWorktree({ run: 'r-1', base: null, copy: [] });
  place.write({ 'a.txt': 'changed\n', 'x.bin': 'x', 'y.txt': 'y' }, made.worktree);
  await openRepository(place.root, place.env);
  await repository.treeOf(made.worktree);
  await repository.changes(made.worktree, made.base);
  assert.match(await repository.diff(made.worktree, made.base), /^\+changed$/m);
  const { commit } = await repository.commitAll({ ...made, message: 'x' });
  assert.equal((await repository.removeWorktree({ ...made, keepDirty: true })).kept, null);
  await repository.settled();

  const names = [...Object.values(settings), 'post-checkout', 'reference-transaction'].flatMap(
    (value) => /fired-([\w-]+)/.exec(value)?.[1] ?? value,
  );
  assert.deepEqual(
    names.filter((name) => existsSync(fired(name))),
    [],
  );

  // The bait is live: the plain git that an operator would type takes it.
  place.git('rm', '-q', '--cached', 'a.txt');
  place.git('add', 'a.txt');
  assert.ok(existsSync(fired('clean')) && existsSync(fired('fsmonitor')));
  assert.ok(commit);
});

test('a filter that the repository requires is not run but named, with the way out', async (t) => {
  const place = placeWithCommit(t);
  place.git('config', 'filter.crypt.clean', 'tr a-z b-za');
  place.git('config', 'filter.crypt.smudge', 'tr b-za a-z');
  place.git('config', 'filter.crypt.required', 'true');
  place.write({ '.gitattributes': 'secret* filter=crypt\n', 'secret.txt': 'abc\n' });
  place.git('add', '.');
  place.git('commit', '--quiet', '-m', 'x');
  const repository = await openRepository(place.root, place.env);
  const request = { run: 'r-1', base: null, copy: [] };
  await assert.rejects(repository.addWorktree(request), /filter 'crypt'.*git config --global filter\.crypt\.clean/);

  // Once it is in the operator's own configuration it runs.
  place.git('config', '--local', '--remove-section', 'filter.crypt');
  for (const [key, value] of [
    ['clean', 'tr a-z b-za'],
    ['smudge', 'tr b-za a-z'],
    ['required', 'true'],
  ] as const) {
    place.git('config', '--global', `filter.crypt.${key}`, value);
  }
  const made = await repository.addWorktree(request);
  assert.equal(place.gitIn(made.worktree, 'status', '--porcelain'), '');
  assert.equal(await repository.treeOf(made.worktree), place.git('rev-parse', 'HEAD^{tree}'));
});

test('a .git that points elsewhere diverts nothing', async (t) => {
  const place = placeWithCommit(t);
  const repository = await openRepository(place.root, place.env);
  const made = await repository.addWorktree({ run: 'r-1', base: null, copy: [] });
  const trap = join(place.folder, 'trap');
  mkdirSync(trap);
  place.gitIn(trap, 'init', '--quiet');
  place.gitIn(trap, 'config', 'filter.trap.clean', `touch ${place.folder}/fired; cat`);
  place.gitIn(trap, 'config', 'core.fsmonitor', `touch ${place.folder}/fired; exit 1`);
  place.write({ '.gitattributes': '* filter=trap\n', 'x.txt': 'x' }, made.worktree);
  writeFileSync(join(made.worktree, '.git'), `gitdir: ${trap}/.git\n`);
  const { files } = await repository.commitAll({ ...made, message: 'x' });
  assert.equal(files, 2);
  assert.equal(existsSync(join(place.folder, 'fired')), false);
  assert.equal(place.gitIn(trap, 'for-each-ref'), '');
  assert.equal(place.git('show', 'loop/r-1:x.txt'), 'x');

  // A whole repository in its place: still ours is used, and what lies in `.git` is not committed.
  rmSync(join(made.worktree, '.git'));
  place.gitIn(made.worktree, 'init', '--quiet');
  place.gitIn(made.worktree, 'config', 'core.fsmonitor', `touch ${place.folder}/fired; exit 1`);
  place.write({ 'y.txt': 'y' }, made.worktree);
  assert.equal((await repository.commitAll({ ...made, message: 'y' })).files, 3);
  assert.equal(existsSync(join(place.folder, 'fired')), false);
});

test('a nested repository that was committed is never asked for its status', async (t) => {
  const place = placeWithCommit(t);
  const repository = await openRepository(place.root, place.env);
  const made = await repository.addWorktree({ run: 'r-1', base: null, copy: [] });
  const inner = join(made.worktree, 'inner');
  mkdirSync(inner);
  place.gitIn(inner, 'init', '--quiet');
  place.write({ f: '1', '.gitattributes': '* filter=trap\n' }, inner);
  place.gitIn(inner, 'add', '.');
  place.gitIn(inner, 'commit', '--quiet', '-m', 'inner');
  place.gitIn(made.worktree, 'add', 'inner');
  place.gitIn(made.worktree, 'commit', '--quiet', '-m', 'gitlink');
  place.gitIn(inner, 'config', 'filter.trap.clean', `touch ${place.folder}/fired; cat`);
  // Same size, other time: git has to read the file, through the filter, to know whether it changed.
  writeFileSync(join(inner, 'f'), '2');
  utimesSync(join(inner, 'f'), 1, 1);
  await repository.treeOf(made.worktree);
  await repository.commitAll({ ...made, message: 'x' });
  assert.equal(existsSync(join(place.folder, 'fired')), false);
  place.gitIn(made.worktree, 'status', '--porcelain');
  assert.equal(existsSync(join(place.folder, 'fired')), true, 'the bait is live');
});

test('an agent that polls and commits beside our looks is never locked out', async (t) => {
  const place = placeWithCommit(t);
  const repository = await openRepository(place.root, place.env);
  const made = await repository.addWorktree({ run: 'r-1', base: null, copy: [] });
  let looking = true;
  const looks = (async () => {
    while (looking) await repository.treeOf(made.worktree);
  })();
  const commits = Array.from({ length: 20 }, async (_, n) => n);
  try {
    for await (const n of commits) {
      place.write({ 'x.txt': `${n}\n` }, made.worktree);
      place.gitIn(made.worktree, 'add', '.');
      place.gitIn(made.worktree, 'commit', '--quiet', '-m', String(n));
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    looking = false;
    await looks;
  }
  assert.equal(place.git('rev-list', '--count', 'main..loop/r-1'), '20');
});

test('an agent inherits no housekeeping, after the settings its environment already had', (t) => {
  const place = placeWithCommit(t);
  const before = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'user.name', GIT_CONFIG_VALUE_0: 'Agent' };
  const env = { ...place.env, ...before, ...agentGitEnv(before) };
  const value = (key: string) =>
    execFileSync('git', ['config', key], { cwd: place.root, env, encoding: 'utf8' }).trim();
  assert.deepEqual(['gc.auto', 'maintenance.auto', 'user.name'].map(value), ['0', 'false', 'Agent']);
});
