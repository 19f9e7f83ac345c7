import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Event } from '../../../source/loop/event.ts';
import { emptyFleet } from '../../../source/loop/fold.ts';
import { factsOf } from '../../../source/loop/review/facts.ts';
import { owed } from '../../../source/loop/review/owed.ts';
import { parseDiff } from '../../../source/loop/review/parse.ts';
import type { FleetState, LandedWork, OwedHunk } from '../../../source/loop/state.ts';
import type { RunId } from '../../../source/loop/units.ts';
import { openRepository } from '../../../source/supervisor/git/repository.ts';
import type { House } from '../../../source/supervisor/house.ts';
import { noteReading, recallReading } from '../../../source/supervisor/review/notes.ts';
import { watchStanding } from '../../../source/supervisor/review/standing.ts';
import { folded } from '../../loop/made-loop.ts';
import { type Place, placeWithCommit } from '../git/place.ts';

const RUN = 'fix-1' as RunId;

/** A house of which only the ledger and the repository are real. */
async function houseAt(place: Place, from: FleetState = emptyFleet()) {
  const repository = await openRepository(place.root, place.env);
  const ledger = {
    state: from,
    record: async (...events: readonly Event[]) => {
      ledger.state = folded(events, ledger.state);
    },
  };
  const house = { ledger, repository, log: (text: string) => assert.fail(text) } as unknown as House;
  return { house, ledger, repository };
}

const numbered = (count: number, name = 'line') =>
  `${Array.from({ length: count }, (_, at) => `${name} ${at + 1} of ${count}`).join('\n')}\n`;

function commit(place: Place, files: Readonly<Record<string, string>>, message = 'change'): string {
  place.write(files);
  place.git('add', '--all');
  place.git('commit', '--quiet', '--message', message);
  return place.git('rev-parse', 'HEAD');
}

/** Work of an agent that stands on main: a new file of 30 lines, and a change in the middle of another. */
async function landedWork(t: TestContext) {
  const place = placeWithCommit(t);
  const before = commit(place, { 'old.ts': numbered(40, 'old') });
  const after = commit(place, {
    'new.ts': numbered(30, 'new'),
    'old.ts': numbered(40, 'old').replace('old 20 of', 'now 20 of'),
  });
  const { house, ledger, repository } = await houseAt(place);
  const { hunks } = factsOf(parseDiff(await repository.patch(before, after)));
  const landed: LandedWork = { run: RUN, loop: 'fix', before, commit: after, at: 1, hunks, noted: false };
  ledger.state = { ...ledger.state, reading: { ...ledger.state.reading, landed: { [RUN]: landed }, recalled: true } };
  return { place, house, ledger, hunks, before, after };
}

const mark = (hunks: readonly OwedHunk[], how: 'read' | 'skimmed'): Event => ({
  type: 'hunks-read',
  of: RUN,
  hunks: hunks.map(({ id }) => ({ id, how })),
  by: 'ada',
});

const measuredOnce = async (house: House): Promise<void> => {
  const over = new AbortController();
  const watching = watchStanding(house, over.signal, 60_000);
  while (house.ledger.state.reading.measured === null) await new Promise((done) => setTimeout(done, 10));
  over.abort();
  await watching;
};

test('what was read is remembered in the notes, and known again when everything of ours is gone', async (t) => {
  const { place, house, ledger, hunks } = await landedWork(t);
  await ledger.record(mark(hunks.slice(0, 1), 'read'), mark(hunks.slice(1), 'skimmed'));
  const before = owed(ledger.state);
  await noteReading(house);
  assert.ok(Object.values(ledger.state.reading.marks).every(({ noted }) => noted));
  assert.equal(ledger.state.reading.landed[RUN]?.noted, true);
  const note = place.git('notes', '--ref=loops-read', 'show', 'HEAD');
  assert.match(note, new RegExp(`^hunk ${hunks[0]?.id} 30 new.ts$`, 'm'));
  assert.match(note, new RegExp(`^read ${hunks[0]?.id} read ada@example.org$`, 'm'));

  const again = await houseAt(place);
  await recallReading(again.house);
  assert.deepEqual(owed(again.ledger.state), before);
  assert.deepEqual(
    again.ledger.state.reading.landed[RUN]?.hunks.map(({ id }) => id).sort(),
    hunks.map(({ id }) => id).sort(),
  );
  assert.equal(again.ledger.state.reading.recalled, true);
});

test('notes of another reader merge line by line, count for them alone, and survive what we write after', async (t) => {
  const { place, house, ledger, hunks, after } = await landedWork(t);
  await ledger.record(mark(hunks.slice(0, 1), 'skimmed'));
  await noteReading(house);
  const clone = join(place.folder, 'clone');
  place.git('clone', '--quiet', place.root, clone);
  const theirs = `read ${hunks[1]?.id} read bob@example.org`;
  place.gitIn(clone, 'notes', '--ref=loops-read', 'add', '-m', `${theirs}\nsomething of a later version`, after);
  place.git('fetch', '--quiet', clone, 'refs/notes/loops-read:refs/notes/from-bob');
  place.git('notes', '--ref=loops-read', 'merge', '--quiet', '--strategy=cat_sort_uniq', 'from-bob');

  await ledger.record(mark(hunks.slice(0, 1), 'read'));
  await noteReading(house);
  const note = place.git('notes', '--ref=loops-read', 'show', after);
  assert.match(note, /read bob@example\.org/);
  assert.match(note, /^something of a later version$/m);
  assert.equal(note.match(/ada@example\.org/g)?.length, 1, 'skimmed became read');
  const again = await houseAt(place);
  await recallReading(again.house);
  assert.deepEqual(
    hunks.map(({ id }) => again.ledger.state.reading.marks[id]?.how),
    ['read', undefined],
  );
});

test('a hunk that others have written over is no longer owed; what only moved down, was renamed or indented still is', async (t) => {
  const { place, house, ledger } = await landedWork(t);
  assert.equal(owed(ledger.state).lines, 31);
  place.git('mv', 'new.ts', 'moved.ts');
  const lines = numbered(30, 'new')
    .split('\n')
    .map((line, at) => (at < 5 ? `mine ${at}` : at < 10 ? `  ${line}` : line));
  commit(place, {
    'moved.ts': `a first line\n${lines.join('\n')}`,
    'old.ts': `${numbered(19, 'mine')}${numbered(3, 'more')}`,
  });
  await measuredOnce(house);
  assert.deepEqual(
    ledger.state.reading.landed[RUN]?.hunks.map(({ path, lines: left }) => ({ path, left })),
    [{ path: 'new.ts', left: 25 }],
  );
  assert.equal(owed(ledger.state).lines, 25);
});

test('when all of it was taken back nothing is owed, and nothing is left to measure', async (t) => {
  const { place, house, ledger } = await landedWork(t);
  place.git('revert', '--no-edit', 'HEAD');
  await measuredOnce(house);
  assert.deepEqual(ledger.state.reading.landed, {});
  assert.equal(owed(ledger.state).lines, 0);
});

test('a repository that names programs for its files runs none of them', async (t) => {
  const { place, house, ledger } = await landedWork(t);
  place.git('config', 'diff.evil.textconv', `touch ${join(place.folder, 'ran')}; cat`);
  place.git('config', 'blame.ignoreRevsFile', 'not-there');
  commit(place, { '.gitattributes': '*.ts diff=evil\n', 'new.ts': `mine\n${numbered(30, 'new')}` });
  await measuredOnce(house);
  assert.equal(owed(ledger.state).lines, 31);
  assert.throws(() => place.gitIn(place.folder, 'hash-object', 'ran'));
});
