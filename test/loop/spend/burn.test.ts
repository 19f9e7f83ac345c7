/** Rates, forecasts and what triage saves, against figures worked out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { priceRow } from '../../../source/agents/prices.ts';
import { burnRate, forecast, forecastRun } from '../../../source/loop/spend/burn.ts';
import { withoutTriage } from '../../../source/loop/spend/triage.ts';
import { madeLoop } from '../made-loop.ts';
import { near, Spender } from './spender.ts';

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 10, 23, 12);

test('who spends nothing burns nothing and reaches no cap', () => {
  const spender = new Spender();
  assert.deepEqual(burnRate(spender.state, NOON), { five: { tokens: 0, usd: 0 }, sixty: { tokens: 0, usd: 0 } });
  assert.equal(forecast(spender.state, NOON), null);
  spender.spend({ loop: 'a', tokens: { input: 1000 }, usd: 1, at: NOON - 6 * MINUTE });
  assert.equal(forecast(spender.state, NOON), null);
});

test('a rate is what was spent by the minutes it took, of the fleet, a loop or a run', () => {
  const spender = new Spender();
  // A dollar a minute for an hour, then two loops at once for the last five minutes.
  for (let minute = 0; minute < 55; minute++)
    spender.spend({ loop: 'a', tokens: { input: 1000 }, usd: 1, at: NOON + minute * MINUTE });
  for (let minute = 55; minute < 60; minute++) {
    spender.spend({ loop: 'a', tokens: { input: 1000 }, usd: 1, at: NOON + minute * MINUTE });
    spender.spend({ loop: 'b', run: 7, tokens: { output: 3000, cacheRead: 9e6 }, usd: 3, at: NOON + minute * MINUTE });
  }
  const now = NOON + 60 * MINUTE - 1;
  const { five, sixty } = burnRate(spender.state, now);
  assert.ok(Math.abs(five.usd - 4) < 1e-3 && Math.abs(five.tokens - 4000) < 1, JSON.stringify(five));
  assert.ok(Math.abs(sixty.usd - 75 / 60) < 1e-3, JSON.stringify(sixty));
  assert.ok(Math.abs(burnRate(spender.state, now, { loop: 'b' }).five.usd - 3) < 1e-3);
  assert.ok(Math.abs(burnRate(spender.state, now, { run: 'b-7' }).five.tokens - 3000) < 1);
  assert.equal(burnRate(spender.state, now, { run: 'b-8' }).five.usd, 0);
});

test('a fleet that has only just begun is measured by the time since', () => {
  const spender = new Spender();
  spender.spend({ loop: 'a', tokens: { input: 10_000 }, usd: 1, at: NOON });
  assert.equal(burnRate(spender.state, NOON + 20_000).five.tokens, 10_000);
  assert.equal(burnRate(spender.state, NOON + 2 * MINUTE).five.tokens, 5000);
  assert.equal(burnRate(spender.state, NOON + 2 * MINUTE).sixty.tokens, 5000);
});

test('the forecast is the first cap of the day or of the run at the present rate', () => {
  const spender = new Spender();
  const settings = { ...spender.state.settings, daily: { tokens: 1_000_000, usd: 25 } };
  spender.happen(NOON, '2026-11-23', { type: 'settings-read', settings });
  for (let minute = 0; minute < 5; minute++)
    spender.spend({ loop: 'a', tokens: { input: 10_000 }, usd: 1, at: NOON + minute * MINUTE });
  const now = NOON + 5 * MINUTE - 1;
  // 20 of 25 dollars are left at a dollar a minute; 950k tokens at 10k a minute would last longer.
  const day = forecast(spender.state, now);
  assert.equal(day?.cap, 'day-usd');
  assert.ok(Math.abs((day?.inMs ?? 0) - 20 * MINUTE) < 100, `${day?.inMs}`);
  assert.equal(day?.at, now + (day?.inMs ?? 0));
  // Its own budget: 100k tokens, $5. All five dollars are spent.
  const run = spender.state.runs['a-1'] ?? assert.fail();
  assert.deepEqual(forecastRun(spender.state, run, now), { cap: 'usd', at: now, inMs: 0 });
  const roomy = { ...run, budget: { ...run.budget, usd: 100 } };
  const next = forecastRun(spender.state, roomy, now);
  assert.equal(next?.cap, 'tokens');
  assert.ok(Math.abs((next?.inMs ?? 0) - 5 * MINUTE) < 100);
});

/** A triage pass of the reference: 6k in, 4k written, 30k read, 1k out. */
const FIRING = { input: 6000, cacheWrite: 4000, cacheRead: 30_000, output: 1000 };

