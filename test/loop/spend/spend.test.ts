/** The books: nothing is lost, nothing counts twice, nothing grows without end, and caps find their sums in them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wholeFleet } from '../../../source/loop/fold.ts';
import { NO_SPEND, plus } from '../../../source/loop/meter.ts';
import { OTHER } from '../../../source/loop/spend/bounded.ts';
import { BREAKDOWNS, spendByHour, spendRows, spendTotal } from '../../../source/loop/spend/rows.ts';
import { spentByLoopToday, spentInHour } from '../../../source/loop/spend/spent.ts';
import type { FleetState, Spend } from '../../../source/loop/state.ts';
import { fresh } from '../../../source/loop/tokens.ts';
import type { RunId } from '../../../source/loop/units.ts';
import { type Bill, near, Spender, sameSpend } from './spender.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2026, 10, 23, 12);

const sum = (spends: readonly Spend[]): Spend => spends.reduce(plus, NO_SPEND);

const bill: fc.Arbitrary<Bill> = fc.record({
  loop: fc.constantFrom('ci-fix', 'docs', 'triage'),
  run: fc.constantFrom(1, 2),
  role: fc.constantFrom('maker', 'checker', 'triage', 'reflector'),
  model: fc.constantFrom('sonnet', 'haiku', 'constructor', '__proto__'),
  tokens: fc.record({ input: fc.nat(50_000), cacheRead: fc.nat(500_000), output: fc.nat(9000) }),
  usd: fc.oneof(fc.double({ min: 0, max: 3, noNaN: true }), fc.constant(null)),
  at: fc.integer({ min: NOON - 3 * HOUR, max: NOON }),
  day: fc.constantFrom('2026-11-21', '2026-11-22', '2026-11-23'),
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  final: fc.boolean(),
  estimated: fc.boolean(),
});
const bills = fc.array(bill, { maxLength: 60, size: 'max' });

function spent(all: readonly Bill[], see: (state: FleetState) => void = () => {}): FleetState {
  const spender = new Spender();
  for (const each of all) {
    spender.spend(each);
    see(spender.state);
  }
  return spender.state;
}

test('every breakdown has the same total, which is what the runs spent', () => {
  fc.assert(
    fc.property(bills, (all) => {
      const state = spent(all);
      const total = spendTotal(state, null).spend;
      assert.ok(sameSpend(total, sum(Object.values(state.runs).map(({ meter }) => meter.total))));
      for (const by of BREAKDOWNS)
        assert.ok(sameSpend(sum(spendRows(state, by, null).map(({ spend }) => spend)), total), by);
      // The days of the caps and the days of the books are kept apart, and agree.
      for (const { key, spend } of spendRows(state, 'day', null)) {
        const day = state.days[key];
        assert.ok(
          day !== undefined ? near(day.usd, spend.usd) : fresh(spend.tokens) + spend.tokens.cacheRead === 0,
          key,
        );
      }
    }),
    { numRuns: 150 },
  );
});

test('whatever comes in whatever order, nothing that was spent is ever unspent', () => {
  fc.assert(
    fc.property(bills, (all) => {
      let before = NO_SPEND;
      const loops: Record<string, number> = {};
      spent(all, (state) => {
        const after = spendTotal(state, null).spend;
        assert.ok(after.usd >= before.usd - 1e-9);
        for (const key of ['input', 'cacheRead', 'cacheWrite', 'output'] as const)
          assert.ok(after.tokens[key] >= before.tokens[key], key);
        before = after;
        for (const { key, spend } of spendRows(state, 'loop', null)) {
          assert.ok(fresh(spend.tokens) >= (loops[key] ?? 0), key);
          loops[key] = fresh(spend.tokens);
        }
      });
    }),
    { numRuns: 150 },
  );
});

test('the sum of a loop’s day is what its runs spent that day', () => {
  fc.assert(
    fc.property(bills, (all) => {
      const state = spent(all.map((each) => ({ ...each, day: '2026-11-23' })));
      for (const loop of ['ci-fix', 'docs', 'triage', 'no-such-loop']) {
        const runs = Object.values(state.runs).filter((run) => run.loop === loop);
        assert.ok(sameSpend(spentByLoopToday(state, loop), sum(runs.map(({ meter }) => meter.total))), loop);
      }
    }),
    { numRuns: 100 },
  );
});

test('the sliding hour is never less than the true one, and at most a minute more', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3 * HOUR), { maxLength: 80 }), fc.nat(2 * HOUR), (offsets, later) => {
      const times = offsets.map((offset) => NOON - offset).sort((a, b) => a - b);
      const state = spent(times.map((at) => ({ loop: 'a', tokens: { input: 100 }, usd: 1, at })));
      const now = NOON + later;
      const within = (ms: number) => times.filter((at) => at > now - ms && at <= now).length;
      const found = spentInHour(state, now);
      assert.ok(found.usd >= within(HOUR) && found.usd <= within(HOUR + MINUTE), `${found.usd}`);
      assert.equal(fresh(found.tokens), found.usd * 100);
    }),
    { numRuns: 200 },
  );
});

test('a clock that ran ahead and was set back takes nothing out of the hour', () => {
  const spender = new Spender();
  for (let minute = 0; minute < 60; minute++)
    spender.spend({ loop: 'a', tokens: {}, usd: 1, at: NOON - minute * MINUTE });
  // Two hours in 2040, then an hour that is told a second time.
  for (let minute = 0; minute < 20; minute++)
    spender.spend({ loop: 'a', tokens: {}, usd: 1, at: Date.UTC(2040, 1, 1) + minute * MINUTE });
  for (let minute = 0; minute < 40; minute++)
    spender.spend({ loop: 'a', tokens: {}, usd: 1, at: NOON - minute * MINUTE });
  assert.equal(spentInHour(spender.state, NOON + 1).usd, 100);
});

test('thousands of loops, models, runs and days stay a few hundred rows, and not a cent is lost', () => {
  const spender = new Spender();
  let usd = 0;
  for (let day = 0; day < 5; day++) {
    for (let n = 0; n < 700; n++) {
      const cost = ((n * 7919) % 1000) / 1000;
      usd += cost;
      const at = NOON + day * 24 * HOUR + n * MINUTE;
      spender.spend({
        loop: `loop-${n % 350}`,
        run: n,
        model: `model-${n}`,
        tokens: { output: n },
        usd: cost,
        at,
        day: `2026-11-0${day + 1}`,
      });
    }
    const { spending, today } = spender.state;
    for (const [name, { cells, runs }] of Object.entries(spending.days)) {
      assert.ok(cells.length <= (name === today ? 256 : 64), `${name}: ${cells.length}`);
      assert.ok(runs.length <= (name === today ? 128 : 32), `${name}: ${runs.length}`);
    }
    assert.ok(spending.minutes.length <= 128);
    assert.ok(spending.hours.length <= 48);
  }
  for (const by of BREAKDOWNS)
    assert.ok(
      near(
        spendRows(spender.state, by, null).reduce((all, row) => all + row.spend.usd, 0),
        usd,
      ),
      by,
    );
  assert.ok(spendRows(spender.state, 'loop', null).some(({ key }) => key === OTHER));
  assert.ok(JSON.stringify(spender.state.spending).length < 300_000);
});

test('many models of one loop are merged before any loop loses its name', () => {
  const spender = new Spender();
  for (let n = 0; n < 1000; n++)
    spender.spend({ loop: n % 2 ? 'odd' : 'even', model: `m${n}`, tokens: { input: 1 }, usd: 0.01, at: NOON });
  assert.ok(near(spentByLoopToday(spender.state, 'odd').usd, 5));
  assert.ok(near(spentByLoopToday(spender.state, 'even').usd, 5));
  assert.deepEqual(
    spendRows(spender.state, 'loop', null)
      .map(({ key }) => key)
      .sort(),
    ['even', 'odd'],
  );
});

test('a minute of many runs keeps the largest by name and the sum of all', () => {
  const spender = new Spender();
  for (let n = 1; n <= 200; n++) spender.spend({ loop: 'a', run: n, tokens: { input: n }, usd: 1, at: NOON });
  const [minute] = spender.state.spending.minutes;
  assert.ok(minute !== undefined && minute.runs.length <= 64);
  assert.equal(
    minute.runs.reduce((all, row) => all + row.fresh, 0),
    20_100,
  );
  assert.equal(fresh(minute.spend.tokens), 20_100);
});

test('ninety days are kept, the newest', () => {
  const spender = new Spender();
  for (let n = 0; n < 120; n++) {
    const at = Date.UTC(2026, 0, 1) + n * 24 * HOUR;
    spender.spend({ loop: 'a', tokens: {}, usd: 1, at, day: new Date(at).toISOString().slice(0, 10) });
  }
  const days = spendRows(spender.state, 'day', null).map(({ key }) => key);
  assert.equal(days.length, 90);
  assert.equal(days.at(-1), '2026-04-30');
  assert.equal(spendRows(spender.state, 'day', '2026-04-29').length, 2);
});

test('a bill that stays open when its process dies leaves a mark, and so does what is hidden', () => {
  const spender = new Spender();
  const provenance = () =>
    Object.fromEntries(spendRows(spender.state, 'loop', null).map((row) => [row.key, row.provenance]));
  spender.spend({ loop: 'cut', tokens: { input: 5 }, usd: 1, at: NOON, final: false });
  spender.spend({ loop: 'whole', tokens: { input: 5 }, usd: 1, at: NOON });
  spender.spend({ loop: 'guess', tokens: { input: 5 }, usd: null, at: NOON, estimated: true });
  spender.spend({ loop: 'dark', tokens: { input: 5 }, usd: 1, at: NOON });
  for (const loop of ['cut', 'whole', 'guess']) spender.die(`${loop}-1` as RunId, NOON, '2026-11-23');
  const dark = spender.state.runs['dark-1']?.agent?.id ?? assert.fail();
  const run = 'dark-1' as RunId;
  const hidden = { type: 'hidden', what: 'sub-agents' } as const;
  spender.happen(NOON, '2026-11-23', { type: 'agent-read', run, agent: dark, offset: 1e6, events: [hidden] });
  assert.deepEqual(provenance(), { cut: 'live', whole: 'exact', guess: 'estimated', dark: 'unknown' });
  const total = spendTotal(spender.state, null);
  assert.equal(total.provenance, 'unknown');
  assert.equal(total.unpriced, 5);
});

test('a run whose bill still rises says so, until it is final', () => {
  const spender = new Spender();
  const known = () => spendRows(spender.state, 'run', null).map(({ provenance }) => provenance);
  spender.spend({ loop: 'a', key: 'k', tokens: { input: 5 }, usd: 1, at: NOON, final: false });
  assert.deepEqual(known(), ['live']);
  spender.spend({ loop: 'a', key: 'k', tokens: { input: 6 }, usd: 1, at: NOON, final: true });
  assert.deepEqual(known(), ['exact']);
});

test('something hidden before anything is reported has a row of its own', () => {
  const spender = new Spender();
  spender.spend({ loop: 'dark', tokens: {}, usd: null, at: NOON, model: 'codex' });
  const run = 'dark-1' as RunId;
  const hidden = { type: 'hidden', what: 'a failed turn' } as const;
  const agent = spender.state.runs[run]?.agent?.id ?? assert.fail();
  spender.happen(NOON, '2026-11-23', { type: 'agent-read', run, agent, offset: 1e6, events: [hidden] });
  const [row] = spendRows(spender.state, 'model', null);
  assert.equal(row?.key, 'codex');
  assert.equal(row?.provenance, 'unknown');
});

test('a snapshot of a version that kept no books is taken up with the sums of its days', () => {
  const {
    spending: _gone,
    prices: _too,
    ...older
  } = spent([
    { loop: 'a', tokens: { input: 100 }, usd: 2, at: NOON, day: '2026-11-22' },
    { loop: 'a', tokens: { input: 100 }, usd: 3, at: NOON },
  ]);
  const state = wholeFleet(JSON.parse(JSON.stringify(older)));
  assert.equal(spendTotal(state, null).spend.usd, 5);
  assert.deepEqual(
    spendRows(state, 'loop', null).map(({ key }) => key),
    [OTHER],
  );
  assert.deepEqual(
    spendRows(state, 'day', '2026-11-23').map(({ spend }) => spend.usd),
    [3],
  );
  assert.deepEqual(state.prices, {});
  const spender = new Spender();
  spender.state = state;
  spender.spend({ loop: 'b', tokens: { input: 1 }, usd: 1, at: NOON });
  assert.equal(spendTotal(spender.state, null).spend.usd, 6);
});

test('hours are read from the oldest to the begun one', () => {
  const state = spent([
    { loop: 'a', tokens: {}, usd: 1, at: NOON - 2 * HOUR },
    { loop: 'a', tokens: {}, usd: 2, at: NOON - 2 * HOUR + 30 * MINUTE },
    { loop: 'a', tokens: {}, usd: 4, at: NOON + 5 * MINUTE },
    { loop: 'a', tokens: {}, usd: 8, at: NOON - 30 * HOUR },
  ]);
  assert.deepEqual(
    spendByHour(state, NOON + 10 * MINUTE, 4).map(({ usd }) => usd),
    [0, 3, 0, 4],
  );
});
