/** Runs a loop's `skip-if` in the main checkout and journals what it says of a firing. When in doubt, nothing is started: that costs nothing. */
import { join } from 'node:path';
import { heartOf } from '../../loop/schedule/pulse.ts';
import { skipped } from '../../loop/schedule.ts';
import { formatDuration } from '../../loop/units.ts';
import { isDiskFull } from '../full-disk.ts';
import type { House } from '../house.ts';
import { reload } from '../memory/memory.ts';
import { runShell } from '../process/shell.ts';
import { beatEnvironment, beatFolder, markOf } from './place.ts';

/** It is asked before anything else happens, so it has to be quick. */
const TIMEOUT_MS = 60_000;
/** `sh`: a command that cannot be executed, and one that is not there. */
const NO_COMMAND: readonly (number | null)[] = [126, 127];

export async function skipCheck(house: House, loop: string, key: string, signal: AbortSignal): Promise<void> {
  const { ledger, repository } = house;
  // What the file says now is run, and only if that is what is trusted.
  await reload(house);
  const heart = heartOf(ledger.state, loop);
  const firing = heart?.beat.firings[0];
  const command = heart?.definition.on.skipIf ?? null;
  if (firing?.key !== key || command === null) return;
  const why = await reasonToSkip(house, repository.root, loop, command, signal);
  if (signal.aborted) return;
  await ledger.record(why === null ? { type: 'skip-checked', loop, key } : skipped(loop, firing, why));
}

async function reasonToSkip(
  house: House,
  root: string,
  loop: string,
  command: string,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const shell = runShell({
      command,
      cwd: root,
      env: beatEnvironment(loop),
      mark: markOf(root, loop, 'skip-if'),
      out: join(await beatFolder(house, loop), 'skip-if.out'),
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    const { exit, timedOut, signal: ended } = await shell.done;
    if (timedOut) return `skip-if did not end within ${formatDuration(TIMEOUT_MS)}`;
    if (exit === 0) return 'skip-if says so';
    if (exit === null) return `skip-if was ended by ${ended}`;
    return NO_COMMAND.includes(exit) ? `skip-if could not run (exit ${exit})` : null;
  } catch (error) {
    if (signal.aborted || isDiskFull(error)) throw error;
    return `skip-if could not run: ${error instanceof Error ? error.message : String(error)}`;
  }
}
