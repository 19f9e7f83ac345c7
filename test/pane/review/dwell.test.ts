import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factsOf } from '../../../source/loop/review/facts.ts';
import { parseDiff } from '../../../source/loop/review/parse.ts';
import { sheet } from '../../../source/pane/dialogs/sheet.ts';
import { Dwell } from '../../../source/pane/review/dwell.ts';
import { FIRST_VIEW, type Situation } from '../../../source/pane/view.ts';
import { NOW } from '../fleet-fixture.ts';
import { situation as opened } from '../situation.ts';
import { DIFFS, reviewFleet } from './review-fixture.ts';

const diff = parseDiff(DIFFS['docs-2'] ?? '');
const [hunk] = factsOf(diff).hunks;

/** The harmless run's three changed lines on the screen, `at` seconds after the start. */
const situation = (at: number, changes: Partial<Situation['view']> = {}): Situation =>
  opened(reviewFleet(), {
    diffs: { 'docs-2': { of: 'x', is: 'here', diff, moved: new Map() } },
    now: NOW + at * 1000,
    view: { ...FIRST_VIEW, screen: 'review', review: { ...FIRST_VIEW.review, run: 'docs-2' }, ...changes },
  });

/** What was told, by the second; a key at the start and whenever `keys` says. */
function watched(seconds: number, see = situation, keys: readonly number[] = [0]): Record<number, string> {
  const dwell = new Dwell();
  const told: Record<number, string> = {};
  for (let at = 0; at <= seconds; at++) {
    if (keys.includes(at)) dwell.pressed(NOW + at * 1000);
    const command = dwell.look(see(at));
    if (command === null) continue;
    assert.equal(command.run, 'docs-2');
    assert.deepEqual(
      command.hunks.map(({ id }) => id),
      [hunk?.id],
    );
    told[at] = command.hunks[0]?.how ?? '';
  }
  return told;
}

test('three lines seen together are skimmed after half a second for each and read after two seconds for each, each told once', () => {
  assert.deepEqual(watched(20), { 2: 'skimmed', 6: 'read' });
});

test('nobody reads behind a dialog, on another view, or without a key for two minutes', () => {
  assert.deepEqual(
    watched(20, (at) => situation(at, { dialogs: [sheet('Help', [])] })),
    {},
  );
  assert.deepEqual(
    watched(20, (at) => situation(at, { screen: 'fleet' })),
    {},
  );
  const dwell = new Dwell();
  dwell.pressed(NOW - 130_000);
  for (let at = 0; at < 20; at++) assert.equal(dwell.look(situation(at)), null);
});

test('a pause of the pane itself counts for nothing, and what is known already is not told again', () => {
  const dwell = new Dwell();
  dwell.pressed(NOW);
  assert.equal(dwell.look(situation(0)), null);
  dwell.pressed(NOW + 3_600_000);
  assert.equal(dwell.look(situation(3600)), null);
  const marks = { [hunk?.id ?? '']: { how: 'read' as const, noted: true, run: 'docs-2' as never } };
  const known = (at: number): Situation => {
    const fleet = reviewFleet();
    return { ...situation(at), fleet: { ...fleet, reading: { ...fleet.reading, marks } } };
  };
  assert.deepEqual(watched(20, known), {});
});
