/** What the recognisers of the tools speak: a failure, and how one is found. */

export interface Failure {
  /** The test that failed, or place, words and rule of a diagnostic. */
  readonly name: string;
  /** What was wrong with it in a few words; empty where the tool does not say. */
  readonly reason: string;
}

/** Reads the whole output, one line an element, already free of escape sequences. */
export type Recogniser = (lines: readonly string[]) => Failure[];
