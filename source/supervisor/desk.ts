/** The folder `.looptop/` of a worktree: what an agent is lent (the record) and what it hands back (its notes). Git ignores it. */
import { constants } from 'node:fs';
import { lstat, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loopRecord } from '../loop/loop-record.ts';
import { DESK, NOTES, RECORD } from '../loop/prompt/memory.ts';
import type { FleetState, RunState } from '../loop/state.ts';
import type { AgentId } from '../loop/units.ts';
import type { House } from './house.ts';
import { hasCode } from './memory/has-code.ts';
import { addProgress } from './memory/progress.ts';

/** More than any entry holds. */
const READ_BYTES = 64 * 1024;

/** False when something else has that name in the worktree: then the agent has none. */
export async function setDesk(worktree: string, fleet: FleetState, run: RunState): Promise<boolean> {
  const folder = join(worktree, DESK);
  await mkdir(folder).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error;
  });
  if (!(await lstat(folder)).isDirectory()) return false;
  try {
    await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  // Anew and not through a link that an agent may have left.
  await rm(join(worktree, RECORD), { force: true, recursive: true });
  await writeFile(join(worktree, RECORD), `${JSON.stringify(loopRecord(fleet, run.loop), null, 2)}\n`, { flag: 'wx' });
  return true;
}

/** Takes the notes of an agent that is dead into the loop's progress. After a crash it is simply done again. */
export async function takeNotes(house: House, run: RunState, agent: AgentId): Promise<void> {
  if (run.worktree === null) return;
  const file = join(run.worktree, NOTES);
  try {
    if (!(await lstat(join(run.worktree, DESK))).isDirectory()) return;
    const text = await endOf(file);
    if (text !== null) await addProgress(house.repository.root, run.definition, { title: `${run.id}, ${agent}`, text });
    await rm(file, { force: true });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    house.log(
      `${run.id}: the notes of ${agent} could not be kept: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Null when it is no file of its own: a link could lead anywhere, and a pipe would never end. */
async function endOf(file: string): Promise<string | null> {
  if (!(await lstat(file)).isFile()) return null;
  await using opened = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const { size } = await opened.stat();
  const from = Math.max(0, size - READ_BYTES);
  const { buffer, bytesRead } = await opened.read({ buffer: Buffer.alloc(size - from), position: from });
  return buffer.toString('utf8', 0, bytesRead).toWellFormed();
}
