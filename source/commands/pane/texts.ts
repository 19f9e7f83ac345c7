/** The texts that the pane's tabs ask for and the fleet's state does not hold: prompts, events, files, the diff. Read when looked at. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FleetState, RunState } from '../../loop/state.ts';
import type { RunText } from '../../pane/texts/texts.ts';
import { agentsOf } from '../log/story.ts';
import { journalTeller } from './events.ts';

/** Reads texts of the runs of the repository at `root`, the diff as `diffOf` has it. */
export function runTexts(
  root: string,
  fleet: () => FleetState,
  diffOf: (run: string) => Promise<string>,
): (text: RunText) => Promise<string> {
  const eventsOf = journalTeller(join(root, '.looptop', 'journal'));
  return async ({ what, run, pass }) => {
    switch (what) {
      case 'diff':
        return diffOf(run);
      case 'prompt':
        return promptText(join(root, '.looptop', 'runs', run), pass);
      case 'events':
        return eventsOf(run);
      case 'files':
        return filesText(root, fleet().runs[run], await diffOf(run));
    }
  };
}

/** What every agent process of a pass was told, each under its folder's name; empty when none was planned yet. */
async function promptText(folder: string, pass: number): Promise<string> {
  const agents = await agentsOf(folder, pass);
  const texts = await Promise.all(
    agents.map(async (agent) => {
      const text = await readFile(join(folder, agent, 'prompt.md'), 'utf8').catch(ifMissing(''));
      return text === '' ? [] : [agents.length > 1 ? `${rule(agent)}\n${text.trimEnd()}` : text.trimEnd()];
    }),
  );
  return texts.flat().join('\n\n');
}

const rule = (title: string): string => `── ${title} ${'─'.repeat(Math.max(3, 40 - title.length))}`;

/** The files it has changed, with the lines of each, and those that looptop keeps of it, with their size. */
async function filesText(root: string, run: RunState | undefined, diff: string): Promise<string> {
  if (run === undefined) return '';
  const changed = countedBy(diff);
  const kept = await keptIn(join(root, '.looptop', 'runs', run.id));
  const since = run.base === null ? '' : ` since ${run.base.slice(0, 7)}`;
  const parts = [
    changed.length === 0 ? [`Changed${since}: nothing`] : [`Changed${since}, ${changed.length} files:`, ...changed],
    run.worktree === null ? [] : [`Worktree: ${run.worktree}`],
    kept.length === 0 ? [] : [`Kept in .looptop/runs/${run.id}:`, ...kept],
  ];
  return parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n');
}

/** `  +12 −3   src/cart.ts` for each file of a unified diff. */
function countedBy(diff: string): string[] {
  const files: { name: string; added: number; removed: number; note: string }[] = [];
  for (const line of diff.split('\n')) {
    const [, name] = /^diff --git .* b\/(.*)$/.exec(line) ?? [];
    if (name !== undefined) files.push({ name: name.replace(/"$/, ''), added: 0, removed: 0, note: '' });
    const file = files.at(-1);
    if (file === undefined || name !== undefined) continue;
    if (line.startsWith('new file')) file.note = '  new';
    else if (line.startsWith('deleted file')) file.note = '  deleted';
    else if (line.startsWith('Binary files')) file.note += '  binary';
    else if (line.startsWith('+') && !line.startsWith('+++ ')) file.added++;
    else if (line.startsWith('-') && !line.startsWith('--- ')) file.removed++;
  }
  return files.map(
    ({ name, added, removed, note }) => `${`+${added}`.padStart(7)} ${`−${removed}`.padEnd(6)} ${name}${note}`,
  );
}

/** Files of a run's folder, the folders of its agents in their order. */
async function keptIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(ifMissing<string[]>([]));
  const sizes = await Promise.all(
    names.sort(inOrder).map(async (name) => {
      const found = await stat(join(folder, name)).catch(ifMissing(null));
      return found?.isFile() ? [`${bytes(found.size).padStart(9)}  ${name}`] : [];
    }),
  );
  return sizes.flat();
}

const inOrder = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

const bytes = (size: number): string =>
  size < 1000
    ? `${size} B`
    : size < 1_000_000
      ? `${(size / 1000).toFixed(1)} kB`
      : `${(size / 1_000_000).toFixed(1)} MB`;

/** A file that is not there, or went while it was looked at, is no failure; any other is. */
const ifMissing =
  <Value>(instead: Value) =>
  (error: NodeJS.ErrnoException): Value => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return instead;
    throw error;
  };
