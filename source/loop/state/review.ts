/** What reading knows: what a run changes, what of it stands on the target branch, and what this operator has seen of it. Part of the state, and as plain as the rest of it. */
import type { RunId } from '../units.ts';

/** How well a hunk is known, the least first. Time on screen is a proxy: only `explained` was asked for in words. */
export type How = 'skimmed' | 'read' | 'explained';

/** A hunk that somebody should read. */
export interface OwedHunk {
  /** See patch-id.ts. */
  readonly id: string;
  readonly path: string;
  /** Lines added; of a hunk that only removes, the removed ones. */
  readonly lines: number;
}

/** Something in a diff that asks for a closer look. */
export interface Concern {
  readonly kind:
    | 'sensitive'
    | 'tests-deleted'
    | 'tests-cut'
    | 'tests-changed'
    | 'skips'
    | 'silenced'
    | 'binary'
    | 'mode';
  /** For people; quotes paths of the repository. */
  readonly words: string;
}

/** What a run's commit changes, as the review needs it. */
export interface ReviewFacts {
  readonly files: number;
  readonly added: number;
  readonly removed: number;
  /** What is to be read, at most 2,000. */
  readonly hunks: readonly OwedHunk[];
  /** Lines of hunks beyond these. */
  readonly more: number;
  /** Lines in lock files, snapshots and generated files, which nobody owes. */
  readonly skipped: number;
  readonly concerns: readonly Concern[];
}

/** Work of an agent that stands on the target branch. */
export interface LandedWork {
  readonly run: RunId;
  readonly loop: string;
  /** What it brought: the target before and after it. */
  readonly before: string;
  readonly commit: string;
  /** ms since 1970. */
  readonly at: number;
  /** Those of which something still stands; `lines` is how many lines of it do. */
  readonly hunks: readonly OwedHunk[];
  /** Its note is written. */
  readonly noted: boolean;
}

export interface Mark {
  readonly how: How;
  /** Its note is written. */
  readonly noted: boolean;
  readonly run: RunId;
}

/** What this operator has read, and what there is to read. */
export interface Reading {
  /** By hunk id, the newest 20,000. */
  readonly marks: Readonly<Record<string, Mark>>;
  /** By run, the newest 500. */
  readonly landed: Readonly<Record<string, LandedWork>>;
  /** The target commit at which it was last looked what still stands, and when; null before. */
  readonly measured: { readonly target: string; readonly at: number } | null;
  /** What the notes of the repository say has been taken in. */
  readonly recalled: boolean;
}
