/** Asks programs for their version. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The slowest, opencode, takes three seconds from cold; one that hangs must not hang the doctor. */
const VERSION_TIMEOUT_MS = 5000;

/** The first version number that `file flag` prints, e.g. `2.39.5`; null when it prints none, fails or takes longer than `timeout` ms. */
export async function versionOf(file: string, flag: string, timeout = VERSION_TIMEOUT_MS): Promise<string | null> {
  try {
    const { stdout, stderr } = await promisify(execFile)(file, [flag], {
      timeout,
      killSignal: 'SIGKILL',
    });
    return /\d+(?:\.\d+)+[\w.+-]*/.exec(`${stdout}\n${stderr}`)?.[0] ?? null;
  } catch {
    return null;
  }
}
