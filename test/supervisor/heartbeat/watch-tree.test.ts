import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchTree } from '../../../source/supervisor/heartbeat/watch-tree.ts';

interface Place {
  readonly root: string;
  write(path: string, text?: string): Promise<void>;
  /** Everything that was said until it had been silent for a while, sorted, each once. */
  said(): Promise<string[]>;
}

async function place(t: TestContext, globs: readonly string[], files: readonly string[]): Promise<Place> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'looptop-watch-')));
  const root = join(folder, 'repo');
  const write = async (path: string, text = 'x') => {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), text);
  };
  for (const file of files) await write(file);
  const over = new AbortController();
  let heard: string[] = [];
  const ready = Promise.withResolvers<void>();
  const done = watchTree(
    { root, globs, changed: (path) => void heard.push(path), ready: async () => ready.resolve() },
    over.signal,
  );
  t.after(async () => {
    over.abort();
    await done;
    await rm(folder, { recursive: true, force: true });
  });
  await Promise.race([ready.promise, done]);
  const said = async () => {
    for (let before = -1; before !== heard.length; await sleep(120)) before = heard.length;
    const all = [...new Set(heard)].sort();
    heard = [];
    return all;
  };
  return { root, write, said };
}

test('files that are made, written, moved and removed are said, and no others', async (t) => {
  const { root, write, said } = await place(t, ['src/**/*.ts'], ['src/a.ts', 'src/deep/b.ts', 'other/c.ts']);
  await write('src/a.ts', 'y');
  await write('src/new.ts');
  await write('src/deep/b.md');
  await write('other/c.ts', 'y');
  assert.deepEqual(await said(), ['src/a.ts', 'src/new.ts']);
  await rename(join(root, 'src/a.ts'), join(root, 'src/deep/a.ts'));
  await rm(join(root, 'src/deep/b.ts'));
  assert.deepEqual(await said(), ['src/a.ts', 'src/deep/a.ts', 'src/deep/b.ts']);
});

test('a folder that comes later is watched with all it brings, and one that goes is said to have gone', async (t) => {
  const { root, write, said } = await place(t, ['src/**/*.ts'], ['outside/made/deep/x.ts']);
  await write('src/one/two/three.ts');
  assert.deepEqual(await said(), ['src/one/two/three.ts']);
  await write('src/one/two/four.ts');
  assert.deepEqual(await said(), ['src/one/two/four.ts']);
  await rename(join(root, 'outside/made'), join(root, 'src/moved'));
  assert.deepEqual(await said(), ['src/moved/deep/x.ts']);
  await rename(join(root, 'src/moved'), join(root, 'outside/made'));
  assert.deepEqual(await said(), ['src/moved/']);
  // The same name, another folder: the kernel's watch went with the old one.
  await rm(join(root, 'src/one'), { recursive: true });
  await write('src/one/again.ts');
  await said();
  await write('src/one/again.ts', 'y');
  assert.deepEqual(await said(), ['src/one/again.ts']);
});

test('links are not followed, and other repositories, worktrees and dependencies are not looked into', async (t) => {
  const { root, write, said } = await place(
    t,
    ['**/*.ts'],
    [
      'src/a.ts',
      'node_modules/dep/index.ts',
      'vendor/.git/HEAD',
      'vendor/v.ts',
      'tree/.git',
      'tree/t.ts',
      '.looptop/x.ts',
      '../far/away.ts',
    ],
  );
  await symlink(join(root, '..', 'far'), join(root, 'src/link'));
  await symlink(join(root, '..', 'far', 'away.ts'), join(root, 'src/link.ts'));
  assert.deepEqual(await said(), ['src/link.ts'], 'a link is a file of the repository');
  await write('../far/away.ts', 'y');
  await write('node_modules/dep/index.ts', 'y');
  await write('vendor/v.ts', 'y');
  await write('tree/t.ts', 'y');
  await write('.looptop/x.ts', 'y');
  assert.deepEqual(await said(), []);
});

test('too many folders are refused with words', async (t) => {
  const over = new AbortController();
  const root = await realpath(await mkdtemp(join(tmpdir(), 'looptop-watch-')));
  t.after(() => rm(root, { recursive: true, force: true }));
  await Promise.all(Array.from({ length: 4100 }, (_, n) => mkdir(join(root, `d${n}`))));
  await assert.rejects(
    watchTree({ root, globs: ['**/*.ts'], changed: () => {}, ready: async () => {} }, over.signal),
    /more than 4000 folders lie below its paths: name narrower ones/,
  );
});
