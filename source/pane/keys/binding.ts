/** One row of the table of keys. */
import type { Done } from '../actions.ts';
import type { Situation, View } from '../view.ts';

export interface Binding {
  readonly action: string;
  /** Names of keys; any of them does it. Lower case is soft, upper case hard. */
  readonly keys: readonly string[];
  readonly where: readonly View['screen'][];
  /** True when it can be done, else why not: said when the key is pressed all the same. */
  readonly when: (situation: Situation) => true | string;
  readonly help: string;
  /** How it is called in the footer, and how soon it leaves when that is narrow (1 stays longest); null: only in the help. */
  readonly footer: { readonly label: (situation: Situation) => string; readonly rank: number } | null;
  readonly act: (situation: Situation) => Done;
}

export const ALWAYS = (): true => true;
