import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Lock, takeLock } from '../../source/supervisor/lock.ts';
import { identify } from '../../source/supervisor/process/identity.ts';
import { bundleFixture } from '../fixtures/bundle-fixture.ts';

let home = '';
let racer = '';
before(async () => {
  home = mkdtempSync(join(tmpdir(), 'looptop-lock-'));
  racer = await bundleFixture('lock-racer', home);
});
after(() => rmSync(home, { recursive: true, force: true }));

let count = 0;
const freshFile = (): string => {
  count += 1;
  return join(mkdtempSync(join(home, 'folder-')), `lock${count}`);
};
/** What a supervisor leaves that died without releasing: nobody has had this start time. */
const stale = (pid = 999_999): string =>
  JSON.stringify({ ...identify(process.pid), pid, startTime: '1', nonce: 'dead' });
const isHeld = (outcome: Awaited<ReturnType<typeof takeLock>>): outcome is Lock => 'release' in outcome;

/** What a racer says of its rounds. */
interface Told {
  /** Pid of the holder, per round. */
  readonly found: number[];
  /** The rounds that it won itself. */
  readonly held: number[];
}

/** Racers that are ready to go; all are ended with the test. */
async function racers(number: number, files: string[]): Promise<{ child: ChildProcess; line(): Promise<string> }[]> {
  return await Promise.all(
    Array.from({ length: number }, async () => {
      const child = spawn(process.execPath, [racer, ...files], { stdio: ['pipe', 'pipe', 'inherit'] });
      after(() => child.kill('SIGKILL'));
      const lines = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
      const line = async () => String((await lines.next()).value).trim();
      assert.equal(await line(), 'ready');
      return { child, line };
    }),
  );
}

test('the first takes it, the second is told who has it, and after the release it is free', async () => {
  const file = freshFile();
  const first = await takeLock(file);
  assert.ok(isHeld(first));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(await takeLock(file), { heldBy: identify(process.pid) });
  await first.release();
  await first.release();
  const again = await takeLock(file);
  assert.ok(isHeld(again));
  await first.release();
  assert.ok(!isHeld(await takeLock(file)), 'an old release does not free a new lock');
  await again.release();
  assert.deepEqual(readdirSync(join(file, '..')), [], 'nothing is left behind');
});

test('a lock of a dead process, of an earlier boot, of a pid that came back or of nobody is stale', async () => {
  const self = identify(process.pid);
  const contents = [
    stale(),
    stale(process.pid),
    JSON.stringify({ ...self, bootId: 'another boot' }),
    '',
    '\0\0\0\0',
    '12345',
    '{"pid":-1,"startTime":"1","bootId":"x"}',
  ];
  for (const content of contents) {
    const file = freshFile();
    writeFileSync(file, content);
    const outcome = await takeLock(file);
    assert.ok(isHeld(outcome), content);
    assert.equal(JSON.parse(readFileSync(file, 'utf8')).pid, process.pid);
    await outcome.release();
  }
});

test('the half-done takeovers of dead processes are taken over and swept up', async () => {
  const file = freshFile();
  writeFileSync(file, stale());
  const right = `${file}.${createHash('sha256').update(stale()).digest('hex').slice(0, 16)}`;
  writeFileSync(right, stale(999_998));
  writeFileSync(`${file}.0123456789abcdef.new`, stale(999_997));
  const outcome = await takeLock(file);
  assert.ok(isHeld(outcome));
  assert.equal(readdirSync(join(file, '..')).length, 1);
  await outcome.release();
});

test('24 processes at once on a stale lock: one holder, 12 times', { timeout: 60_000 }, async () => {
  const files = Array.from({ length: 12 }, () => freshFile());
  for (const file of files) writeFileSync(file, stale());
  const all = await racers(24, files);
  const start = String(Date.now() + 100);
  for (const { child } of all) child.stdin?.write(start);
  const told = await Promise.all(all.map(async ({ line }): Promise<Told> => JSON.parse(await line())));
  for (const [round, file] of files.entries()) {
    const holder = JSON.parse(readFileSync(file, 'utf8')).pid;
    const holders = all.filter((_, index) => told[index]?.held.includes(round)).map(({ child }) => child.pid);
    assert.deepEqual(holders, [holder], `round ${round}`);
    assert.deepEqual([...new Set(told.map(({ found }) => found[round]))], [holder], `round ${round}`);
    assert.deepEqual(readdirSync(join(file, '..')), [basename(file)]);
  }
  const winners = told.filter(({ held }) => held.length > 0);
  for (const { child } of all) child.stdin?.end();
  await Promise.all(all.map(({ child }) => once(child, 'close')));
  assert.ok(winners.length > 1, 'it is not always the same one, so there was a race');
});

test('a holder that is stopped is still the holder; once it is dead the lock is free', {
  timeout: 20_000,
}, async () => {
  const file = freshFile();
  const [holder] = await racers(1, [file]);
  assert.ok(holder);
  holder.child.stdin?.write('0');
  assert.deepEqual(JSON.parse(await holder.line()), { found: [holder.child.pid], held: [0] });
  holder.child.kill('SIGSTOP');
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const outcome = await takeLock(file);
    assert.ok('heldBy' in outcome);
    assert.equal(outcome.heldBy.pid, holder.child.pid);
  }
  holder.child.kill('SIGKILL');
  await once(holder.child, 'close');
  const outcome = await takeLock(file);
  assert.ok(isHeld(outcome));
  await outcome.release();
});

test('a folder that does not exist is an error, not a lock', async () => {
  await assert.rejects(takeLock(join(home, 'nowhere', 'lock')), /ENOENT/);
});
