import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDiff } from '../../../source/loop/review/parse.ts';
import { patchId } from '../../../source/loop/review/patch-id.ts';
import { diffOf, longDiff, patchOf, Repo } from './diffs.ts';

const lines = (count: number, change: (line: string, at: number) => string = (line) => line): string =>
  Array.from({ length: count }, (_, at) => change(`line ${at + 1}`, at)).join('\n');

const BEFORE = {
  'a.ts': `${lines(60)}\n`,
  'gone.txt': 'last words\n',
  'old name.md': `${lines(12)}\n`,
  'run.sh': 'echo\n',
  'bare.txt': 'no newline',
  'picture.png': Buffer.from([0, 1, 2, 3]),
  'ümläut "q"\\x.txt': 'a\n',
  '-- looks like': 'x\n',
};
const AFTER = {
  'a.ts': `${lines(60, (line, at) => (at === 2 || at === 50 ? `${line} changed` : line))}\n`,
  'new.txt': 'hello\n--- a/x\n+++ b/x\n@@ -1 +1 @@\ndiff --git a/x b/x\n',
  'new name.md': `${lines(12, (line, at) => (at === 3 ? `${line}!` : line))}\n`,
  'run.sh': { text: 'echo\n', executable: true },
  'bare.txt': 'no newline either',
  'picture.png': Buffer.from([0, 1, 2, 4]),
  'ümläut "q"\\x.txt': 'b\n',
  '-- looks like': 'y\n',
  'empty.txt': '',
} as const;

test('every kind of change that git prints is read: renamed, binary, mode, quoted names, no newline, lines that look like headers', () => {
  const diff = parseDiff(diffOf(BEFORE, AFTER));
  const seen = Object.fromEntries(diff.files.map((file) => [file.path, file]));
  assert.deepEqual(Object.keys(seen).sort(), [
    '-- looks like',
    'a.ts',
    'bare.txt',
    'empty.txt',
    'gone.txt',
    'new name.md',
    'new.txt',
    'picture.png',
    'run.sh',
    'ümläut "q"\\x.txt',
  ]);
  assert.deepEqual(
    seen['a.ts']?.hunks.map(({ before, after, added, removed }) => ({ before, after, added, removed })),
    [
      { before: 1, after: 1, added: 1, removed: 1 },
      { before: 48, after: 48, added: 1, removed: 1 },
    ],
  );
  assert.equal(seen['new.txt']?.change, 'added');
  assert.equal(seen['new.txt']?.added, 5);
  assert.equal(seen['gone.txt']?.change, 'deleted');
  assert.equal(seen['new name.md']?.from, 'old name.md');
  assert.equal(seen['new name.md']?.change, 'renamed');
  assert.deepEqual(seen['run.sh']?.mode, { before: '100644', after: '100755' });
  assert.equal(seen['picture.png']?.binary, true);
  assert.deepEqual(
    seen['bare.txt']?.hunks[0]?.lines.map(({ kind, bare }) => [kind, bare]),
    [
      ['removed', true],
      ['added', true],
    ],
  );
  assert.equal(seen['empty.txt']?.hunks.length, 0);
  const changed = seen['a.ts']?.hunks[1]?.lines.find(({ kind }) => kind === 'added');
  assert.deepEqual(changed, { kind: 'added', text: 'line 51 changed', before: null, after: 51, bare: false });
  assert.equal(diff.cut, null);
});

test("figures are git's own", () => {
  using repo = new Repo();
  const [from, to] = [repo.commit(BEFORE), repo.commit(AFTER)];
  const diff = parseDiff(repo.diff(from, to));
  const counted = repo.git('diff-tree', '-r', '-M', '--shortstat', from, to);
  assert.match(
    counted,
    new RegExp(`${diff.files.length} files changed, ${diff.added} insert.*, ${diff.removed} delet`),
  );
});

test("a hunk's id is what git patch-id --stable makes of that hunk alone", () => {
  const diff = parseDiff(diffOf(BEFORE, AFTER));
  using repo = new Repo();
  const hunks = diff.files.flatMap((file) => file.hunks.map((hunk) => ({ file, hunk })));
  assert.ok(hunks.length >= 8);
  for (const { file, hunk } of hunks) {
    const git = repo.input(patchOf(file, hunk), 'patch-id', '--stable').split(' ')[0];
    assert.equal(patchId(file, hunk), git, file.path);
  }
});

test('any text in a file has the id that git gives it, also blanks, controls and other scripts', () => {
  using repo = new Repo();
  const text = fc.array(
    fc.string({
      unit: fc.constantFrom('a', 'B', '1', ' ', '\t', '\r', '\f', '\v', 'é', '漢', '👍', '-', '+', '@', '\\', '"'),
    }),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(text, text, (before, after) => {
      const file = { header: ['diff --git a/x.ts b/x.ts', '--- a/x.ts', '+++ b/x.ts'] };
      const hunk = {
        around: '',
        before: 1,
        after: 1,
        added: after.length,
        removed: before.length,
        lines: [
          ...before.map((line, at) => ({
            kind: 'removed' as const,
            text: line,
            before: at + 1,
            after: null,
            bare: false,
          })),
          ...after.map((line, at) => ({
            kind: 'added' as const,
            text: line,
            before: null,
            after: at + 1,
            bare: false,
          })),
        ],
      };
      assert.equal(patchId(file, hunk), repo.input(patchOf(file, hunk), 'patch-id', '--stable').split(' ')[0]);
    }),
    { numRuns: 40 },
  );
});

test('an id outlives a rebase: what moved down by other lines above it keeps it', () => {
  const base = `${lines(40)}\n`;
  const edit = (text: string) => text.replace('line 30', 'line thirty');
  const first = parseDiff(diffOf({ 'a.ts': base }, { 'a.ts': edit(base) }));
  const moved = `new top\n${base}`;
  const second = parseDiff(diffOf({ 'a.ts': moved }, { 'a.ts': edit(moved) }));
  const idOf = ({ files: [file] }: typeof first) => file?.hunks[0] && patchId(file, file.hunks[0]);
  assert.ok(idOf(first));
  assert.equal(idOf(first), idOf(second));
});

test('what is no diff is passed over, and nothing makes the parser throw or lose its place', () => {
  const real = longDiff(48);
  const pieces = [
    ...real.split('\n').slice(0, 12),
    'diff --git',
    'diff --git a/ b/',
    '@@ -1,9999999 +1 @@',
    '@@ -1 +1,0 @@ x',
    'GIT binary patch',
    'rename from "\\777',
    '"',
    '\\ No newline',
    '',
    '+',
    '-',
    'Binary files',
    '\u0000',
    '--- ',
    '+++ "b/\\',
    'new file mode',
  ];
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary' })), { maxLength: 60 }),
      (rows) => {
        const diff = parseDiff(rows.join('\n'));
        for (const { hunks, added, removed } of diff.files) {
          assert.equal(added, hunks.flatMap((hunk) => hunk.lines).filter(({ kind }) => kind === 'added').length);
          assert.equal(removed, hunks.flatMap((hunk) => hunk.lines).filter(({ kind }) => kind === 'removed').length);
        }
      },
    ),
    { numRuns: 100 },
  );
  assert.deepEqual(parseDiff(`noise\n${real}`).files.length, 1);
  assert.equal(parseDiff(`${real}\n... cut after 8 MiB\n`).cut, 'cut after 8 MiB');
});
