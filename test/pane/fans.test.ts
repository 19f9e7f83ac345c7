/** A fan in the pane: its line above the runs while it waits, its progress below them, its items beside its runs, and the key. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bindingOf } from '../../source/pane/keys/keymap.ts';
import { USUAL } from '../../source/pane/keys/operator.ts';
import { attentionRows } from '../../source/pane/present/attention-rows.ts';
import { belowRows } from '../../source/pane/present/below.ts';
import { headerLine } from '../../source/pane/present/header.ts';
import { listRow } from '../../source/pane/present/list.ts';
import { nameWords } from '../../source/pane/present/run-words.ts';
import { cells, type Line, textOf } from '../../source/pane/present/span.ts';
import { fan, fanFleet, releasedFleet } from './fan-fixture.ts';
import { NOW, run } from './fleet-fixture.ts';
import { situation } from './situation.ts';
import { Stage } from './stage.ts';

process.env.TZ = 'UTC';

const text = (rows: readonly Line[]) => rows.map((row) => textOf(row).trimEnd());

test('a pilot that is done stands above the runs with the key, is counted in the header, and below the runs with its progress', () => {
  assert.deepEqual(text(attentionRows(fanFleet(), NOW, null, 140, 5)), [
    ' ◆ f1 refactor  1m   pilot of 2 is done, 1 green, 1 failed: the other 4 begin after looptop release f1                            f release',
  ]);
  assert.match(textOf(headerLine(fanFleet(), 'connected', NOW, 120)), /◆ 1 needs you/);
  assert.deepEqual(text(belowRows(fanFleet(), '', NOW, 30)).slice(1), [
    '  ◆ refactor         fan f1 2/6 · 1 failed  pilot of 2 is done, 1 green, 1 failed: the other 4 begin after looptop release f1',
  ]);
});

test('released, it needs nobody and tells how far it is', () => {
  assert.deepEqual(attentionRows(releasedFleet(), NOW, null, 140, 5), []);
  assert.deepEqual(text(belowRows(releasedFleet(), '', NOW, 30)).slice(1), [
    '  ● refactor         fan f1 2/6 · 1 failed  2 at work, 2 waiting',
  ]);
});

test('every size has its line and nothing beside it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 220 }), (columns) => {
      for (const row of attentionRows(fanFleet(), NOW, null, columns, 5))
        assert.equal(
          row.reduce((sum, part) => sum + cells(part.text), 0),
          columns,
        );
    }),
  );
});

test('a run of a fan shows its item, and keeps its number where there is little room', () => {
  const own = run('refactor-fanout', 12, { fan: { id: 'f1', key: 'packages/core' } });
  assert.equal(nameWords(own), 'refactor-fanout-12 packages/core');
  assert.equal(nameWords(own, 17), '…-12 packages/co…');
  assert.equal(nameWords(run('docs', 3), 17), 'docs-3');
  const row = textOf(listRow(own, { now: NOW, current: false, picked: false, legend: USUAL }, 100));
  assert.match(row, /…-12 packages\/co…/);
});

test('f releases the fan that waits, and says why when none does', async () => {
  const binding = bindingOf('f', 'fleet');
  assert.equal(binding?.when(situation(fanFleet())), true);
  assert.equal(binding?.when(situation(releasedFleet())), 'No fan waits for you after its pilot.');
  assert.equal(
    binding?.when(situation(fanFleet({ stopped: { why: 'by ada', at: NOW }, items: fan().items }))),
    'No fan waits for you after its pilot.',
  );
  await using stage = new Stage(fanFleet());
  await stage.shows('pilot of 2 is done');
  await stage.type('f');
  assert.deepEqual(await stage.sent(), [{ do: 'release', fan: 'f1' }]);
});
