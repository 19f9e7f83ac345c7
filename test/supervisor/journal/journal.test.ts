import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { emptyFleet } from '../../../source/loop/fold.ts';
import { JournalError, openJournal, readJournal } from '../../../source/supervisor/journal/journal.ts';
import { encodeRecord, encodeSnapshot } from '../../../source/supervisor/journal/line.ts';
import { noteRecord, noteRecords } from '../../fixtures/records.ts';

const temporary = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'looptop-journal-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'journal');
};

/** A journal of two segments: records 1-5, a snapshot after 5, records 6-9. */
const twoSegments = async (t: TestContext): Promise<string> => {
  const folder = temporary(t);
  const { journal } = await openJournal(folder);
  await journal.append(noteRecords(1, 5), { commit: false });
  await journal.rotate({ seq: 5, state: { ...emptyFleet(), today: 'five' } });
  await journal.append(noteRecords(6, 9), { commit: true });
  await journal.close();
  return folder;
};
const segment = (folder: string, number: number): string => join(folder, `00000${number}.jsonl`);
const flip = (path: string, at: number): void => {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  writeFileSync(path, bytes);
};

test('what was appended is there after opening again', async (t) => {
  const folder = temporary(t);
  const first = await openJournal(folder);
  assert.deepEqual([first.snapshot, first.tail, first.repaired, first.journal.seq], [null, [], [], 0]);
  await first.journal.append(noteRecords(1, 3), { commit: true });
  await first.journal.append([], { commit: true });
  await Promise.all([4, 5, 6].map((seq) => first.journal.append([noteRecord(seq)], { commit: false })));
  await first.journal.close();

  const second = await openJournal(folder);
  assert.deepEqual(second.tail, noteRecords(1, 6));
  assert.deepEqual(second.repaired, []);
  assert.equal(second.journal.seq, 6);
  await second.journal.close();
});

test('only this user can read it, and jq can', async (t) => {
  const folder = await twoSegments(t);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(segment(folder, 2)).mode & 0o777, 0o600);
  const lines = readFileSync(segment(folder, 2), 'utf8').trimEnd().split('\n');
  const seqs = lines.map((line) => JSON.parse(line).seq);
  assert.deepEqual(seqs, [undefined, undefined, 6, 7, 8, 9]);
});

test('a record out of order is refused and nothing is written', async (t) => {
  const folder = temporary(t);
  const { journal } = await openJournal(folder);
  await journal.append([noteRecord(1)], { commit: false });
  await assert.rejects(journal.append([noteRecord(2), noteRecord(4)], { commit: false }), JournalError);
  await assert.rejects(journal.rotate({ seq: 2, state: emptyFleet() }), JournalError);
  await journal.append([noteRecord(2)], { commit: false });
  await journal.close();
  assert.deepEqual((await readJournal(folder)).tail, noteRecords(1, 2));
});

test('a segment that is long enough is due, and the next begins with the snapshot', async (t) => {
  const folder = temporary(t);
  const { journal } = await openJournal(folder, { segmentBytes: 500 });
  assert.equal(journal.due, false);
  for (let seq = 1; seq <= 40; seq += 1) {
    await journal.append([noteRecord(seq)], { commit: false });
    if (journal.due) await journal.rotate({ seq, state: { ...emptyFleet(), today: `day ${seq}` } });
  }
  await journal.close();
  const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  assert.equal(names.length, 6, 'five old segments are kept');

  const { snapshot, tail, repaired, journal: again } = await openJournal(folder);
  await again.close();
  assert.deepEqual(repaired, []);
  assert.equal(snapshot?.state.today, `day ${snapshot?.seq}`);
  assert.deepEqual(tail, noteRecords((snapshot?.seq ?? 0) + 1, 40));
  for (const name of names.slice(0, -1)) rmSync(join(folder, name));
  assert.deepEqual((await readJournal(folder)).tail, tail, 'old segments are not needed');
});

test('half a line at the end is cut, reported, and written over', async (t) => {
  const folder = await twoSegments(t);
  appendFileSync(segment(folder, 2), encodeRecord(noteRecord(10)).slice(0, -9));
  const { journal, tail, repaired } = await openJournal(folder);
  assert.deepEqual(tail, noteRecords(6, 9));
  assert.equal(repaired.length, 1);
  assert.match(repaired[0] ?? '', /unfinished record.*cut/);
  assert.equal(journal.due, true, 'a repaired journal wants a fresh segment');
  await journal.append([noteRecord(10, 'other')], { commit: true });
  await journal.close();
  assert.deepEqual((await readJournal(folder)).tail.at(-1), noteRecord(10, 'other'));
});

