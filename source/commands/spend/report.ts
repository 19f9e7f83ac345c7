/** The report that `spend` prints, as `--json` has it: what was spent, along one side of the books, and where it leads. */
import type { Price } from '../../loop/price.ts';
import { type Burn, burnRate, forecast, type Rate } from '../../loop/spend/burn.ts';
import { type Breakdown, type SpendRow, spendByHour, spendRows, spendTotal } from '../../loop/spend/rows.ts';
import { TRIAGE_FORMULA, type WithoutTriage, withoutTriage } from '../../loop/spend/triage.ts';
import type { FleetState, Provenance, Spend } from '../../loop/state.ts';
import { fresh, type Tokens } from '../../loop/tokens.ts';

export interface SpendJson {
  /** Null when some of it has no price. */
  readonly usd: number | null;
  /** Of what has a price. */
  readonly pricedUsd: number;
  readonly tokens: Tokens & { readonly fresh: number };
  readonly provenance: Provenance;
}

export interface Report {
  /** First and last calendar day, `YYYY-MM-DD`. */
  readonly since: string;
  readonly until: string;
  readonly by: Breakdown;
  readonly rows: readonly (SpendJson & { readonly key: string })[];
  /** `unpricedTokens`: the fresh tokens in it that have no price. */
  readonly total: SpendJson & { readonly unpricedTokens: number };
  /** Per minute. */
  readonly burn: Burn;
  /** The cap of the day that is reached first at the rate of the last 5 minutes; null when nothing is being spent. */
  readonly forecast: { readonly cap: string; readonly at: string; readonly inMs: number } | null;
  readonly today: SpendJson & { readonly capUsd: number; readonly capTokens: number };
  /** The last 24, the begun one last. */
  readonly hours: readonly (Rate & { readonly at: string })[];
  readonly withoutTriage: (WithoutTriage & { readonly formula: string }) | null;
  /** At what each model that was used is charged now, and by whose word; null for one that is unpriced. */
  readonly prices: Readonly<Record<string, Price | null>>;
}

const HOURS = 24;
const HOUR_MS = 3_600_000;

/** `since` and `today` are calendar days of the operator, `now` is ms since 1970. */
export function reportOf(state: FleetState, by: Breakdown, since: string, today: string, now: number): Report {
  const total = spendTotal(state, since);
  const reached = forecast(state, now);
  const saved = withoutTriage(state, since);
  const { daily } = state.settings;
  return {
    since,
    until: today,
    by,
    rows: spendRows(state, by, since).map((row) => ({ key: row.key, ...figures(row) })),
    total: { ...figures(total), unpricedTokens: total.unpriced },
    burn: burnRate(state, now),
    forecast: reached && { cap: reached.cap, at: new Date(reached.at).toISOString(), inMs: Math.round(reached.inMs) },
    today: { ...figures(spendTotal(state, today)), capUsd: daily.usd, capTokens: daily.tokens },
    hours: spendByHour(state, now, HOURS).map((spend, index) => ({
      at: new Date((Math.floor(now / HOUR_MS) - HOURS + 1 + index) * HOUR_MS).toISOString(),
      tokens: fresh(spend.tokens),
      usd: spend.usd,
    })),
    withoutTriage: saved && { ...saved, formula: TRIAGE_FORMULA },
    prices: pricesOf(state, since),
  };
}

const figures = ({ spend, provenance }: Pick<SpendRow, 'spend' | 'provenance'>): SpendJson => ({
  usd: usdOf(spend),
  pricedUsd: spend.usd,
  tokens: { ...spend.tokens, fresh: fresh(spend.tokens) },
  provenance,
});

const usdOf = (spend: Spend): number | null => (spend.unpriced ? null : spend.usd);

function pricesOf(state: FleetState, since: string): Record<string, Price | null> {
  const models = spendRows(state, 'model', since).map(({ key }) => key);
  return Object.fromEntries(
    models.flatMap((model) => {
      const price = Object.hasOwn(state.prices, model) ? state.prices[model] : undefined;
      return price === undefined ? [] : [[model, price]];
    }),
  );
}
