import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOf, movedLines } from '../../../source/loop/review/moved.ts';
import { parseDiff } from '../../../source/loop/review/parse.ts';
import { changedWords } from '../../../source/loop/review/words.ts';
import { longDiff, Repo } from './diffs.ts';

const rows = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `  ${name}.step${at}(value${at}); // of ${name}`);

const text = (...parts: string[][]): string => `${parts.flat().join('\n')}\n`;

const BEFORE = {
  'cart.ts': text(['head {'], rows('cart', 6), ['}', '}', '}'], rows('tax', 5), ['tail']),
  'order.ts': text(['order', 'short', '}'], rows('order', 4)),
};
const AFTER = {
  'cart.ts': text(['head {'], rows('cart', 6), ['}', 'tail', 'short']),
  'order.ts': text(['order', '}'], rows('order', 4), rows('tax', 5), ['}', '}']),
};

/** Signs of lines that git would colour as moved, by its own account. */
function movedByGit(repo: Repo, from: string, to: string): string[] {
  const plain = ['color.diff.old=red', 'color.diff.new=green', 'color.diff.oldMoved=blue', 'color.diff.newMoved=cyan'];
  const args = plain.flatMap((setting) => ['-c', setting]);
  const painted = repo.git(...args, 'diff', '--color=always', '--color-moved=blocks', from, to);
  return (
    painted
      .split('\n')
      // biome-ignore lint/complexity/useRegexLiterals: the escape reads better here
      .filter((row) => new RegExp('^\u001b\\[3[46]m[+-]').test(row))
      .map((row) => row.replaceAll(/\u001b\[\d*m/g, ''))
  );
}

test("the lines that were moved are those that git's --color-moved=blocks colours", () => {
  using repo = new Repo();
  const [from, to] = [repo.commit(BEFORE), repo.commit(AFTER)];
  const diff = parseDiff(repo.diff(from, to));
  const moved = movedLines(diff);
  const ours = diff.files.flatMap(({ hunks }, file) =>
    hunks.flatMap(({ lines }, hunk) =>
      lines.flatMap(({ kind, text: line }, at) =>
        moved.has(keyOf(file, hunk, at)) ? [`${kind === 'added' ? '+' : '-'}${line}`] : [],
      ),
    ),
  );
  assert.ok(ours.length >= 10);
  assert.deepEqual(ours, movedByGit(repo, from, to));
});

test('a moved line says where it stands at the other end', () => {
  using repo = new Repo();
  const diff = parseDiff(repo.diff(repo.commit(BEFORE), repo.commit(AFTER)));
  const here = diff.files.findIndex(({ path }) => path === 'order.ts');
  const line = diff.files[here]?.hunks[0]?.lines.findIndex(({ text: row }) => row.includes('tax.step0')) ?? -1;
  assert.deepEqual(movedLines(diff).get(keyOf(here, 0, line)), { path: 'cart.ts', line: 11 });
});

test('ten thousand braces that come and go take no time and are not called moved', () => {
  const braces = (sign: string) => Array.from({ length: 10_000 }, () => `${sign}}`).join('\n');
  const diff = parseDiff(
    `diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,10000 +1,10000 @@\n${braces('-')}\n${braces('+')}\n`,
  );
  const begun = performance.now();
  assert.equal(movedLines(diff).size, 0);
  assert.ok(performance.now() - begun < 1000);
  assert.ok(movedLines(parseDiff(longDiff(5000))).size >= 0);
});

const words = (...[before, after]: readonly [string, string]) => {
  const marks = changedWords([
    { kind: 'removed', text: before },
    { kind: 'added', text: after },
  ]);
  const cut = (line: string, at: number) => (marks.get(at) ?? []).map(([from, to]) => line.slice(from, to));
  return [cut(before, 0), cut(after, 1)];
};

test('of a changed line the changed words are marked, of a rewritten one none', () => {
  assert.deepEqual(words('total += price(item, "old");', 'total += await price(item, "new");'), [
    ['old'],
    ['await ', 'new'],
  ]);
  assert.deepEqual(words('const a = 1;', 'export function rewrite() {'), [[], []]);
  assert.deepEqual(words('same', 'same'), [[], []]);
  assert.deepEqual(words('', 'new'), [[], []]);
  assert.deepEqual(words('naïve 漢字 x', 'naïve 漢語 x'), [['漢字'], ['漢語']]);
});

test('in a block of several lines each finds the one it became', () => {
  const marks = changedWords([
    { kind: 'removed', text: 'const first = load("a");' },
    { kind: 'removed', text: 'const second = load("b");' },
    { kind: 'added', text: 'import { load } from "./load";' },
    { kind: 'added', text: 'const first = load("aa");' },
    { kind: 'added', text: 'const second = load("bb");' },
  ]);
  assert.deepEqual([...marks.keys()].sort(), [0, 1, 3, 4]);
});
