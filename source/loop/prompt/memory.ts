/** What a maker's prompt says of the loop's memory: skills, earlier runs, notes of earlier agents, and where its own notes go. */
import { endWord, isRed, stateWord } from '../run-status.ts';
import type { Skill } from '../skill.ts';
import type { FleetState, RunState } from '../state.ts';
import { sanitize } from '../text.ts';

/** What is told beside the run itself. */
export interface Memory {
  readonly skills: readonly ToldSkill[];
  /** In words, what became of earlier runs; empty for none. */
  readonly record: string;
  /** The worktree has a desk for notes. */
  readonly desk: boolean;
}

/** `native`: the engine finds it by itself and knows its description. */
export type ToldSkill = Skill & { readonly native: boolean };

export const NO_MEMORY: Memory = { skills: [], record: '', desk: false };

/** Folder of a worktree that git ignores: what an agent is lent, and what it hands back. */
export const DESK = '.looptop';
/** Notes for the next agent, relative to the worktree: taken into the loop's progress when its agent is dead. */
export const NOTES = `${DESK}/progress.md`;
/** A copy of the loop's record. */
export const RECORD = `${DESK}/state.json`;

/** Earlier runs that are told of, the newest. */
const RUNS_TOLD = 5;
const LONGEST_LINE = 200;

export function skillLines(skills: readonly ToldSkill[]): string {
  return skills
    .map(({ name, description, path, native }) =>
      native ? `- ${name}: you have it; use it` : `- ${name}: ${description} Read \`${path}\` before you begin.`,
    )
    .join('\n');
}

/** Earlier runs of the same loop, of the same item where there is one, oldest first. */
export function recordLines({ runs }: FleetState, run: RunState): string {
  const item = JSON.stringify(run.item);
  return Object.values(runs)
    .filter(
      (each) => each.loop === run.loop && each.id !== run.id && each.pass > 0 && JSON.stringify(each.item) === item,
    )
    .slice(-RUNS_TOLD)
    .map((each) => {
      const end = each.status.tag === 'ended' ? endWord(each.status.end) : stateWord(each);
      const red = each.passes.findLast((pass) => pass.gates.some(isRed))?.gates.find(isRed);
      const failed =
        red === undefined ? '' : `; last red: ${red.id}${red.summary === '' ? '' : `, ${line(red.summary)}`}`;
      return `- ${each.id} (${each.model}): ${end} after ${each.pass} ${each.pass === 1 ? 'pass' : 'passes'}${failed}`;
    })
    .join('\n');
}

const line = (text: string): string => sanitize(text.replace(/\s+/g, ' ')).trim().slice(0, LONGEST_LINE);
