/** Real files in real folders, written while they are followed. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Books } from '../../source/agents/engine.ts';
import { lengthsOf, OpenBooks } from '../../source/supervisor/books.ts';
import { Confluence } from '../../source/supervisor/confluence.ts';

/** Books whose first line names their session, on one shelf. */
const LIVE: Books = {
  when: 'live',
  shelves: ({ env }) => [{ folder: join(env.BOOKS ?? '', 'today'), name: /^book-/ }],
  owner: (line) => line.replace('session ', ''),
};

type Line = readonly [file: string, text: string];

/** Follows the books of a session in a folder of its own; every line is noted with the time at which it was read. */
function follow(books: Books, session: string | null) {
  const folder = mkdtempSync(join(tmpdir(), 'looptop-books-'));
  const stop = new AbortController();
  const pages = new Confluence<{ readonly file: string; readonly lines: readonly { readonly text: string }[] }>();
  const open = new OpenBooks(books, { env: { BOOKS: folder }, cwd: folder }, (found) => pages.add(found), stop.signal);
  const lines: Line[] = [];
  const at: number[] = [];
  let finish = () => {};
  // Stands for the agent's own output: the whole does not end before it.
  pages.add(
    (async function* (): AsyncGenerator<never, void, void> {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      open.finish();
    })(),
  );
  const done = (async () => {
    for await (const { file, lines: batch } of pages) {
      for (const { text } of batch) {
        lines.push([file, text]);
        at.push(performance.now());
      }
    }
  })();
  const until = async (count: number) => {
    for (let tries = 0; lines.length < count; tries++) {
      assert.ok(tries < 1000, `${lines.length} of ${count} lines: ${JSON.stringify(lines)}`);
      await sleep(5);
    }
  };
  if (session !== null) open.begin(session);
  return {
    folder: join(folder, 'today'),
    open,
    lines,
    at,
    until,
    env: { BOOKS: folder },
    finish: () => {
      finish();
      return done;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      finish();
      open[Symbol.dispose]();
      await done;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

test('books are found in a folder that is made later, and those of others are left alone', async () => {
  await using one = follow(LIVE, 's');
  await sleep(50);
  mkdirSync(one.folder);
  writeFileSync(join(one.folder, 'book-other'), 'session t\nx\n');
  writeFileSync(join(one.folder, 'book-1'), 'session s\na\n');
  await one.until(2);
  // A sub-agent's, whose first line comes a moment after the file.
  writeFileSync(join(one.folder, 'book-2'), '');
  await sleep(30);
  appendFileSync(join(one.folder, 'book-2'), 'session s\nb\n');
  await one.until(4);
  assert.deepEqual(one.lines, [
    ['book-1', 'session s'],
    ['book-1', 'a'],
    ['book-2', 'session s'],
    ['book-2', 'b'],
  ]);
  assert.equal(one.open.missingMs, 0);
});

test('what is written into a book is read within a twentieth of a second', async (t) => {
  await using one = follow(LIVE, 's');
  mkdirSync(one.folder);
  const file = join(one.folder, 'book-1');
  writeFileSync(file, 'session s\n');
  await one.until(1);
  const delays: number[] = [];
  for (let n = 0; n < 10; n++) {
    await sleep(60);
    const wrote = performance.now();
    appendFileSync(file, `record ${n}\n`);
    await one.until(n + 2);
    delays.push((one.at.at(-1) ?? 0) - wrote);
  }
  const median = delays.sort((a, b) => a - b)[5] ?? 0;
  t.diagnostic(`median ${median.toFixed(1)} ms, worst ${delays.at(-1)?.toFixed(1)} ms`);
  assert.ok(median < 50);
});

test('at the end, files that nobody had seen yet are read too, and a last line without a line feed', async () => {
  await using one = follow(LIVE, 's');
  mkdirSync(one.folder);
  writeFileSync(join(one.folder, 'book-1'), 'session s\n');
  await one.until(1);
  writeFileSync(join(one.folder, 'book-2'), 'session s\nlast words');
  await one.finish();
  assert.deepEqual(one.lines.slice(1), [
    ['book-2', 'session s'],
    ['book-2', 'last words'],
  ]);
});

test('books of the end are not opened before it', async () => {
  const books: Books = { when: 'end', shelves: LIVE.shelves };
  await using one = follow(books, 's');
  mkdirSync(one.folder);
  writeFileSync(join(one.folder, 'book-1'), 'a\n');
  await sleep(100);
  assert.deepEqual(one.lines, []);
  assert.equal(one.open.missingMs, 0, 'and nobody misses them');
  await one.finish();
  assert.deepEqual(one.lines, [['book-1', 'a']]);
});

test('books that are not there are missed once their session is known', async () => {
  await using one = follow(LIVE, null);
  await sleep(30);
  assert.equal(one.open.missingMs, 0);
  one.open.begin('s');
  await sleep(30);
  assert.ok(one.open.missingMs > 0);
});

test('what earlier processes wrote is known by the length of their files', async () => {
  await using one = follow(LIVE, null);
  const of = (session: string) => ({ env: one.env, cwd: '/', session, at: 0 });
  assert.deepEqual(lengthsOf(LIVE, of('s')), {});
  mkdirSync(one.folder);
  writeFileSync(join(one.folder, 'book-1'), 'session s\na\n');
  writeFileSync(join(one.folder, 'book-2'), 'session t\na\n');
  assert.deepEqual(lengthsOf(LIVE, of('s')), { 'book-1': 12 });
});
