/** What can happen to the reading of what agents wrote: it is read, remembered in the repository, and less of it stands. */
import type { How, LandedWork } from '../state/review.ts';
import type { RunId } from '../units.ts';

export type ReadingEvent =
  | {
      readonly type: 'hunks-read';
      readonly of: RunId;
      readonly hunks: readonly { readonly id: string; readonly how: How }[];
      readonly by: string;
    }
  /** These marks, and what these runs have landed, stand in the notes of the repository. */
  | {
      readonly type: 'reading-noted';
      readonly hunks: readonly { readonly id: string; readonly how: How }[];
      readonly landed: readonly RunId[];
    }
  /** What the notes of the repository say, once in the life of a journal. */
  | {
      readonly type: 'reading-recalled';
      readonly marks: readonly { readonly id: string; readonly how: How; readonly run: RunId }[];
      readonly landed: readonly LandedWork[];
    }
  /** Lines that are left of hunks at the commit `target`, by run and hunk; of those not named all are. */
  | {
      readonly type: 'standing-measured';
      readonly target: string;
      readonly left: Readonly<Record<string, Readonly<Record<string, number>>>>;
    };
