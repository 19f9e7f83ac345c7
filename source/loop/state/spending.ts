/** Where tokens and money went: the books that outlive the runs. Part of the state, and as plain as the rest of it. */
import type { Role } from '../definition/definition.ts';
import type { Tokens } from '../tokens.ts';

export interface Spend {
  readonly tokens: Tokens;
  /** Sum of what could be priced. */
  readonly usd: number;
  /** Some of the tokens have no known price: `usd` is then a lower bound and shown as unpriced. */
  readonly unpriced: boolean;
  /** Some of the tokens were estimated, not reported. */
  readonly estimated: boolean;
}

/** What one kind of agent spent: sums, and what keeps them from being exact. */
export interface Booked {
  readonly spend: Spend;
  /** A process died before its last bill was final. */
  readonly loose: boolean;
  /** Some of what was spent is not reported by its engine. */
  readonly hidden: boolean;
}

/** Spend of a day by loop, model and role. Small ones are merged when there are too many: see spend/bounded.ts. */
export interface SpendCell extends Booked {
  readonly loop: string;
  readonly model: string;
  readonly role: Role;
}

export interface RunSpend extends Booked {
  readonly run: string;
  readonly loop: string;
}

/** Spend of a minute, for burn rates and the sliding hour. */
export interface MinuteSpend {
  /** Its beginning, ms since 1970. */
  readonly at: number;
  readonly spend: Spend;
  readonly runs: readonly {
    readonly run: string;
    readonly loop: string;
    readonly fresh: number;
    readonly usd: number;
  }[];
}

/** Where the money went, kept when the runs themselves are forgotten. Bounded in every direction. */
export interface Spending {
  /** By calendar day of the operator's time zone, the last 90 on which something was spent. */
  readonly days: Readonly<Record<string, { readonly cells: readonly SpendCell[]; readonly runs: readonly RunSpend[] }>>;
  /** Oldest first; a minute without spend is left out. */
  readonly minutes: readonly MinuteSpend[];
  /** The same by the hour, the last 48; `at` is the hour's beginning, ms since 1970. */
  readonly hours: readonly { readonly at: number; readonly spend: Spend }[];
}
