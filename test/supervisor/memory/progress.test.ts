import assert from 'node:assert/strict';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { addProgress, readProgress, withEntry } from '../../../source/supervisor/memory/progress.ts';
import { madeLoop } from '../../loop/made-loop.ts';
import { folder } from './folder.ts';

const loop = (progress: string | null = null) => madeLoop({ context: { ...madeLoop().context, progress } });

test('entries come one after the other, and one that is there already is not added again', async (t) => {
  const root = await folder(t);
  await Promise.all(
    ['a', 'b', 'a'].map((each) => addProgress(root, loop(), { title: `fix-1, ${each}`, text: `tried ${each}` })),
  );
  assert.equal(await readProgress(root, loop()), '## fix-1, a\n\ntried a\n\n## fix-1, b\n\ntried b');
});

test('the file is bounded, the oldest entries go whole, and one entry cannot take it all', () => {
  let notes = '';
  for (let n = 0; n < 60; n++)
    notes = withEntry(notes, { title: `run, ${n}`, text: `${n} ${'wörd '.repeat(3000)}` }) ?? notes;
  assert.ok(Buffer.byteLength(notes) <= 64 * 1024);
  const titles = [...notes.matchAll(/^## run, (\d+)$/gm)].map(([, n]) => Number(n));
  assert.equal(titles.at(-1), 59);
  assert.deepEqual(
    titles,
    titles.map((_, at) => (titles[0] ?? 0) + at),
    'without a gap',
  );
  assert.ok(titles.length >= 5);
});

test('it is text that draws nothing and makes no entry of its own', () => {
  const notes = withEntry('', { title: 'a', text: 'x\u001b[2J\u202ey\r\n## b\n# c\n### d\n\n\n\n\nz' });
  assert.equal(notes, '## a\n\nx\ufffdy\n### b\n### c\n### d\n\nz');
  assert.equal(withEntry('', { title: 'a', text: ' \n\u0007' }), null);
});

test('it stands where the loop file wants it, but over nothing of anybody else and not outside', async (t) => {
  const root = await folder(t, { 'docs/plan.md': 'mine' });
  const entry = { title: 'fix-1, 1-maker', text: 'tried' };
  await addProgress(root, loop('.loops/progress/fix.md'), entry);
  assert.match(await readFile(join(root, '.loops/progress/fix.md'), 'utf8'), /tried/);
  await assert.rejects(addProgress(root, loop('docs/plan.md'), entry), /was not written by looptop/);
  assert.equal(await readFile(join(root, 'docs/plan.md'), 'utf8'), 'mine');
  const outside = await folder(t);
  await symlink(outside, join(root, 'out'));
  await assert.rejects(addProgress(root, loop('out/deep/fix.md'), entry), /leads out of the repository/);
});

test('what a person wrote at the usual place stays', async (t) => {
  const root = await folder(t, { '.looptop/progress/fix.md': 'Look at the clock first.\n' });
  await addProgress(root, loop(), { title: 'fix-1, 1-maker', text: 'tried' });
  assert.equal(await readProgress(root, loop()), 'Look at the clock first.\n\n## fix-1, 1-maker\n\ntried');
  await writeFile(join(root, '.looptop/progress/fix.md'), '');
  assert.equal(await readProgress(root, loop()), '');
});
