/** What can go wrong with the journal, in words for the operator. */
import { InfraError } from '../../loop/errors.ts';
import { isDiskFull } from '../full-disk.ts';

/** The journal cannot be read or written. */
export class JournalError extends InfraError {}

/** There is no room: the records were not written, nothing of them is left, and the journal goes on once there is space. */
export class JournalFull extends JournalError {}

/** Puts a failure of the file system into words. `what` completes "cannot". */
export function explain(what: string, error: unknown): JournalError {
  if (error instanceof JournalError) return error;
  const code = codeOf(error);
  const cause = error instanceof Error ? error.message : String(error);
  return isDiskFull(error)
    ? new JournalFull(`cannot ${what}: the disk is full (${String(code)})`, { cause: error })
    : new JournalError(`cannot ${what}: ${cause}`, { cause: error });
}

export const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : null);
