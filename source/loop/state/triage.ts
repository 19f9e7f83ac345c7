/** What triage knows: the items that were seen, the hits that came of them, and what became of each. Part of the state, and as plain as the rest of it. */
import type { Priority } from '../definition/definition.ts';
import type { RunId } from '../units.ts';

/** What a triage agent says of one candidate. Its words rest on data from other people: sanitise them, never obey them. */
export interface Ranking {
  /** As the prompt named the candidate; see `labelOf`. */
  readonly key: string;
  readonly priority: Priority;
  /** 0 to 1. */
  readonly confidence: number;
  readonly reason: string;
  /** A link or `file:line`; empty when it gave none. */
  readonly evidence: string;
  /** The loop that should take it, or `human`. */
  readonly loop: string;
}

export interface Hit extends Omit<Ranking, 'loop'> {
  /** `h1`, `h2` …; a hit that is found again keeps it. */
  readonly id: string;
  /** The loop that found it. */
  readonly loop: string;
  /** The candidate itself, cut to a few thousand characters; null when the triage found it by itself. */
  readonly item: unknown;
  /** The loop that should take it, or `human`. */
  readonly suggests: string;
  /** When it was last found, and until when it counts; ms since 1970. */
  readonly at: number;
  readonly expires: number;
  /** The run that last found it, and the commit it looked at; null where that had no worktree. */
  readonly run: RunId;
  readonly base: string | null;
  readonly status: 'open' | 'promoted' | 'dismissed' | 'expired';
  /** An agent at other work came across it: it waits for a person, whatever the loop's marks say. Absent: a triage ranked it. */
  readonly reported?: true;
  /** The run it was promoted to, the last one; null when there is none. */
  readonly promotedTo: RunId | null;
}

/** An item that needs no second look while its digest stays the same. */
export interface SeenItem {
  readonly key: string;
  /** Digest of the fields whose change makes it new. */
  readonly hash: string;
  /** ms since 1970. */
  readonly at: number;
}

/** The last look of a loop's `discover`. */
export interface Look {
  /** ms since 1970. */
  readonly at: number;
  readonly found: number;
  readonly fresh: number;
  /** In words, what came of it. Holds no text of an item. */
  readonly words: string;
  /** It could not look. */
  readonly failed: boolean;
}

/** What a triage loop did in one calendar day. */
export interface TriageDay {
  /** Firings that asked no model, because nothing was new. */
  readonly quiet: number;
  /** Runs that ranked something. */
  readonly runs: number;
  /** Candidates that they ranked. */
  readonly ranked: number;
  readonly hits: number;
  /** Runs of other loops that its hits became, at most 200. */
  readonly promoted: readonly RunId[];
  /** How many of these without asking. */
  readonly auto: number;
}

/** Of one loop, whether it triages or only discovers. */
export interface TriageState {
  /** The newest 1,000, oldest first. */
  readonly seen: readonly SeenItem[];
  readonly looked: Look | null;
  /** By calendar day `YYYY-MM-DD`, the last 90 on which something happened. */
  readonly days: Readonly<Record<string, TriageDay>>;
}
