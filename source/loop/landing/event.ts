/** What can happen to green work on its way to its target. */
import type { GateResult, GateStatus } from '../state/gates.ts';
import type { Conflict, LandHow, Merged } from '../state/landing.ts';
import type { RunId } from '../units.ts';

export type LandingEvent =
  | {
      readonly type: 'land-asked';
      readonly how: LandHow;
      readonly target: string;
      readonly push: boolean;
      readonly by: string;
    }
  /** The operator thought better of it. */
  | { readonly type: 'land-withdrawn'; readonly by: string }
  /** It cannot land now, and that is nothing its maker could change: it waits for the operator as before. */
  | { readonly type: 'land-refused'; readonly why: string }
  | ({ readonly type: 'land-merged' } & Merged)
  | {
      readonly type: 'land-conflicted';
      readonly onto: string;
      readonly files: readonly Conflict[];
      readonly hunks: string;
    }
  | { readonly type: 'land-gate-started'; readonly gate: string }
  | ({ readonly type: 'land-gate-ended'; readonly gate: string } & Omit<GateResult, 'id' | 'status'> & {
        readonly status: Exclude<GateStatus, 'pending' | 'running'>;
      })
  /** The target has moved to `tip` since, or (null) the merged tree is gone: all of it from the top. */
  | { readonly type: 'land-stale'; readonly tip: string | null }
  /** It is its maker's again. `base`: the target's commit that its worktree now has; null when it could not be brought in. */
  | { readonly type: 'land-returned'; readonly base: string | null; readonly detail: string }
  /** The operator wants more than the gates do. */
  | { readonly type: 'sent-back'; readonly note: string; readonly text: string; readonly by: string }
  | { readonly type: 'pushed'; readonly commit: string; readonly to: string | null; readonly failed: string };

/** The branch of a run that has landed or was discarded had its time; `kept` says why it stays all the same, else it is null. */
export interface BranchDropped {
  readonly type: 'branch-dropped';
  readonly branch: string;
  readonly of: RunId;
  readonly kept: string | null;
}
