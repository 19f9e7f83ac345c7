/** What is spent and where it is kept: bills, spends, the books of days and minutes, requests on the wire. Part of the state. */

import type { Role } from '../definition/definition.ts';
import type { Tokens } from '../tokens.ts';
import type { AgentId } from '../units.ts';

/** The most that one request can cost, made before it is sent. */
export interface WireBound {
  /** Fresh tokens of input if the provider has nothing of it in its cache. */
  readonly input: number;
  /** The same if it still has what it cached minutes ago; never more than `input`. */
  readonly warm: number;
  readonly output: number;
  /** USD of the three; 0 where the model has no known price. */
  readonly usd: { readonly input: number; readonly warm: number; readonly output: number };
}

/** A request that is under way: what it may cost is reserved until its bill is known. */
export interface WireRequest {
  readonly agent: AgentId;
  readonly model: string;
  readonly bound: WireBound;
  /** When it was sent, ms since 1970. */
  readonly at: number;
}

/** One response or side bill, keyed so that nothing counts twice. */
export interface MeterEntry {
  readonly tokens: Tokens;
  readonly usd: number | null;
  readonly model: string;
  readonly final: boolean;
  readonly estimated: boolean;
}

export interface Spend {
  readonly tokens: Tokens;
  /** Sum of what could be priced. */
  readonly usd: number;
  /** Some of the tokens have no known price: `usd` is then a lower bound and shown as unpriced. */
  readonly unpriced: boolean;
  /** Some of the tokens were estimated, and the process died before a report took their place. Of one that lives, see `Meter.live`. */
  readonly estimated: boolean;
}

/** What one kind of agent spent: sums, and what keeps them from being exact. */
export interface Booked {
  readonly spend: Spend;
  /** A process died before its last bill was final. */
  readonly loose: boolean;
  /** Some of what was spent is not reported by its engine. */
  readonly hidden: boolean;
  /** Part of it is an estimate that a living agent's bill will replace; never kept in the books, only told. */
  readonly guessed?: boolean;
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

export interface Meter {
  /** The responses of the agent process that is alive, by key: all with an open bill and the newest of the rest; emptied when it is dead. */
  readonly live: Readonly<Record<string, MeterEntry>>;
  /** Everything the run has spent, `live` included. */
  readonly total: Spend;
  readonly perModel: Readonly<Record<string, Spend>>;
  /** An agent process died before the bill of one of its responses was final: the total is a lower bound. */
  readonly loose: boolean;
  /** What was spent and not reported, in words, each once: the total is a lower bound, and its provenance `unknown`. */
  readonly hidden: readonly string[];
}
