/** What the operator can have a command for, and the calls of such commands that are due. Part of the state, and as plain as the rest of it. */
import type { RunId } from '../units.ts';

/** `green`: all gates are green and the work is committed. `failed`: it has ended without that, and not by a person's hand. */
export const HAPPENINGS = ['needs-you', 'green', 'landed', 'failed'] as const;
export type Happening = (typeof HAPPENINGS)[number];

/** A command of the operator's that is to be run, because of what happened. */
export interface HookCall {
  /** For the life of the repository; the same when it is run again after a crash. */
  readonly id: string;
  readonly happening: Happening;
  /** ms since 1970. */
  readonly at: number;
  readonly run: RunId | null;
  readonly hit: string | null;
  readonly fan: string | null;
  /** Holds words of agents: sanitise before drawing. */
  readonly words: string;
  /** The command line that answers it. */
  readonly verb: string;
}