test('a damaged line in the middle ends what is believed; the rest is kept for people', async (t) => {
  const folder = await twoSegments(t);
  const bytes = readFileSync(segment(folder, 2));
  const at = bytes.indexOf('"note 7"');
  flip(segment(folder, 2), at);
  const { journal, tail, repaired } = await openJournal(folder);
  assert.deepEqual(tail, [noteRecord(6)]);
  assert.match(repaired.join('\n'), /damaged.*2 whole records.*000002\.damaged/);
  const aside = readFileSync(join(folder, '000002.damaged'), 'utf8');
  assert.ok(aside.includes('"note 8"') && aside.includes('"note 9"'));
  await journal.append([noteRecord(7, 'again')], { commit: true });
  await journal.close();

  flip(segment(folder, 2), readFileSync(segment(folder, 2)).indexOf('"again"'));
  const second = await openJournal(folder);
  await second.journal.close();
  assert.deepEqual(second.tail, [noteRecord(6)]);
  assert.ok(existsSync(join(folder, '000002.2.damaged')), 'the first piece of evidence is not written over');
});

test('a damaged snapshot is replaced by the segment before it', async (t) => {
  const folder = await twoSegments(t);
  flip(segment(folder, 2), readFileSync(segment(folder, 2)).indexOf('"today"') + 2);
  const { journal, snapshot, tail, repaired } = await openJournal(folder);
  assert.equal(snapshot, null);
  assert.deepEqual(tail, noteRecords(1, 9));
  assert.match(repaired.join('\n'), /no event is missing/);
  await journal.rotate({ seq: 9, state: emptyFleet() });
  await journal.close();
  const again = await openJournal(folder);
  await again.journal.close();
  assert.deepEqual([again.snapshot?.seq, again.tail, again.repaired], [9, [], []]);
});

test('damage in the older of two needed segments puts the newer one aside', async (t) => {
  const folder = await twoSegments(t);
  flip(segment(folder, 2), readFileSync(segment(folder, 2)).indexOf('"today"') + 2);
  chmodSync(segment(folder, 1), 0o600);
  flip(segment(folder, 1), readFileSync(segment(folder, 1)).indexOf('"note 4"'));
  const { journal, tail, repaired } = await openJournal(folder);
  assert.deepEqual(tail, noteRecords(1, 3));
  assert.equal(repaired.length, 2);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes('.')),
    ['000001.damaged', '000001.jsonl', '000002.damaged'],
  );
  await journal.append([noteRecord(4)], { commit: true });
  await journal.close();
  assert.deepEqual((await readJournal(folder)).tail, noteRecords(1, 4));
});

test('a newest segment that was deleted is missed', async (t) => {
  const folder = await twoSegments(t);
  rmSync(segment(folder, 2));
  const { journal, tail, repaired } = await openJournal(folder);
  await journal.close();
  assert.deepEqual(tail, noteRecords(1, 5));
  assert.match(repaired.join('\n'), /000001\.jsonl was followed by another segment, which is missing/);
});

test('an emptied or deleted journal begins anew', async (t) => {
  const folder = await twoSegments(t);
  rmSync(segment(folder, 1));
  truncateSync(segment(folder, 2), 0);
  const { journal, tail } = await openJournal(folder);
  assert.deepEqual(tail, []);
  await journal.append([noteRecord(1)], { commit: true });
  await journal.close();
  rmSync(folder, { recursive: true });
  assert.deepEqual(await readJournal(folder), { snapshot: null, tail: [], damage: [] });
});

test('a newer version is refused and not a byte changed', async (t) => {
  const folder = await twoSegments(t);
  writeFileSync(segment(folder, 3), encodeSnapshot({ seq: 9, state: { ...emptyFleet(), schema: 7 as 1 } }));
  appendFileSync(segment(folder, 3), '{"half');
  const before = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'hex')]);
  await assert.rejects(openJournal(folder), /schema 7/);
  await assert.rejects(readJournal(folder), /schema 7/);
  assert.deepEqual(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'hex')]),
    before,
  );
});

test('reading changes nothing, whatever the state of the files', async (t) => {
  const folder = await twoSegments(t);
  flip(segment(folder, 2), readFileSync(segment(folder, 2)).indexOf('"note 7"'));
  appendFileSync(segment(folder, 2), '{"seq":10');
  writeFileSync(join(folder, '000003.jsonl.new'), 'a rotation that was cut short');
  const copy = `${folder}-copy`;
  cpSync(folder, copy, { recursive: true });
  const { tail, damage } = await readJournal(folder);
  assert.deepEqual(tail, [noteRecord(6)]);
  assert.equal(damage.length, 1);
  for (const name of readdirSync(copy)) {
    assert.deepEqual(readFileSync(join(folder, name)), readFileSync(join(copy, name)), name);
  }
  assert.equal(readdirSync(folder).length, readdirSync(copy).length);
});

test('a journal that cannot be opened is an error in words', async (t) => {
  const folder = temporary(t);
  writeFileSync(folder, 'a file in its place');
  await assert.rejects(openJournal(folder), (error: Error) => {
    assert.ok(error instanceof JournalError);
    assert.match(error.message, /cannot open the journal in .*journal: EEXIST/);
    return true;
  });
});
