/** Puts green work together with the tip of its target, in a worktree apart, and sets that up for the gates. */
import { stat } from 'node:fs/promises';
import type { RunState } from '../../../loop/state.ts';
import { sanitize } from '../../../loop/text.ts';
import type { RunId } from '../../../loop/units.ts';
import { type House, landingFolder, runOf } from '../../house.ts';
import { killTree } from '../../process/kill.ts';
import { messageOf, subjectOf } from '../message.ts';
import { setUp } from '../set-up.ts';
import { landingIn } from './landing-of.ts';
import { whyNoRequest } from './request.ts';

/** Idempotent: what an earlier try has left is thrown away. */
export async function landMerge(house: House, id: RunId, signal: AbortSignal): Promise<void> {
  const run = runOf(house, id);
  const landing = landingIn(run, 'merging');
  const { ledger, repository } = house;
  if (landing === null || run.commit === null) return;
  const { how, target } = landing;
  const refuse = (why: string) => ledger.record({ type: 'land-refused', run: id, why });
  await killTree(run.nonce, null, { politeMs: 0 });
  const unseen = await unseenBy(house, run, run.commit);
  if (unseen !== null) return refuse(unseen);
  await repository.landing.sweep(ledger.state.landings);
  const onto = await repository.landing.tip(target);
  if (onto === null) return refuse(`there is no branch ${target} in this repository`);
  // Before gates run for minutes, and once more before it is moved.
  const why = how === 'pr' ? await whyNoRequest(house, target, signal) : await repository.landing.whyNot(target);
  if (signal.aborted) return;
  if (why !== null) return refuse(why);
  const combined = await repository.landing.combine({
    run: id,
    copy: run.definition.isolation.copy,
    ...{ onto, commit: run.commit, how, marked: run.conflicts },
    message: how === 'squash' || how === 'rebase' ? messageOf(run) : `Merge ${run.branch}\n\n${subjectOf(run)}\n`,
  });
  if (signal.aborted) return;
  if (combined.is === 'conflict') {
    await repository.landing.dropScratch(id);
    const { files, hunks } = combined;
    return ledger.record({ type: 'land-conflicted', run: id, onto, files, hunks });
  }
  const failed = await setUp(house, run, combined.worktree, landingFolder(house, id, 'setup'), signal);
  if (signal.aborted) return;
  if (failed !== null) {
    await repository.landing.dropScratch(id);
    return refuse(`on the merged tree, ${failed}`);
  }
  const { commit, files, added, removed } = combined;
  await ledger.record({ type: 'land-merged', run: id, onto, commit, files, added, removed });
}

/** Work that somebody has done in its worktree since would be left behind, and no gate has seen it. Null when there is none. */
async function unseenBy({ repository }: House, run: RunState, commit: string): Promise<string | null> {
  const { worktree } = run;
  if (worktree === null || !(await stat(worktree).catch(() => null))?.isDirectory()) return null;
  const files = await repository.changedFiles(worktree, commit);
  if (files.length === 0) return null;
  const names = files.slice(0, 3).map(sanitize).join(', ');
  const more = files.length > 3 ? ` and ${files.length - 3} more` : '';
  return `its worktree has changes that no gate has seen (${names}${more}): take them back, or send it back with a note`;
}
