/** Reviewing as a person does it, in a real terminal: read, comment, send back, and what it does to the debt. */
import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { FIX, LAUNCHER, Stage } from './stage.ts';
import { hasTmux, Tmux } from './tmux.ts';

const usage = { input: 100, cacheRead: 1000, cacheWrite: 200, output: 50 };
const code = (name: string) => Array.from({ length: 12 }, (_, at) => `export const ${name}${at} = ${at};`).join('\n');

/** Fixes the answer, and writes a file that a person should read; once more when it is sent back. */
const scenario = {
  usage,
  passes: [
    [FIX, { write: { file: 'src/auth.ts', text: `${code('first')}\n` } }, { done: 'Done.' }],
    [{ write: { file: 'src/auth.ts', text: `${code('second')}\n` } }, { done: 'Done.' }],
  ],
};

interface Review {
  readonly queue: readonly {
    readonly id: string;
    readonly state: string;
    readonly toRead: number;
    readonly risk: { readonly score: number } | null;
  }[];
  readonly owed: { readonly lines: number; readonly read: number };
}

const review = async (stage: Stage): Promise<Review> => JSON.parse(await stage.must('review', '--json')) as Review;

test('a green run is read, commented on and sent back, and its next pass is told every word of it', {
  skip: hasTmux ? false : 'tmux is not installed',
}, async () => {
  await using stage = await Stage.set([{ name: 'fix', scenario }]);
  await stage.must('run', 'fix', '--wait');
  const [waiting] = (await review(stage)).queue;
  assert.equal(waiting?.id, 'fix-1');
  assert.equal(waiting?.toRead, 13);
  assert.match(
    await stage.must('review', 'fix-1'),
    /src\/auth\.ts is about sign-in[\s\S]*\+export const first11 = 11;/,
  );

  using tmux = new Tmux();
  const env = { ...stage.env, CI: 'false', LANG: 'C.UTF-8' };
  const pane = tmux.open(`${process.execPath} ${LAUNCHER}`, { cwd: stage.root, env });
  await pane.shows(/fix-1/);
  pane.press('3');
  await pane.shows(/answer\.txt[\s\S]*\+ fixed/);
  pane.press('}', ']', 'j', 'j', 'c');
  await pane.shows(/src\/auth\.ts:2/);
  pane.type('call it by its purpose');
  pane.press('Enter');
  await pane.shows(/» call it by its purpose/);
  pane.press('Space');
  await pane.shows(/to review 1 line /);
  pane.press('b');
  await pane.shows(/Send fix-1 back[\s\S]*src\/auth\.ts:2 {2}call it by its purpose/);
  pane.type('Not yet.');
  pane.press('Enter');
  await stage.until('fix-1', (run) => run.pass === 2 && run.state === 'review');

  const runs = join(stage.root, '.looptop', 'runs', 'fix-1');
  const second = (await readdir(runs)).find((name) => name.startsWith('2-maker')) ?? '';
  const prompt = await readFile(join(runs, second, 'prompt.md'), 'utf8');
  assert.match(prompt, /Not yet\.[\s\S]*src\/auth\.ts:2\n[>\s]*export const first1 = 1;\s+call it by its purpose/);
  // What it wrote instead is new, so it is to be read again.
  await pane.shows(/export const second0/);
  assert.equal((await review(stage)).queue[0]?.toRead, 13);
  const note = await stage.git('notes', '--ref=loops-read', 'list');
  assert.match(note.stdout, /^[0-9a-f]{40} [0-9a-f]{40}\n$/);
});

test('landed work is owed until it is read, keeps others from landing, and is known when .looptop is new', async () => {
  const lands = { front: { review: { 'max-unread-lines': 5 } } };
  await using stage = await Stage.set([
    {
      name: 'fix',
      ...lands,
      scenario: { usage, passes: [[FIX, { write: { file: 'src/a.ts', text: `${code('a')}\n` } }, { done: 'Done.' }]] },
    },
  ]);
  await stage.must('run', 'fix', '--wait');
  await stage.must('land', 'fix-1', '--yes');
  await stage.until('fix-1', (run) => run.state === 'landed');
  assert.equal((await review(stage)).owed.lines, 13);
  assert.match(await stage.must('review'), /unread on main: 13 lines ≈ 2m\n {2}fix: 13 lines[\s\S]*allows 5/);
  assert.match(await stage.must('status'), /13 unread/);

  await stage.write({ 'answer.txt': 'broken\n' });
  await stage.git('commit', '--quiet', '--all', '--message=broken again');
  await stage.must('run', 'fix', '--wait');
  const refused = await stage.cli('land', 'fix-2', '--yes');
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /13 landed lines of fix are unread and its loop file allows 5/);
  await stage.must('discard', 'fix-2', '--yes');

  await stage.must('down', '--now', '--yes');
  await rm(join(stage.root, '.looptop'), { recursive: true });
  await stage.must('up');
  // The line that somebody has written over since is nobody's to read.
  for (let tries = 0; (await review(stage)).owed.lines !== 12 && tries < 20; tries++)
    await new Promise((done) => setTimeout(done, 100));
  assert.equal((await review(stage)).owed.lines, 12);
});
