/** The journal against what really happens: kill -9 in the middle of writes, and a disk that fills up. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openJournal, readJournal } from '../../../source/supervisor/journal/journal.ts';
import { bundleFixture } from '../../fixtures/bundle-fixture.ts';

const ROUNDS = 20;

let home = '';
before(() => {
  home = mkdtempSync(join(tmpdir(), 'looptop-crash-'));
});
after(() => rmSync(home, { recursive: true, force: true }));

test(`kill -9 in the middle of appends and rotations loses no acknowledged record, ${ROUNDS} times`, async () => {
  const program = await bundleFixture('journal-writer', home);
  const folder = join(home, 'killed');
  let torn = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const acknowledged = await writeAndKill(program, folder, round);
    // A reader must see the same before anything is repaired.
    const seen = await readJournal(folder);
    const { journal, snapshot, tail, repaired } = await openJournal(folder);
    await journal.close();
    assert.deepEqual(seen.tail.length, tail.length);
    assert.ok(journal.seq >= acknowledged, `acknowledged ${acknowledged}, recovered ${journal.seq}`);
    for (const [index, { seq, event }] of tail.entries()) {
      assert.equal(seq, (snapshot?.seq ?? 0) + index + 1);
      assert.ok(
        event.type === 'note-given' &&
          event.text.startsWith(`${seq} `) &&
          event.text.length % (String(seq).length + 1) === 0,
      );
    }
    torn += repaired.length;
    assert.ok(
      repaired.every((words) => /unfinished record/.test(words)),
      repaired.join('\n'),
    );
  }
  const segments = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  assert.ok(segments.length > 1, 'the rounds have seen rotations');
  console.log(`# ${torn} torn tails in ${ROUNDS} kills`);
});

/** @returns the number of the last record that the writer said was safe */
async function writeAndKill(program: string, folder: string, round: number): Promise<number> {
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => {
    said += text;
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  try {
    while (said === '') await sleep(1);
    await sleep((round * 13) % 60);
  } finally {
    child.kill('SIGKILL');
    await closed;
  }
  return Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
}

test('a full disk refuses records whole, keeps room to say so, and goes on when there is space', async (t) => {
  const mountable = spawnSync('unshare', ['-rm', 'true'], { timeout: 5000 }).status === 0;
  if (!mountable) return t.skip('no private mount namespace (unshare -rm) for a small disk here');
  const program = await bundleFixture('journal-on-full-disk', home);
  const script = 'mount -t tmpfs -o size=1m,mode=700 tmpfs "$1" && exec "$2" "$3" "$1"';
  const disk = mkdtempSync(join(home, 'disk-'));
  const { stdout, stderr, status } = spawnSync(
    'unshare',
    ['-rm', 'sh', '-c', script, 'sh', disk, process.execPath, program],
    { encoding: 'utf8', timeout: 20_000 },
  );
  assert.equal(status, 0, stderr);
  const told = JSON.parse(stdout);
  assert.equal(told.firstIsFull, true);
  assert.ok(told.acknowledged > 50, `${told.acknowledged} records fitted`);
  assert.equal(told.recordsOnDisk, told.acknowledged, 'every acknowledged record is there, and no other');
  assert.deepEqual(told.damageAfterFull, [], 'nothing half-written stays');
  assert.equal(told.rotateIsFull, true);
  assert.equal(told.fullAfterLast, true);
  assert.equal(told.refillWhileFull, false);
  assert.equal(told.againFull, true);
  assert.equal(told.fullWithSpace, false);
  assert.equal(told.ballast, 65_536);
  assert.deepEqual(told.repaired, []);
  assert.equal(told.last, told.expectedLast);
  assert.equal(told.diskFullIsRecorded, true);
});
