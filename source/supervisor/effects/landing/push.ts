/** Pushes the branch of green work, where its loop says so; what became of it is journaled either way. */
import type { RunId } from '../../../loop/units.ts';
import { type House, runOf } from '../../house.ts';

/** What it came to: empty, or why it could not. */
export async function pushBranch(house: House, id: RunId): Promise<string> {
  const run = runOf(house, id);
  const { commit, branch } = run;
  if (commit === null) return 'nothing is committed';
  const target = run.landing?.target ?? run.target ?? house.repository.branch;
  // What we pushed last must be there still, or nothing: a push takes nobody's commits away.
  const sent = await house.repository.landing.push({ commit, branch, target, lease: run.pushed?.there ?? null });
  const [to, failed] = 'to' in sent ? [sent.to, ''] : [null, sent.failed];
  await house.ledger.record({ type: 'pushed', run: id, commit, to, failed });
  return failed;
}