function triaged(firings: number) {
  const spender = new Spender();
  const tiers = { scripted: { standard: 'claude-sonnet-5-5' } };
  const prices = Object.fromEntries(['claude-haiku-5-5', 'claude-sonnet-5-5'].map((model) => [model, priceRow(model)]));
  const read = { name: 'watch', path: 'loops/watch.md', trusted: true, problems: [] };
  spender.happen(
    NOON,
    '2026-11-23',
    { type: 'settings-read', settings: { ...spender.state.settings, tiers } },
    { type: 'prices-read', prices },
    { type: 'loop-read', ...read, definition: madeLoop({ name: 'watch' }) },
  );
  // What makers and checkers spend is no triage.
  for (const role of ['maker', 'checker'] as const)
    spender.spend({ loop: 'watch', run: 9, role, model: 'claude-sonnet-5-5', tokens: FIRING, usd: 5, at: NOON });
  for (let n = 0; n < firings; n++)
    spender.spend({ loop: 'watch', role: 'triage', model: 'claude-haiku-5-5', tokens: FIRING, usd: 0.0019, at: NOON });
  return spender;
}

test('without triage: its tokens at the maker’s price', () => {
  assert.equal(withoutTriage(triaged(0).state, null), null);
  const saved = withoutTriage(triaged(96).state, null);
  assert.ok(saved !== null);
  // 6k x $2 + 4k x $2.50 + 30k x $0.10 + 1k x $10 = $0.035 a firing, 96 a day.
  assert.ok(near(saved.withoutUsd, 3.36), `${saved.withoutUsd}`);
  assert.ok(near(saved.usd, 0.1824));
  assert.ok(near(saved.savedUsd, 3.1776));
  assert.equal(saved.tokens, 96 * 11_000);
  assert.deepEqual(saved.leftOut, []);
  assert.equal(withoutTriage(triaged(96).state, '2026-11-24'), null);
});

test('a loop whose maker or triage has no price is named and left out, not guessed', () => {
  const spender = triaged(1);
  spender.spend({ loop: 'gone', role: 'triage', model: 'claude-haiku-5-5', tokens: FIRING, usd: 0.1, at: NOON });
  spender.spend({ loop: 'local', role: 'triage', model: 'x', tokens: FIRING, usd: null, at: NOON });
  const saved = withoutTriage(spender.state, null);
  assert.deepEqual(saved?.leftOut, ['gone', 'local']);
  assert.ok(near(saved?.withoutUsd ?? 0, 0.035));
  // A loop that is gone is measured by the maker it had.
  spender.spend({ loop: 'gone', run: 2, role: 'maker', model: 'claude-sonnet-5-5', tokens: FIRING, usd: 9, at: NOON });
  assert.deepEqual(withoutTriage(spender.state, null)?.leftOut, ['local']);
});

test('a loop that only triages is measured by the strong tier, since its own agent is the cheap one', () => {
  const spender = triaged(0);
  const tiers = { scripted: { cheap: 'claude-haiku-5-5', strong: 'claude-sonnet-5-5' } };
  const loop = madeLoop({ name: 'scan', leads: 'triage' });
  const definition = { ...loop, maker: { ...loop.maker, model: 'cheap' } };
  spender.happen(
    NOON,
    '2026-11-23',
    { type: 'settings-read', settings: { ...spender.state.settings, tiers } },
    { type: 'loop-read', name: 'scan', path: 'loops/scan.md', trusted: true, problems: [], definition },
  );
  spender.spend({ loop: 'scan', role: 'triage', model: 'claude-haiku-5-5', tokens: FIRING, usd: 0.0019, at: NOON });
  assert.ok(near(withoutTriage(spender.state, null)?.withoutUsd ?? 0, 0.035));
});
