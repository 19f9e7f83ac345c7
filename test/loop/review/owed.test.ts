import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { answerRead } from '../../../source/loop/review/answer-read.ts';
import { noteOf } from '../../../source/loop/review/comments.ts';
import { factsOf } from '../../../source/loop/review/facts.ts';
import { parseNote, withNoted } from '../../../source/loop/review/note-lines.ts';
import { debtWords, landingClosed, owed, owedByLoop } from '../../../source/loop/review/owed.ts';
import { parseDiff } from '../../../source/loop/review/parse.ts';
import { reviewQueue } from '../../../source/loop/review/queue.ts';
import { riskOf } from '../../../source/loop/review/risk.ts';
import type { RunState } from '../../../source/loop/state.ts';
import { definition, fleet, loopState, run } from '../../pane/fleet-fixture.ts';
import { DIFFS, green, reviewFleet } from '../../pane/review/review-fixture.ts';
import { folded } from '../made-loop.ts';
import { longDiff } from './diffs.ts';

const id = (n: number) => n.toString(16).padStart(40, '0');
const read = (of: string, ...hunks: [number, 'skimmed' | 'read'][]) =>
  ({
    type: 'hunks-read',
    of: of as RunState['id'],
    hunks: hunks.map(([n, how]) => ({ id: id(n), how })),
    by: 'ada',
  }) as const;

const landed = (loop: string, number: number, lines: readonly number[]) => {
  const ended = green(loop, number, '', {});
  const hunks = lines.map((count, at) => ({ id: id(number * 100 + at), path: 'a.ts', lines: count }));
  return { ...ended, review: { ...factsOf(parseDiff('')), hunks } };
};

/** Two loops whose runs have just landed. */
function landedFleet(most: number | null = null) {
  const runs = [landed('fix', 1, [100, 50]), landed('docs', 2, [1090])];
  const start = fleet(runs, {
    loops: {
      fix: loopState('fix', { definition: definition('fix', { review: { maxUnreadLines: most } }) }),
      docs: loopState('docs'),
    },
  });
  return folded(
    runs.map((each) => ({ type: 'run-ended', run: each.id, end: { kind: 'landed' } }) as const),
    start,
  );
}

test('what has landed is owed until it is read; a glance is not enough, and no mark is ever lost to a lesser one', () => {
  const fresh = landedFleet();
  assert.equal(owed(fresh).lines, 1240);
  assert.deepEqual(
    owedByLoop(fresh).map(({ loop, owed: { lines } }) => [loop, lines]),
    [
      ['docs', 1090],
      ['fix', 150],
    ],
  );
  const glanced = folded([read('fix-1', [100, 'skimmed'])], fresh);
  assert.deepEqual(owed(glanced, 'fix'), { lines: 150, unseen: 50, skimmed: 100, read: 0, explained: 0 });
  const known = folded([read('fix-1', [100, 'read']), read('fix-1', [100, 'skimmed'])], glanced);
  assert.deepEqual(owed(known, 'fix'), { lines: 50, unseen: 50, skimmed: 0, read: 100, explained: 0 });
});

test('lines are told with the time that reading them takes', () => {
  assert.equal(debtWords(1240), '1,240 lines ≈ 3h06');
  assert.equal(debtWords(1), '1 line ≈ 1m');
  assert.equal(debtWords(0), '0 lines ≈ 0m');
});

test('above review.max-unread-lines nothing of that loop lands, and the words say how much and what to do', () => {
  const closed = landedFleet(100);
  assert.match(
    landingClosed(closed, 'fix') ?? '',
    /^150 landed lines of fix are unread and its loop file allows 100 \(review\.max-unread-lines\): read some first/,
  );
  assert.equal(landingClosed(closed, 'docs'), null);
  assert.equal(landingClosed(folded([read('fix-1', [100, 'read'])], closed), 'fix'), null);
  assert.equal(landingClosed(landedFleet(150), 'fix'), null);
});

test('what no longer stands is not owed, what partly stands is owed in part', () => {
  const measured = folded(
    [
      {
        type: 'standing-measured',
        target: 'x',
        left: { 'fix-1': { [id(100)]: 0, [id(101)]: 20 }, 'docs-2': { [id(200)]: 0 } },
      },
    ],
    landedFleet(),
  );
  assert.equal(owed(measured).lines, 20);
  assert.deepEqual(Object.keys(measured.reading.landed), ['fix-1']);
});

