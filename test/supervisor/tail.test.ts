import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { type Line, type Tail, tail } from '../../source/supervisor/tail.ts';

const never = new AbortController().signal;
const MIB = 1024 * 1024;

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'looptop-tail-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'out');
}

async function collect(lines: Tail): Promise<Line[]> {
  const all: Line[] = [];
  for await (const batch of lines) {
    assert.ok(batch.length > 0);
    all.push(...batch);
  }
  return all;
}

async function readAll(file: string, from = 0): Promise<Line[]> {
  const lines = tail(file, from, never);
  lines.drain();
  return collect(lines);
}

test('lines come as they are written, to a file that did not exist, and the last without its line feed at the end', async (t) => {
  const file = temporary(t);
  const lines = tail(file, 0, never);
  const all = collect(lines);
  await sleep(20);
  writeFileSync(file, 'one\ntw');
  await sleep(20);
  appendFileSync(file, 'o\n\nthr');
  await sleep(20);
  appendFileSync(file, 'ee');
  lines.drain();
  assert.deepEqual(
    (await all).map(({ text, end }) => [text, end]),
    [
      ['one', 4],
      ['two', 8],
      ['', 9],
      ['three', 14],
    ],
  );
});

test('a line is there soon after it is written', async (t) => {
  const file = temporary(t);
  const lines = tail(file, 0, never);
  const delays: number[] = [];
  const reading = (async () => {
    for await (const batch of lines) for (const line of batch) delays.push(performance.now() - Number(line.text));
  })();
  writeFileSync(file, '');
  await sleep(300);
  for (let n = 0; n < 20; n++) {
    await sleep(30);
    appendFileSync(file, `${performance.now()}\n`);
  }
  lines.drain();
  await reading;
  assert.equal(delays.length, 20);
  // The poll alone would find three of ten so soon.
  const soon = delays.filter((delay) => delay < 75).length;
  assert.ok(soon >= 10, `${soon} of 20 came within 75 ms`);
});

test('reading goes on from the end of any line', async (t) => {
  const file = temporary(t);
  writeFileSync(file, 'ä\nöö\n\u2028u\n');
  const all = await readAll(file);
  assert.deepEqual(
    all.map((line) => line.text),
    ['ä', 'öö', '\u2028u'],
  );
  for (const [n, { end }] of all.entries()) assert.deepEqual(await readAll(file, end), all.slice(n + 1));
});

test('bytes that are not UTF-8 and NUL are no reason to stop', async (t) => {
  const file = temporary(t);
  writeFileSync(file, Buffer.from([0x61, 0xff, 0xfe, 0x0a, 0xe2, 0x82, 0x0a, 0x00, 0x0a, 0x0d, 0x0a]));
  assert.deepEqual(
    (await readAll(file)).map((line) => line.text),
    ['a\uFFFD\uFFFD', '\uFFFD', '\0', '\r'],
  );
});

test('a line longer than 1 MiB is cut and counted whole', async (t) => {
  const file = temporary(t);
  const out = await open(file, 'w');
  await out.write(`${'x'.repeat(MIB)}\n`);
  for (let n = 0; n < 40; n++) await out.write('y'.repeat(MIB));
  await out.write('\nshort\n');
  await out.close();
  const all = await readAll(file);
  assert.deepEqual(
    all.map(({ text, end, cut }) => [text.length, end, cut]),
    [
      [MIB, MIB + 1, false],
      [MIB, 41 * MIB + 2, true],
      [5, 41 * MIB + 8, false],
    ],
  );
});

test('however a file grows, its lines are those of the whole', async (t) => {
  const file = temporary(t);
  const piece = fc.oneof(
    fc.constantFrom(Buffer.from('\n'), Buffer.from('€\u2028\r'), Buffer.alloc(70_000, 'z')),
    fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.nat({ max: 12 }), async (pieces, early) => {
      writeFileSync(file, Buffer.concat(pieces.slice(0, early)));
      const lines = tail(file, 0, never);
      const reading = collect(lines);
      for (const more of pieces.slice(early)) {
        appendFileSync(file, more);
        await new Promise((resolve) => setImmediate(resolve));
      }
      lines.drain();
      const whole = Buffer.concat(pieces);
      const expected = expectLines(whole);
      const all = await reading;
      assert.deepEqual(all, expected);
      assert.equal(all.at(-1)?.end ?? 0, whole.length);
    }),
    { numRuns: 60 },
  );
});

test('an abort ends the reading without an error', async (t) => {
  const file = temporary(t);
  writeFileSync(file, 'one\nhalf');
  const stop = new AbortController();
  const reading = collect(tail(file, 0, stop.signal));
  await sleep(30);
  stop.abort();
  assert.deepEqual(
    (await reading).map((line) => line.text),
    ['one'],
  );
  assert.deepEqual(await collect(tail(file, 0, stop.signal)), []);
});

test('a flood lets others have their turn after every 64 KiB', async (t) => {
  const file = temporary(t);
  writeFileSync(file, Buffer.alloc(8 * MIB, 'a line of some forty characters or so ...\n'));
  let turns = 0;
  let reading = true;
  const count = (): void => {
    turns++;
    if (reading) setImmediate(count);
  };
  setImmediate(count);
  t.after(() => {
    reading = false;
  });
  const all = await readAll(file);
  assert.ok(all.length > 190_000);
  assert.ok(turns >= 128, `${turns} turns`);
});

test('twenty idle readers cost next to no CPU, and twenty with fifty lines a second each little', async (t) => {
  const file = temporary(t);
  const stop = new AbortController();
  t.after(() => stop.abort());
  let seen = 0;
  const readers = Array.from({ length: 20 }, async (_, n) => {
    writeFileSync(`${file}-${n}`, '');
    for await (const batch of tail(`${file}-${n}`, 0, stop.signal)) seen += batch.length;
  });
  await sleep(50);
  const idle = await cpuOf(() => sleep(600));
  const busy = await cpuOf(async () => {
    for (let tick = 0; tick < 25; tick++) {
      for (let n = 0; n < 20; n++) appendFileSync(`${file}-${n}`, '{"type":"text","text":"some words of an agent"}\n');
      await sleep(20);
    }
  });
  for (let tries = 0; seen < 500 && tries < 100; tries++) await sleep(20);
  stop.abort();
  await Promise.all(readers);
  assert.equal(seen, 500);
  t.diagnostic(`idle ${(idle * 100).toFixed(1)} %, busy (writing included) ${(busy * 100).toFixed(1)} % of one CPU`);
  assert.ok(idle < 0.1, `idle: ${idle}`);
  assert.ok(busy < 0.6, `busy: ${busy}`);
});

/** The share of one CPU that this process uses while `doing`. */
async function cpuOf(doing: () => Promise<unknown>): Promise<number> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await doing();
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1000 / (performance.now() - wall);
}

function expectLines(whole: Buffer): Line[] {
  const lines: Line[] = [];
  let start = 0;
  while (start < whole.length) {
    const feed = whole.indexOf(0x0a, start);
    const end = feed < 0 ? whole.length : feed + 1;
    lines.push({ text: whole.toString('utf8', start, feed < 0 ? end : feed), end, cut: false });
    start = end;
  }
  return lines;
}
