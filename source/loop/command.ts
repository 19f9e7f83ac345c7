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
  | {
      readonly do: 'budget';
      readonly run: string;
      readonly tokens?: string;
      readonly usd?: string;
      readonly wall?: string;
      readonly passes?: string;
    }
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

/** Why a command did nothing. `code` is the exit code of the verb (see the README). */
export interface Refusal {
  readonly refused: string;
  readonly code: number;
}
