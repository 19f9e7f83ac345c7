import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  const home = mkdtempSync(join(tmpdir(), 'looptop-mirror-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const failures: string[] = [];
  let state = folded([loopRead, queued()]);
  const copies = mirror(
    home,
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
  const home = mkdtempSync(join(tmpdir(), 'looptop-mirror-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  writeFileSync(join(home, 'state'), 'a file where a folder should be');
  const failures: string[] = [];
  const copies = mirror(
    home,
    () => folded([loopRead]),
    (words) => failures.push(words),
  );
  await copies.close();
  assert.match(failures.join(), /EEXIST|ENOTDIR/);
});
