/** What is kept of green work on its way to where it belongs. */
import type { RunId } from '../units.ts';
import type { GateResult } from './gates.ts';

/** `rebase`, `merge` and `squash` move a branch of this repository; `pr` pushes the run's branch and opens a request. */
export type LandHow = 'rebase' | 'merge' | 'squash' | 'pr';

/** The work together with the target, as a commit that stands on the target's tip. */
export interface Merged {
  /** The target's tip that it stands on. */
  readonly onto: string;
  readonly commit: string;
  readonly files: number;
  readonly added: number;
  readonly removed: number;
}

/** A file in which two lines of work do not agree, and how: `both changed it`. */
export interface Conflict {
  readonly path: string;
  readonly how: string;
}

/** Why it cannot land as it is. `hunks`: the places in the files, as text of agents and others. */
export type Obstacle =
  | { readonly is: 'conflict'; readonly files: readonly Conflict[]; readonly hunks: string }
  | { readonly is: 'red'; readonly gates: readonly GateResult[] };

export type LandingStep =
  /** Waits for its turn, or is being put together with the target. */
  | { readonly is: 'merging' }
  | { readonly is: 'gating'; readonly merged: Merged; readonly gates: readonly GateResult[] }
  /** All is green on the merged tree: the target moves, or the request is opened. From here nobody stops it. */
  | { readonly is: 'moving'; readonly merged: Merged; readonly gates: readonly GateResult[] }
  /** It goes back to its maker, with the target brought into its worktree where that is possible. */
  | { readonly is: 'returning'; readonly onto: string; readonly obstacle: Obstacle };

export interface Landing {
  readonly how: LandHow;
  /** Name of the branch that it lands on. */
  readonly target: string;
  /** The target is pushed too, once it has moved. */
  readonly push: boolean;
  readonly by: string;
  /** ms since 1970. */
  readonly askedAt: number;
  /** 1: it is its turn. */
  readonly place: number;
  readonly step: LandingStep;
}

/** Where it landed. */
export interface Landed {
  readonly how: LandHow;
  readonly target: string;
  /** What the target has of it; of a request, the commit that was pushed. */
  readonly commit: string;
  /** Of the pull request; null for none. */
  readonly url: string | null;
}

/** The newest push of the run's branch: where it went, or why it could not. */
export interface Pushed {
  readonly commit: string;
  /** What the branch is there by all we know: that of the last push that went well. */
  readonly there: string | null;
  readonly to: string | null;
  /** Empty when it went well. */
  readonly failed: string;
}

/** A branch that is kept for a while after its run has landed or was discarded. */
export interface Keepsake {
  readonly run: RunId;
  readonly commit: string;
  /** ms since 1970. */
  readonly until: number;
}
