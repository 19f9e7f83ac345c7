/** The README says what the program does now: its keys, its verbs, its exit codes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { build } from '../source/commands/program.ts';
import { KEYMAP } from '../source/pane/keys/keymap.ts';

const readme = readFileSync('README.md', 'utf8');
const section = (title: string) =>
  readme.split(/^## /m).find((part) => part.startsWith(title)) ?? assert.fail(`no section ${title}`);

/** Keys that every terminal program has, and those of the run's own view, which the help lists. */
const COMMON = new Set([
  'up',
  'down',
  'left',
  'right',
  'page-up',
  'page-down',
  'top',
  'bottom',
  'follow',
  'help',
  'esc',
  'back',
]);

test('every action of the keymap is in the table of keys', () => {
  // `p` and `P` are two keys, `Enter` and `enter` are one.
  const keys = [...section('Keys').matchAll(/`([^`]+)`/g)]
    .map((match) => match[1] ?? '')
    .map((key) => (key.length === 1 ? key : key.toLowerCase()));
  const missing = KEYMAP.filter(({ action }) => !COMMON.has(action))
    .filter((binding) => !binding.keys.some((key) => keys.includes(key)))
    .map(({ action, keys: bound }) => `${action} (${bound.join(' ')})`);
  assert.deepEqual(missing, []);
});

test('every verb is in the table of verbs, and the table names no other', () => {
  const known = build()
    .commands.filter((verb) => !('_hidden' in verb && verb._hidden === true))
    .map((verb) => verb.name())
    .filter((name) => name !== 'help' && name !== 'pane');
  const table = section('Verbs')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|')[1] ?? '')
    .join(' ');
  const named = [...table.matchAll(/`(?:looptop )?([a-z-]+)/g)]
    .map((match) => match[1] ?? '')
    .filter((name) => name !== 'looptop');
  assert.deepEqual(
    known.filter((name) => !named.includes(name)),
    [],
  );
  assert.deepEqual(
    named.filter((name) => !known.includes(name)),
    [],
  );
});

test('the smallest loop of the README is legal', async () => {
  const { parseLoop } = await import('../source/loop/definition/parse.ts');
  const text = /```markdown\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const { definition, problems, warnings } = parseLoop(text, 'loops/green.md');
  assert.deepEqual([...problems, ...warnings], []);
  assert.equal(definition?.budget.tokens, 400_000);
});

test('the lines of the list are those of the shipped loops', () => {
  const table = section('From the list to a running loop')
    .split('\n')
    .filter((line) => line.startsWith('| **'));
  assert.equal(table.length, 5);
  const [triage, fix] = ['triage', 'ci-fix'].map((name) => readFileSync(`loops/${name}.md`, 'utf8'));
  for (const row of table) {
    const [, lines = '', what = ''] = row.split(' | ');
    for (const [, line = ''] of lines.matchAll(/`([^`]+)`/g)) assert.ok(triage?.includes(line), `triage: ${line}`);
    for (const [, line = ''] of (what.split('in ci-fix ')[1] ?? '').matchAll(/`([^`]+)`/g))
      assert.ok(fix?.includes(line), `ci-fix: ${line}`);
  }
});
