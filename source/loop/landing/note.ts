/** What the maker is told when its work could not land: what is in the way, in full, and what to do about it. */
import { fence } from '../prompt.ts';
import type { GateResult, Landing, Obstacle } from '../state.ts';

/** Lines of a red gate's output that it is shown; as many as after a pass. */
const TAIL_LINES = 60;

/** `conflicts in a.txt, b.txt`, `unit is red`. */
export const obstacleWords = (obstacle: Obstacle): string => {
  if (obstacle.is === 'red')
    return obstacle.gates.map(({ id, summary }) => `${id} is red${summary && `: ${summary}`}`).join('; ');
  const names = obstacle.files.map(({ path }) => path);
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return `conflicts in ${names.slice(0, 3).join(', ')}${more}`;
};

/** `brought`: the target is in the worktree already. */
export function obstacleNote({ target }: Landing, onto: string, obstacle: Obstacle, brought: boolean): string {
  const tip = `\`${target}\` (${onto.slice(0, 12)})`;
  return obstacle.is === 'conflict'
    ? conflictNote(tip, onto, obstacle, brought)
    : redNote(tip, onto, obstacle, brought);
}

function conflictNote(
  tip: string,
  onto: string,
  obstacle: Extract<Obstacle, { is: 'conflict' }>,
  brought: boolean,
): string {
  const files = obstacle.files.map(({ path, how }) => `  - ${JSON.stringify(path)}: ${how}`).join('\n');
  const where = brought
    ? 'It has been merged into this worktree, and the conflicts are marked in the files.'
    : `Merge it into this worktree (\`git merge ${onto.slice(0, 12)}\`).`;
  const hunks = obstacle.hunks === '' ? '' : `\n\n${fence(obstacle.hunks)}\n`;
  return `Your work was green, but it cannot land on ${tip}, which has changed since:\n\n${files}${hunks}\n\n${where} Resolve them so that both sides keep their meaning, and leave no conflict marker behind.`;
}

function redNote(tip: string, onto: string, { gates }: Extract<Obstacle, { is: 'red' }>, brought: boolean): string {
  const where = brought
    ? 'It has been merged into this worktree, where the same gates show it.'
    : `Merge it into this worktree (\`git merge ${onto.slice(0, 12)}\`) to see it.`;
  return `Your work was green by itself, but together with ${tip} it is not:\n\n${gates.map(shown).join('\n\n')}\n\n${where}`;
}

function shown({ id, summary, status, tail }: GateResult): string {
  const output = tail.split('\n').slice(-TAIL_LINES).join('\n').trim();
  return `${id}: ${summary || status}\n\n${fence(output || '(no output)')}`;
}
