/**
 * The mark that a run puts into the environment of everything it starts, and how it is recognised. Marks nest by `/`:
 * `abc` owns `abc/gate-test`, so a part of a run can be ended alone and the whole run by its own mark.
 */

/** Carried by an agent, a gate and all that they start. */
export const RUN_VARIABLE = 'LOOPTOP_RUN';
/** Carried by the shim in place of the run's: it must outlive its agent to write down the exit code. */
export const SHIM_VARIABLE = 'LOOPTOP_SHIM';
/** Carried by the shim: the folder that it serves. */
export const FOLDER_VARIABLE = 'LOOPTOP_DIR';

const MARK = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

/** @throws RangeError when `mark` could not be told from its neighbours in an environment or as a folder's name. */
export function checkMark(mark: string): void {
  if (!MARK.test(mark))
    throw new RangeError(`not a mark: ${JSON.stringify(mark)} (letters, digits, . _ - and / between)`);
}

/** Whether `environment` (NUL between entries) sets `variable` to `mark` or to one of the marks it owns. */
export function carries(environment: Buffer, variable: string, mark: string): boolean {
  const value = readVariable(environment, variable);
  return value === mark || (value?.startsWith(`${mark}/`) ?? false);
}

/** The value of `variable`; null when it is not set. */
export function readVariable(environment: Buffer, variable: string): string | null {
  const needle = Buffer.from(`${variable}=`);
  for (let at = environment.indexOf(needle); at >= 0; at = environment.indexOf(needle, at + 1)) {
    if (at > 0 && environment[at - 1] !== 0) continue;
    const end = environment.indexOf(0, at);
    return environment.toString('utf8', at + needle.length, end < 0 ? environment.length : end);
  }
  return null;
}
