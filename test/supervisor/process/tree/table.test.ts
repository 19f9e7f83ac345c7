import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import {
  isDead,
  parseStat,
  readEnvironment,
  readRow,
  readTable,
} from '../../../../source/supervisor/process/tree/table.ts';
import { readPsRow, readPsTable } from '../../../../source/supervisor/process/tree/table-ps.ts';

test('a name full of brackets and spaces moves no field', () => {
  const rest = 'S 7 8 9 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 123456 10 20';
  for (const name of ['sh', 'a b', ') R 1 1 1 (', '))', 'x) Z ']) {
    assert.deepEqual(
      parseStat(`42 (${name}) ${rest}`),
      { pid: 42, ppid: 7, pgid: 8, sid: 9, state: 'S', startTime: '123456', threads: 3 },
      name,
    );
  }
  assert.equal(parseStat(''), null);
  assert.equal(parseStat('42 (sh'), null);
});

test('a process whose first thread has ended lives while others run', () => {
  const row = parseStat('42 (sh) Z 7 8 9 0 -1 0 0 0 0 0 0 0 0 0 20 0 3 0 1 0 0');
  assert.ok(row);
  assert.equal(isDead(row), false);
  assert.equal(isDead({ ...row, threads: 1 }), true);
  assert.equal(isDead({ ...row, state: 'X' }), true);
});

test('this process is in the table, with its environment', () => {
  const row = readTable().get(process.pid);
  assert.equal(row?.ppid, process.ppid);
  assert.equal(row?.startTime, readRow(process.pid)?.startTime);
  assert.ok(readEnvironment(process.pid).includes(`PATH=${process.env.PATH}`));
});

const noPs = spawnSync('ps', ['-o', 'lstart=', '-p', String(process.pid)]).status !== 0;

test('ps tells the same kinship where there is no /proc', { skip: noPs && 'ps is not here' }, () => {
  const [proc, ps] = [readRow(process.pid), readPsTable().get(process.pid)];
  assert.deepEqual([ps?.ppid, ps?.pgid], [proc?.ppid, proc?.pgid]);
  assert.match(ps?.startTime ?? '', /\d\d:\d\d:\d\d \d{4}$/);
  assert.equal(readPsRow(process.pid)?.startTime, ps?.startTime);
  assert.equal(readPsRow(2 ** 22 + 1), null);
});
