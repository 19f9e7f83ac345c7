import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError, UsageError } from '../../../source/loop/errors.ts';
import { openRepository } from '../../../source/supervisor/git/repository.ts';
import { emptyPlace, placeWithCommit } from './place.ts';

test('a repository is opened from any folder in it', async (t) => {
  const place = placeWithCommit(t);
  const repository = await openRepository(join(place.root, 'src'), place.env);
  assert.equal(repository.root, place.root);
  assert.equal(repository.name, 'shop');
  assert.equal(repository.branch, 'main');
  assert.match(repository.worktrees, /state\/looptop\/worktrees\/shop-[0-9a-f]{12}$/);
});

test('a detached HEAD is fine and says so', async (t) => {
  const place = placeWithCommit(t);
  place.git('checkout', '--quiet', '--detach');
  const { branch } = await openRepository(place.root, place.env);
  assert.equal(branch, `(detached ${place.git('rev-parse', '--short=7', 'HEAD')})`);
});

test('a folder that is no repository is refused with what to do', async (t) => {
  const place = emptyPlace(t);
  await assert.rejects(openRepository(place.root, place.env), isUsage(/not in a git repository.*git init/));
  await assert.rejects(openRepository(join(place.root, 'none'), place.env), isUsage(/no such folder/));
});

test('a repository without commits is refused with what to do', async (t) => {
  const place = emptyPlace(t);
  place.git('init', '--quiet');
  await assert.rejects(openRepository(place.root, place.env), isUsage(/no commit yet.*git commit/));
});

test('a bare repository and the inside of .git are refused', async (t) => {
  const place = placeWithCommit(t);
  const bare = join(place.folder, 'bare.git');
  place.git('clone', '--quiet', '--bare', place.root, bare);
  await assert.rejects(openRepository(bare, place.env), isUsage(/bare repository/));
  await assert.rejects(openRepository(join(place.root, '.git'), place.env), isUsage(/\.git/));
});

test('a missing git and an old git are told apart', async (t) => {
  const place = placeWithCommit(t);
  await assert.rejects(openRepository(place.root, { ...place.env, PATH: '/nowhere' }), isConfig(/git was not found/));

  const bin = join(place.folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'git'), '#!/bin/sh\necho "git version 2.20.1"\n', { mode: 0o755 });
  const old = { ...place.env, PATH: `${bin}:${place.env.PATH}` };
  await assert.rejects(openRepository(place.root, old), isConfig(/2\.20\.1 is too old: install git 2\.31/));
});

test('variables that a git hook leaves behind divert nothing', async (t) => {
  const place = placeWithCommit(t);
  const other = emptyPlace(t);
  other.git('init', '--quiet');
  const env = { ...place.env, GIT_DIR: join(other.root, '.git'), GIT_INDEX_FILE: '/nowhere', GIT_EDITOR: 'false' };
  assert.equal((await openRepository(place.root, env)).root, place.root);
});

const isUsage = (words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof UsageError, String(error));
  assert.match(error.message, words);
  assert.equal(error.exitCode, 2);
  return true;
};

const isConfig = (words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ConfigError, String(error));
  assert.match(error.message, words);
  return true;
};
