/** The README says what the program does now: its keys, its verbs, its exit codes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { build } from '../source/commands/program.ts';
import { withKeys } from '../source/pane/keys/readme.ts';

const readme = readFileSync('README.md', 'utf8');
const section = (title: string) =>
  readme.split(/^## /m).find((part) => part.startsWith(title)) ?? assert.fail(`no section ${title}`);

test('the table of keys is what the keymap says: run npm run readme', () => {
  assert.equal(readme, withKeys(readme));
  assert.match(section('Keys'), /`p` \| freeze the process tree/);
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