test('only hunks that are to be read can be marked, by the run or by what it has landed', () => {
  const state = landedFleet();
  const asked = (hunks: [number, 'skimmed' | 'read'][], name = 'fix-1') =>
    answerRead(state, { do: 'read', run: name, hunks: hunks.map(([n, how]) => ({ id: id(n), how })) }, 'ada');
  const answer = asked([
    [100, 'read'],
    [7, 'read'],
  ]);
  assert.ok('events' in answer);
  assert.deepEqual(answer.events, [read('fix-1', [100, 'read'])]);
  const none = asked([[7, 'read']]);
  assert.ok('events' in none && none.events.length === 0);
  assert.ok('refused' in asked([], 'nobody-1'));
  const forgotten = { ...state, runs: {} };
  assert.ok(
    'events' in answerRead(forgotten, { do: 'read', run: 'fix-1', hunks: [{ id: id(101), how: 'read' }] }, 'ada'),
  );
});

test('a run is riskier for what it touches, what it does to tests, what the checker found and how large it is, each said in words', () => {
  const state = reviewFleet();
  const risks = reviewQueue(state).map((entry) => [entry.id, entry.kind === 'green' ? entry.risk.word : entry.kind]);
  assert.deepEqual(risks, [
    ['ci-fix-20', 'high'],
    ['docs-2', 'low'],
    ['queue-4', 'landed'],
  ]);
  const words = riskOf(state.runs['ci-fix-20'] as RunState)
    .reasons.map((reason) => reason.words)
    .join('\n');
  assert.match(words, /src\/auth\/session\.ts is about sign-in/);
  assert.match(words, /1 test is skipped in test\/auth\/session\.test\.ts/);
  assert.match(words, /2 lines fewer in the test/);
  assert.match(words, /the checker: eight hours/);
  const small = green('fix', 1, DIFFS['docs-2'] ?? '');
  const score = (changes: Partial<RunState>) => riskOf({ ...small, ...changes }).score;
  assert.ok(score({ review: factsOf(parseDiff(longDiff(5000))) }) >= score({}) + 25);
  assert.ok(
    score({
      passes: small.passes.map((pass) => ({
        ...pass,
        gates: pass.gates.map((gate) => ({ ...gate, flags: ['changed what it runs'] })),
      })),
    }) > score({}),
  );
  assert.equal(riskOf(run('x', 1)).score <= 100, true);
});

test('a lock file and a snapshot are shown and not owed', () => {
  const facts = factsOf(parseDiff(DIFFS['ci-fix-20'] ?? ''));
  assert.deepEqual(
    [...new Set(facts.hunks.map(({ path }) => path))],
    ['src/auth/session.ts', 'test/auth/session.test.ts', 'src/auth/random.ts'],
  );
  assert.equal(facts.skipped, 1);
});

test('comments go back as one note, each under its file and line', () => {
  const about = { run: 'a-1', quote: '  const x = 1;', removed: false };
  const note = noteOf(
    [
      { ...about, path: 'b.ts', line: 9, text: 'name it' },
      { ...about, path: 'a.ts', line: 12, text: 'why?', removed: true },
      { ...about, path: 'a.ts', line: 3, text: 'no' },
    ],
    'Not yet.',
  );
  assert.equal(
    note,
    'Not yet.\n\na.ts:3\n> const x = 1;\nno\n\na.ts:12 (a line you removed)\n> const x = 1;\nwhy?\n\nb.ts:9\n> const x = 1;\nname it',
  );
});

test('a note keeps what it does not know, and two notes joined line by line say what both said', () => {
  const hex = fc.stringMatching(/^[0-9a-f]{40}$/);
  const mark = fc.record({
    id: hex,
    how: fc.constantFrom('skimmed', 'read', 'explained'),
    email: fc.constantFrom('ada@x', 'bob@y'),
  });
  const noted = fc.record({
    landed: fc.constant([]),
    hunks: fc.array(fc.record({ id: hex, lines: fc.nat(5000), path: fc.string({ minLength: 1, unit: 'binary' }) }), {
      maxLength: 4,
    }),
    read: fc.array(mark, { maxLength: 6 }),
  });
  fc.assert(
    fc.property(noted, noted, (ours, theirs) => {
      const a = withNoted('a line of a later version\n', ours);
      const merged = [...new Set([...a.split('\n'), ...withNoted('', theirs).split('\n')])].sort().join('\n');
      const both = parseNote(merged);
      for (const { id: of } of [...ours.hunks, ...theirs.hunks]) assert.ok(both.hunks.some((hunk) => hunk.id === of));
      for (const { id: of, email } of [...ours.read, ...theirs.read])
        assert.ok(both.read.some((each) => each.id === of && each.email === email));
      assert.match(withNoted(merged, ours), /^a line of a later version$/m);
      assert.equal(withNoted(a, ours), a);
    }),
    { numRuns: 100 },
  );
});
