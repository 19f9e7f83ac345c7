/** The Spend view: what is seen first, at every size, in every breakdown, and with names that mean harm. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BREAKDOWNS } from '../../../source/loop/spend/rows.ts';
import type { FleetState } from '../../../source/loop/state.ts';
import { toAscii } from '../../../source/pane/present/glyphs.ts';
import { cells, textOf } from '../../../source/pane/present/span.ts';
import { PERIODS, type SpendLook, spendScreen, spendScroll } from '../../../source/pane/present/spend.ts';
import { Spender } from '../../loop/spend/spender.ts';
import { fleet, NOW, nineRuns } from '../fleet-fixture.ts';
import { spentFleet } from '../spend-fixture.ts';

process.env.TZ = 'UTC';

const spent = spentFleet();
const LOOK: SpendLook = { by: 'loop', period: 7, scroll: 0, now: NOW };
const show = (state: FleetState, columns: number, rows: number, look: Partial<SpendLook> = {}) =>
  spendScreen(state, { ...LOOK, ...look }, columns, rows).map((row) => textOf(row));

test('today and its cap come first, then the rate, the forecast, the day’s course, what triage saves, and what has no price', () => {
  const rows = show(spent, 100, 30).map((row) => row.trimEnd());
  assert.match(rows[0] ?? '', /^ today +██████░+ {2}≥ \$8\.\d\d \/ \$25\.00 {3}1\.4M \/ 20M tokens$/);
  assert.match(rows[1] ?? '', /^ now +\$0\.\d\d\/min \(\d+k tokens\) {3}over the hour \$0\.03\/min/);
  assert.match(rows[2] ?? '', /^ forecast +at this rate the day’s \$25\.00 are used up at 15:\d\d, in 1h\d\d$/);
  assert.match(rows[3] ?? '', /^ 24 hours +·{15}[▁-█]{9} {2}most \$1\.\d\d at \d\d:00$/);
  assert.match(
    rows[4] ?? '',
    /^ triage +\$1\.\d\d; by the makers it would have been \$8\.\d\d: \$6\.\d\d saved {2}7 days$/,
  );
  assert.match(rows[5] ?? '', /^ unpriced +\d+k fresh tokens of today have no known price$/);
});

test('the table has a share, money, tokens, a course and how it is known, the dearest first and the sum last', () => {
  const rows = show(spent, 120, 30).map((row) => row.trimEnd());
  const at = rows.findIndex((row) => row.startsWith(' by [loop]'));
  assert.match(rows[at] ?? '', /^ by \[loop\] model {2}day {2}role {2}run +7 days$/);
  assert.match(rows[at + 1] ?? '', /^ LOOP +SHARE +USD +FRESH +CACHED +COURSE +KNOWN$/);
  assert.match(rows[at + 2] ?? '', /^ refactor +█{11}░{9} +53 % +\$52\.\d\d +5\.8M +46M +[▁-█]{7} +exact$/);
  assert.match(rows[at + 6] ?? '', /^ docs +░{20} +0 % +unpriced +≈374k +3M +[▁-█]{7} +estimated ≈$/);
  assert.match(rows[at + 7] ?? '', /^ total +≥ \$98\.\d\d +≈18M +141M +estimated ≈$/);
});

test('every breakdown has its own rows, days the newest first', () => {
  const names = (by: SpendLook['by']) => {
    const rows = show(spent, 120, 40, { by });
    const from = rows.findIndex((row) => row.startsWith(` ${by.toUpperCase()} `));
    return rows
      .slice(
        from + 1,
        rows.findIndex((row) => row.startsWith(' total ')),
      )
      .map((row) => row.trim().split(/ +/)[0]);
  };
  assert.deepEqual(names('role'), ['maker', 'checker', 'triage']);
  assert.equal(names('model')[0], 'claude-opus-5-5');
  assert.equal(names('day')[0], '2026-11-23');
  assert.equal(names('day').length, 7);
  assert.ok(names('run').includes('refactor-20'));
});

test('a longer look back is a larger sum', () => {
  const sums = ([1, 7, 30] as const).map((period) => {
    const total = show(spent, 120, 40, { period }).find((row) => row.startsWith(' total ')) ?? '';
    return Number(/\$([\d.]+)/.exec(total)?.[1]);
  });
  assert.deepEqual(
    sums,
    [...sums].sort((a, b) => a - b),
  );
  assert.equal(new Set(sums).size, 3);
});

test('it fills every screen from 30x4 to 300x80 exactly, and money is there at every width', () => {
  for (let columns = 30; columns <= 300; columns += columns < 130 ? 1 : 17) {
    for (const rows of [4, 8, 10, 14, 22, 80]) {
      const by = BREAKDOWNS[(columns + rows / 2) % BREAKDOWNS.length] ?? 'loop';
      const screen = show(spent, columns, rows, { by, period: PERIODS[columns % PERIODS.length] ?? 7 });
      assert.equal(screen.length, rows);
      for (const row of screen) assert.equal(cells(row), columns, `${columns}x${rows} ${by}: ${row}`);
      assert.match(screen.join('\n'), /\$/, `${columns}x${rows} ${by}`);
    }
  }
});

test('a table longer than its place is scrolled to its end, and says where it is', () => {
  const { limit, page } = spendScroll(spent, { ...LOOK, by: 'run', period: 30 }, 60, 14);
  assert.ok(limit > 0 && page > 0);
  const top = show(spent, 60, 14, { by: 'run', period: 30 });
  const end = show(spent, 60, 14, { by: 'run', period: 30, scroll: limit });
  const past = show(spent, 60, 14, { by: 'run', period: 30, scroll: limit + 50 });
  assert.notDeepEqual(top, end);
  assert.deepEqual(past, end);
  const place = /(\d+)-(\d+) of (\d+)/.exec(end.join('\n'));
  assert.equal(place?.[2], place?.[3]);
  for (const screen of [top, end]) assert.match(screen.join('\n'), /^ total /m);
});

test('nothing spent is said, and no forecast is made of it', () => {
  const text = show(fleet(nineRuns(), { days: {} }), 80, 22).join('\n');
  assert.match(text, /Nothing was spent in 7 days\./);
  assert.match(text, /now +nothing/);
  assert.doesNotMatch(text, /forecast|NaN|Infinity|undefined/);
  assert.match(text, /\$0\.00 \/ \$25\.00/);
});

test('a day whose cap is reached says so in words', () => {
  const settings = { ...spent.settings, daily: { tokens: 20_000_000, usd: 5 } };
  const text = show({ ...spent, settings }, 100, 30).join('\n');
  assert.match(text, /█{20}/);
  assert.match(text, /160 %/);
  assert.match(text, /the day’s \$5\.00 are used up/);
});

test('only tokens, where nothing has a price', () => {
  const spender = new Spender();
  spender.spend({ loop: 'a', tokens: { input: 3000 }, usd: null, at: NOW, model: 'local' });
  spender.spend({ loop: 'b', tokens: { input: 1000 }, usd: null, at: NOW, model: 'local' });
  const text = show(fleet([], { spending: spender.state.spending }), 100, 24).join('\n');
  assert.match(text, /^ a +█+░+ +75 % +unpriced +3k/m);
  assert.doesNotMatch(text, /NaN|Infinity/);
});

test('whatever a model calls itself, the screen stays text of the right size, in ASCII too', () => {
  const name = fc.string({ unit: 'binary', maxLength: 40 });
  fc.assert(
    fc.property(
      fc.array(name, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 30, max: 140 }),
      (models, columns) => {
        const spender = new Spender();
        for (const model of ['\u001b]0;owned\u0007\u001b[2J', '日本語のモデル', ...models])
          spender.spend({ loop: 'a', model, tokens: { output: 9 }, usd: 1, at: NOW });
        const state = fleet([], { spending: spender.state.spending });
        for (const row of show(state, columns, 20, { by: 'model' })) {
          assert.equal(cells(row), columns);
          assert.doesNotMatch(row, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
          assert.match(toAscii(row), /^[\x20-\x7e]*$/);
        }
      },
    ),
    { numRuns: 60 },
  );
});
