/** How fast tokens go: the last minutes as a sparkline and the rate at present, of the fleet or of one run. */
import { sparkline } from '../../loop/spark.ts';
import { MINUTE_MS } from '../../loop/spend/book.ts';
import { burnRate } from '../../loop/spend/burn.ts';
import type { FleetState } from '../../loop/state.ts';
import { fresh } from '../../loop/tokens.ts';
import { formatTokens } from '../../loop/units.ts';
import { EMPTY, type Line, span } from './span.ts';

/** One sign a minute. */
const MINUTES = 8;

/** Fresh tokens of each of the last minutes, the newest last, in which the begun one counts as far as it has come. */
export function tokensPerMinute(fleet: FleetState, now: number, run?: string): number[] {
  const newest = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const values = Array.from({ length: MINUTES }, () => 0);
  // The books are long and in order: only their end is looked at.
  for (let at = fleet.spending.minutes.length - 1; at >= 0; at--) {
    const minute = fleet.spending.minutes[at];
    if (minute === undefined) continue;
    const back = Math.round((newest - minute.at) / MINUTE_MS);
    if (back >= MINUTES) break;
    if (back < 0) continue;
    const spent =
      run === undefined
        ? fresh(minute.spend.tokens)
        : minute.runs.reduce((sum, row) => (row.run === run ? sum + row.fresh : sum), 0);
    values[MINUTES - 1 - back] = spent;
  }
  return values;
}

/** `▂▃▅▇▅ 41k/min`: the course of the last eight minutes, the mean of the last five; nothing when nothing was spent in them. */
export function burnLine(fleet: FleetState, now: number, run?: string): Line {
  const values = tokensPerMinute(fleet, now, run);
  if (values.every((value) => value === 0)) return EMPTY;
  const { five } = burnRate(fleet, now, run === undefined ? {} : { run });
  return [span(sparkline(values), 'busy'), span(` ${formatTokens(Math.round(five.tokens))}/min`, 'faint')];
}
