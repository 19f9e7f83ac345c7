/** What an operator can ask for: the one vocabulary behind keys and verbs. `answer` (answer.ts) turns a command into events or a refusal. */

import type { Event } from './event.ts';
import type { LandHow } from './state/landing.ts';
import type { RunId } from './units.ts';

export type Command =
  | {
      readonly do: 'run';
      readonly loop: string;
      readonly item?: unknown;
      readonly set?: Readonly<Record<string, string>>;
    }
  | { readonly do: 'freeze' | 'resume' | 'drain' | 'stop' | 'kill'; readonly run: string }
  | { readonly do: 'escalate'; readonly run: string; readonly to?: string; readonly note?: string }
  /** `ask`: the question that it answers; refused when that is not the open one, so that no yes reaches another question. */
  | { readonly do: 'note'; readonly run: string; readonly text: string; readonly ask?: string }
  /** Lets a loop's heartbeat go on for another `expires`. */
  | { readonly do: 'renew'; readonly loop: string }
  | { readonly do: 'rule-add'; readonly text: string; readonly scope?: string; readonly from?: string }
  | { readonly do: 'rule-approve'; readonly run: string; readonly text: string; readonly scope?: string }
  | { readonly do: 'rule-drop'; readonly run: string }
  | { readonly do: 'rule-retire'; readonly id: string }
  | ({ readonly do: 'budget'; readonly run: string } & Raise)
  /** Lets the items after the pilot of a fan begin. `fan`: its id, or a loop that has one under way. */
  | { readonly do: 'release'; readonly fan: string }
  /** Begins no other item of the fan. */
  | { readonly do: 'stop-fan'; readonly fan: string }
  | ({ readonly do: 'budget-fan'; readonly fan: string } & Raise)
  /** Green work onto its target, or onto another branch; `push`: and the target to where it is pushed. */
  | {
      readonly do: 'land';
      readonly run: string;
      readonly how?: LandHow;
      readonly onto?: string;
      readonly push?: boolean;
    }
  | { readonly do: 'discard'; readonly run: string }
  /** Green work back to its maker, with a note. */
  | { readonly do: 'send-back'; readonly run: string; readonly note: string }
  | { readonly do: 'promote'; readonly hit: string; readonly to?: string }
  | { readonly do: 'dismiss'; readonly hit: string }
  /** How well hunks of a run are known now, by their ids. */
  | {
      readonly do: 'read';
      readonly run: string;
      readonly hunks: readonly { readonly id: string; readonly how: 'skimmed' | 'read' }[];
    }
  /** Reads loops/ and RULES.md again. */
  | { readonly do: 'reload' }
  | { readonly do: 'down'; readonly now: boolean };

/** New caps: `+200k` adds, `600k` sets. */
export interface Raise {
  readonly tokens?: string;
  readonly usd?: string;
  readonly wall?: string;
  readonly passes?: string;
}

/** Why a command did nothing. `code` is the exit code of the verb (see the README). */
export interface Refusal {
  readonly refused: string;
  readonly code: number;
}

/** What a command comes to. */
export interface Answer {
  readonly events: readonly Event[];
  /** For people: what now happens. */
  readonly text: string;
  readonly run: RunId | null;
  /** The fan that it made. */
  readonly fan?: string;
}

/** Values that the core must not make itself. */
export interface Given {
  readonly by: string;
  /** ms since 1970. */
  readonly now: number;
  /** 128 random bits in hex: the mark of a new run, the id of a note. */
  readonly random: string;
}
