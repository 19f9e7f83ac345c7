/** Where a heartbeat's commands run, with what environment, and the mark by which they are found again whoever started them. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { agentGitEnv } from '../git/harden.ts';
import { type House, homeOf, outerEnvironment } from '../house.ts';
import { killTree } from '../process/kill.ts';

/**
 * The mark of everything that heartbeats of this repository start. It is no secret and no random number: the next supervisor has to
 * find what one that was killed left behind, also of loops whose files are gone by then.
 */
const markOfAll = (root: string): string => `beat-${createHash('sha256').update(root).digest('hex').slice(0, 32)}`;

export const markOf = (root: string, loop: string, part: 'event' | 'skip-if'): string =>
  `${markOfAll(root)}/${loop}/${part}`;

/** Ends what heartbeats of an earlier supervisor left running. Before the first of this one starts. */
export async function sweep(root: string): Promise<void> {
  await killTree(markOfAll(root), null, { politeMs: 0 });
}

/** Folder for what a heartbeat's commands print; made when missing. */
export async function beatFolder(house: House, loop: string): Promise<string> {
  const folder = join(homeOf(house.repository.root), 'beats', loop);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** The operator's environment, without ours, and the loop's name. */
export const beatEnvironment = (loop: string): Record<string, string> => ({
  ...outerEnvironment(process.env),
  ...agentGitEnv(),
  LOOPTOP_LOOP: loop,
});
