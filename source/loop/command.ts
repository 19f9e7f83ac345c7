/** What an operator can ask for: the one vocabulary behind keys and verbs. `answer` (answer.ts) turns a command into events or a refusal. */

export type Command =
  | {
      readonly do: 'run';
      readonly loop: string;
      readonly item?: unknown;
      readonly set?: Readonly<Record<string, string>>;
    }
  | { readonly do: 'freeze' | 'resume' | 'drain' | 'stop' | 'kill'; readonly run: string }
  | { readonly do: 'escalate'; readonly run: string; readonly to?: string; readonly note?: string }
  | { readonly do: 'note'; readonly run: string; readonly text: string }
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
  | { readonly do: 'promote'; readonly hit: string; readonly to?: string }
  | { readonly do: 'dismiss'; readonly hit: string }
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
