import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { mirror } from '../../../source/supervisor/memory/mirror.ts';
import { folded, madeLoop, queued } from '../../loop/made-loop.ts';

const loopRead = {
  type: 'loop-read',
  name: 'fix',
  path: 'loops/fix.md',
  trusted: true,
  definition: madeLoop(),
  problems: [],
} as const;

test('rules and loops are copied into files that jq can read, whole at any time', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'looptop-mirror-'));
  const home = join(root, '.looptop');
  mkdirSync(home);
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const failures: string[] = [];
  let state = folded([loopRead, queued()]);
  const copies = mirror(
    root,
    () => state,
    (words) => failures.push(words),
  );
  copies.look();
  state = folded([
    loopRead,
    queued(),
    { type: 'rule-added', id: 'r001', text: 'Mind the gap.', scope: '**', by: 'you', run: null },
  ]);
  copies.look();
  await copies.close();
  const [rule] = readFileSync(join(home, 'rules.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual([rule.id, rule.shown, rule.hurt], ['r001', 0, 0]);
  const record = JSON.parse(readFileSync(join(home, 'state', 'fix.json'), 'utf8'));
  assert.deepEqual([record.loop, record.runs[0].id, record.runs[0].state], ['fix', 'fix-1', 'queued']);
  assert.deepEqual(readdirSync(home).sort(), ['rules.jsonl', 'state'], 'nothing half-written stays');
  assert.deepEqual(failures, []);
});

test('what cannot be written is said, and does not end the supervisor', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'looptop-mirror-'));
  const home = join(root, '.looptop');
  mkdirSync(home);
  t.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(home, 'state'), 'a file where a folder should be');
  const failures: string[] = [];
  const copies = mirror(
    root,
    () => folded([loopRead]),
    (words) => failures.push(words),
  );
  await copies.close();
  assert.match(failures.join(), /EEXIST|ENOTDIR/);
});

test('the record of a loop stands where its file wants it, once the file is trusted, and over nothing of anybody else', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'looptop-mirror-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const failures: string[] = [];
  const definition = madeLoop({ context: { ...madeLoop().context, state: '.loops/state/fix.json' } });
  const file = join(root, '.loops/state/fix.json');
  const write = async (trusted: boolean) => {
    const state = folded([{ ...loopRead, trusted, definition }, queued()]);
    const copies = mirror(
      root,
      () => state,
      (words) => failures.push(words),
    );
    await copies.close();
  };
  await write(false);
  assert.equal(existsSync(file), false);
  assert.ok(existsSync(join(root, '.looptop/state/fix.json')));
  await write(true);
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).loop, 'fix');
  await write(true);
  assert.deepEqual(failures, [], 'its own record it writes again');
  writeFileSync(file, '{"name": "of a person"}');
  await write(true);
  assert.match(failures.join(), /was not written by looptop/);
  assert.equal(readFileSync(file, 'utf8'), '{"name": "of a person"}');
});
