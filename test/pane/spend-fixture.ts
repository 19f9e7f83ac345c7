/** A fleet with twelve days of spending behind it: loops, models and roles of different weight, one model without a price. */

import { priceRow } from '../../source/agents/prices.ts';
import { costOf } from '../../source/loop/price.ts';
import type { FleetState } from '../../source/loop/state.ts';
import { NO_TOKENS } from '../../source/loop/tokens.ts';
import { type Bill, Spender } from '../loop/spend/spender.ts';
import { agentDefinition, definition, fleet, loopState, MINUTE, NOW, nineRuns } from './fleet-fixture.ts';

const DAY = 24 * 60 * MINUTE;

/** Who spends, how often in an hour of work, and how much at a time (fresh tokens). */
const HABITS = [
  { loop: 'ci-fix', role: 'maker', model: 'claude-sonnet-5-5', often: 6, size: 9000 },
  { loop: 'ci-fix', role: 'maker', model: 'claude-opus-5-5', often: 1, size: 15_000 },
  { loop: 'ci-fix', role: 'checker', model: 'gpt-6.1-sol', often: 2, size: 6000 },
  { loop: 'refactor', role: 'maker', model: 'claude-opus-5-5', often: 3, size: 21_000 },
  { loop: 'docs', role: 'maker', model: 'grok-5-code', often: 1, size: 4000 },
  { loop: 'triage', role: 'triage', model: 'claude-haiku-5-5', often: 4, size: 5000 },
  { loop: 'visual', role: 'maker', model: 'gemini-3.8-flash', often: 2, size: 12_000 },
] as const;

/** Looks random, is always the same. */
const wobble = (n: number): number => ((n * 2_654_435_761) % 1000) / 1000;

export function spentFleet(changes: Partial<FleetState> = {}): FleetState {
  const spender = new Spender();
  let n = 0;
  for (let back = 11; back >= 0; back--) {
    for (let hour = 6; hour < 14; hour++) {
      for (const { often, size, ...who } of HABITS) {
        for (let time = 0; time < often; time++) {
          n++;
          const begin = Math.floor(NOW / DAY) * DAY - back * DAY;
          const at = Math.min(NOW - (n % 4) * MINUTE, begin + hour * 60 * MINUTE + Math.floor(wobble(n) * 60) * MINUTE);
          spend(
            spender,
            { ...who, run: 20 - back, at },
            size * (0.4 + wobble(n + 7)) * (0.5 + wobble(back + hour)) * (1 + (back % 5) / 2),
          );
        }
      }
    }
  }
  for (const [at, { often: _often, size, ...who }] of HABITS.entries())
    if (who.role === 'maker') spend(spender, { ...who, run: 20, at: NOW - (at % 5) * MINUTE }, size * 2);
  const prices = Object.fromEntries(HABITS.map(({ model }) => [model, priceRow(model)]));
  const loops = [...new Set(HABITS.map(({ loop }) => loop))].map((name) => [
    name,
    loopState(name, { definition: definition(name, { maker: agentDefinition('claude-sonnet-5-5') }) }),
  ]);
  // Their processes are over, and nothing has taken the place of an estimate.
  for (const { id, lastEventAt } of Object.values(spender.state.runs)) spender.die(id, lastEventAt, '2026-11-23');
  const { spending, days } = spender.state;
  return fleet(nineRuns(), { spending, days, prices, loops: Object.fromEntries(loops), ...changes });
}

function spend(spender: Spender, who: Pick<Bill, 'loop' | 'role' | 'model' | 'run' | 'at'>, fresh: number): void {
  const output = Math.round(fresh * 0.2);
  const tokens = { ...NO_TOKENS, input: Math.round(fresh * 0.5), cacheWrite: Math.round(fresh * 0.3), output };
  const all = { ...tokens, cacheRead: Math.round(fresh * 8) };
  const price = priceRow(who.model ?? '');
  const day = new Date(who.at).toISOString().slice(0, 10);
  spender.spend({
    ...who,
    day,
    tokens: all,
    usd: price === null ? null : costOf(price, all),
    estimated: price === null,
  });
}
