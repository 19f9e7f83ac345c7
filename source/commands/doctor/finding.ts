/** One thing that looptop needs or likes, and whether this machine has it. */

export interface Finding {
  readonly name: string;
  /** `ok`: there. `poor`: works, with less. `missing`: an optional thing is not there. `bad`: nothing works without it. */
  readonly state: 'ok' | 'poor' | 'missing' | 'bad';
  readonly version: string | null;
  /** Where it is, or what was found. */
  readonly detail: string;
  /** What to do about it; null when there is nothing to do. */
  readonly advice: string | null;
}
