/** The files in which a run's item and its triage's findings lie for those who need them: named in prompts and variables, never quoted there. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunState } from '../../loop/state.ts';
import { type House, itemFile } from '../house.ts';

/** Idempotent; without an item, nothing. */
export async function writeItem(house: House, run: RunState): Promise<void> {
  if (run.item !== null) await write(itemFile(house, run), run.item);
}

/** What a triage has found so far, for the gates that judge it: the variable that names the file. Of another run, nothing. */
export async function rankingsVariable(house: House, run: RunState): Promise<Record<string, string>> {
  if (run.rankings === null) return {};
  const file = join(dirname(itemFile(house, run)), 'hits.json');
  await write(file, { hits: run.rankings });
  return { LOOPTOP_HITS_FILE: file };
}

async function write(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
}
