import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatProblem } from '../../../source/loop/definition/problem.ts';
import { readLoops } from '../../../source/supervisor/memory/loop-files.ts';
import { folder } from './folder.ts';

const loop = (name: string) => `---\nname: ${name}\non: manual\ngoal: All is green.\ngates: [npm test]\n---\nDo it.\n`;

test('every loop file is read, by name, the README is not', async (t) => {
  const root = await folder(t, {
    'loops/b.md': loop('b'),
    'loops/a.md': loop('x'),
    'loops/README.md': '# Loops\n',
    'loops/schema.json': '{}',
    'loops/bin/c.md': loop('c'),
    'loops/.hidden.md': loop('d'),
  });
  const files = await readLoops(root);
  assert.deepEqual(
    files.map(({ path, text, parsed }) => [path, text.length > 0, parsed.definition?.name]),
    [
      ['loops/a.md', true, undefined],
      ['loops/b.md', true, 'b'],
    ],
  );
  assert.deepEqual(files[0]?.parsed.problems.map(formatProblem), [
    'loops/a.md:2: name: found "x", expected "a", the name of the file',
  ]);
});

test('a repository without loops has none', async (t) => {
  assert.deepEqual(await readLoops(await folder(t)), []);
  assert.deepEqual(await readLoops(await folder(t, { loops: 'a file' })), []);
});

test('what is no file, too large or elsewhere is a problem of that file alone', async (t) => {
  const outside = await folder(t, { 'secret.md': loop('link') });
  const root = await folder(t, {
    'loops/good.md': loop('good'),
    'loops/large.md': `${loop('large')}${'x'.repeat(300_000)}`,
  });
  await mkdir(join(root, 'loops/folder.md'));
  await symlink(join(outside, 'secret.md'), join(root, 'loops/link.md'));
  await writeFile(join(root, 'loops/empty.md'), '');
  const said = (await readLoops(root)).map(({ parsed }) => parsed.problems.map(formatProblem).join() || 'fine');
  assert.match(said[0] ?? '', /^loops\/empty\.md:1: no front matter/);
  assert.equal(said[1], 'loops/folder.md:1: loops/folder.md is not a regular file');
  assert.equal(said[2], 'fine');
  assert.equal(said[3], 'loops/large.md:1: the file is larger than 256 KiB');
  assert.match(said[4] ?? '', /^loops\/link\.md:1: loops\/link\.md leads out of the repository/);
});
