/** Tells a disk without room from every other failure: it passes, so what it kept from happening is tried again and nothing is given up. */

/** No space, quota used up, file size limit. */
const CODES = new Set<unknown>(['ENOSPC', 'EDQUOT', 'EFBIG']);
/** The same from a program that we started, which is always asked for English (git/harden.ts). */
const WORDS = /No space left on device|Disk quota exceeded|File too large|\bENOSPC\b|\bEDQUOT\b/;

/** Looks at the error and at what caused it. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && CODES.has(error.code)) || WORDS.test(error.message) || isDiskFull(error.cause);
}
