/** What `plan` wrote down of an agent process before it was started: `argv.json` and `prompt.md` in its folder. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Launch } from '../agents/engine.ts';

export const launchIn = async (folder: string): Promise<Launch> =>
  JSON.parse(await readFile(join(folder, 'argv.json'), 'utf8')) as Launch;

/** What the engine set in the agent's environment; nothing when somebody deleted the plan. */
export const environmentIn = (folder: string): Promise<Launch['env']> =>
  orIfGone<Launch['env']>(
    launchIn(folder).then(({ env }) => env),
    {},
  );

/** Empty when somebody deleted it. */
export const promptIn = (folder: string): Promise<string> => orIfGone(readFile(join(folder, 'prompt.md'), 'utf8'), '');

const orIfGone = <T>(value: Promise<T>, otherwise: T): Promise<T> =>
  value.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return otherwise;
    throw error;
  });
