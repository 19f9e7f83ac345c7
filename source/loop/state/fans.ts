/** A fan: the items of one firing of a loop with `fan-out`, and what has become of each. Part of the state, and as plain as the rest of it. */
import type { Budget, FanOut, LoopDefinition, Trust } from '../definition/definition.ts';
import type { RunId } from '../units.ts';
import type { Spend } from './spending.ts';

/** `green`: every gate has passed. `landed`: it is on the target branch too. `skipped`: nobody works on it any more, and nobody failed. */
export type ItemState = 'waiting' | 'running' | 'green' | 'landed' | 'failed' | 'skipped';

export interface FanItem {
  /** Safe to show; see `labelOf`. */
  readonly key: string;
  /** What its run will be given; null once that has it. */
  readonly item: unknown;
  readonly state: ItemState;
  readonly run: RunId | null;
  /** Why it has failed or was skipped; empty otherwise. As gates and agents wrote it in parts: sanitise before drawing. */
  readonly why: string;
}

export interface FanState {
  /** `f1`, `f2` … */
  readonly id: string;
  readonly loop: string;
  /** As the loop's file was when it began: all items are worked on by the same rules. */
  readonly definition: LoopDefinition;
  /** Its `fan-out`. */
  readonly rules: FanOut;
  readonly trust: Trust;
  /** ms since 1970. */
  readonly at: number;
  readonly by: string;
  /** In the order in which they begin, and in which they land. */
  readonly items: readonly FanItem[];
  /** When its pilot came to its end, ms since 1970; null before, and without a pilot. */
  readonly pilotedAt: number | null;
  /** Those after the pilot may begin. */
  readonly released: boolean;
  /** Nothing more of it begins; null while it does. */
  readonly stopped: { readonly why: string; readonly at: number } | null;
  /** Caps of all its runs together, raised in flight or not. */
  readonly budget: Budget;
  /** Of all its runs: what they have spent, how long those that are at rest were at work, passes that an agent has begun. */
  readonly spent: Spend;
  readonly wallMs: number;
  readonly passes: number;
  readonly endedAt: number | null;
}
