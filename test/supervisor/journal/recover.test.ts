import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Stamped } from '../../../source/loop/event.ts';
import { emptyFleet } from '../../../source/loop/fold.ts';
import { encodeHeader, encodeRecord, encodeSnapshot } from '../../../source/supervisor/journal/line.ts';
import { recover } from '../../../source/supervisor/journal/recover.ts';
import { noteRecord, noteRecords } from '../../fixtures/records.ts';

const SNAPSHOT = { seq: 4, state: emptyFleet() };
const RECORDS = [...noteRecords(5, 8), noteRecord(9, 'Ünïcödé ✔ "quoted"\n\0'), noteRecord(10, '')];
const SEGMENT = Buffer.from(encodeHeader() + encodeSnapshot(SNAPSHOT) + RECORDS.map(encodeRecord).join(''));

const read = (bytes: Buffer) => recover([{ number: 1, bytes }]);
const isPrefix = (tail: readonly Stamped[], of: readonly Stamped[]): boolean => {
  assert.deepEqual(tail, of.slice(0, tail.length));
  return true;
};

test('a whole segment gives its snapshot and all its records', () => {
  const { snapshot, tail, end, faults } = read(SEGMENT);
  assert.deepEqual(snapshot, SNAPSHOT);
  assert.deepEqual(tail, RECORDS);
  assert.equal(end?.offset, SEGMENT.length);
  assert.deepEqual(faults, []);
});

test('every byte prefix recovers to the records that were whole in it', () => {
  const ends = [...SEGMENT.entries()].filter(([, byte]) => byte === 0x0a).map(([index]) => index + 1);
  for (let length = 0; length <= SEGMENT.length; length += 1) {
    const { tail, end, faults } = read(SEGMENT.subarray(0, length));
    const whole = ends.filter((to) => to <= length);
    assert.equal(tail.length, Math.max(0, whole.length - 2), `prefix of ${length} bytes`);
    assert.ok(isPrefix(tail, RECORDS));
    assert.equal(end?.offset, whole.at(-1) ?? 0);
    assert.deepEqual(
      faults.map(({ is }) => is),
      whole.at(-1) === length || length === 0 ? [] : ['torn'],
    );
  }
});

test('a tail of zeros, as a power failure leaves it, is cut', () => {
  const first = SEGMENT.indexOf(0x0a, SEGMENT.length / 2) + 1;
  for (let cut = first; cut < SEGMENT.length; cut += 7) {
    const { tail, faults } = read(Buffer.concat([SEGMENT.subarray(0, cut), Buffer.alloc(4096)]));
    assert.ok(isPrefix(tail, RECORDS));
    assert.deepEqual(
      faults.map(({ is }) => is),
      ['torn'],
    );
  }
});

test('no single flipped bit is ever accepted', () => {
  fc.assert(
    fc.property(fc.nat(SEGMENT.length - 1), fc.nat(7), (at, bit) => {
      const bytes = Buffer.from(SEGMENT);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      const { snapshot, tail, faults } = read(bytes);
      assert.ok(faults.length > 0, 'the damage is reported');
      if (snapshot !== null) assert.deepEqual(snapshot, SNAPSHOT);
      return isPrefix(tail, RECORDS);
    }),
    { numRuns: 3000 },
  );
});

test('whatever else happens to the bytes, only a true prefix is believed', () => {
  const splice = fc.tuple(fc.nat(SEGMENT.length), fc.nat(200), fc.uint8Array({ maxLength: 200 }));
  fc.assert(
    fc.property(splice, ([at, removed, inserted]) => {
      const bytes = Buffer.concat([SEGMENT.subarray(0, at), inserted, SEGMENT.subarray(at + removed)]);
      return isPrefix(read(bytes).tail, RECORDS);
    }),
    { numRuns: 1500 },
  );
});

test('a missing, doubled or exchanged record ends what is believed, and the rest is counted', () => {
  const lines = (...seqs: number[]) =>
    Buffer.from(encodeHeader() + seqs.map((seq) => encodeRecord(noteRecord(seq))).join(''));
  for (const [seqs, believed] of [
    [[1, 2, 4, 5], 2],
    [[1, 2, 2, 3], 2],
    [[1, 3, 2, 4], 1],
    [[2, 3], 0],
  ] as const) {
    const { tail, faults } = read(lines(...seqs));
    assert.equal(tail.length, believed);
    assert.equal(faults.length, 1);
    assert.equal(faults[0]?.is === 'damaged' && faults[0].records, seqs.length - believed);
  }
});

test('damage that held no event is reported and costs none', () => {
  const bytes = Buffer.from(`${encodeHeader() + encodeRecord(noteRecord(1))}noise\n${encodeRecord(noteRecord(2))}`);
  const { tail, faults } = read(bytes);
  assert.deepEqual(tail, noteRecords(1, 2));
  assert.deepEqual(
    faults.map(({ is }) => is),
    ['harmless'],
  );
});

test('with a damaged snapshot, the segment before leads up to the same records', () => {
  const older = Buffer.from(encodeHeader() + noteRecords(1, 4).map(encodeRecord).join(''));
  const newer = Buffer.from(SEGMENT);
  newer[encodeHeader().length + 20] = 0;
  const { snapshot, tail, end, faults } = recover([
    { number: 1, bytes: older },
    { number: 2, bytes: newer },
  ]);
  assert.equal(snapshot, null);
  assert.deepEqual(tail, [...noteRecords(1, 4), ...RECORDS]);
  assert.equal(end?.segment, 2);
  assert.deepEqual(
    faults.map(({ is }) => is),
    ['harmless'],
  );
});

test('the journal of a newer version is refused with words, not taken for damage', () => {
  const newer = encodeSnapshot({ seq: 4, state: { ...emptyFleet(), schema: 2 as 1 } });
  assert.throws(() => read(Buffer.from(encodeHeader() + newer)), /schema 2.*reads schema 1/);
});
