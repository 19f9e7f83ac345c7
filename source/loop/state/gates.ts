/** What a gate showed, and what is kept of what gates measured. */

export type GateStatus = 'pending' | 'running' | 'green' | 'red' | 'timeout' | 'error';

export interface GateResult {
  readonly id: string;
  readonly status: GateStatus;
  readonly ms: number;
  readonly exit: number | null;
  /** Same failure, same fingerprint; null unless red. */
  readonly fingerprint: string | null;
  /** One line that says what failed, or who judged; else empty. */
  readonly summary: string;
  /** The last lines of its output, unsanitised, at most 4,000 characters. */
  readonly tail: string;
  /** What a metric gate counted; of a visual gate the likeness, 0 to 1, which only shows progress. Null where nothing is measured. */
  readonly score: number | null;
  /** What the score is made of, by name: `diff-ratio`, `ssim`, `delta-e` of a visual gate, `bar` of a ratchet. */
  readonly measures: Readonly<Record<string, number>>;
  /** What a person should know of it even when it is green, one line each: the maker changed what it runs. */
  readonly flags: readonly string[];
}

/** The best number of each ratchet gate that has landed. */
export type Bests = Readonly<Record<string, number>>;

/** A pass that was brought back as the best one, to branch and worktree. */
export interface Kept {
  readonly gate: string;
  readonly pass: number;
  readonly score: number;
  /** The newest pass that was measured by then. */
  readonly after: number;
  /** Null when it could not be brought back. */
  readonly commit: string | null;
}
