/** Moves the target to the commit that the gates have seen, and ends the run. Asked again after a crash, it sees what is true already. */
import type { RunId } from '../../../loop/units.ts';
import { type House, runOf } from '../../house.ts';
import { landingIn } from './landing-of.ts';

export async function landMove(house: House, id: RunId): Promise<void> {
  const { ledger, repository } = house;
  const landing = landingIn(runOf(house, id), 'moving');
  if (landing === null) return;
  const { how, target, push, step } = landing;
  const { onto, commit } = step.merged;
  const moved = await repository.landing.move({ target, onto, commit });
  if (moved.is === 'stale') return ledger.record({ type: 'land-stale', run: id, tip: moved.tip });
  // Whatever it came to: nobody looks into it any more. What comes after is asked again when this was the last that was done.
  if (moved.is === 'refused') {
    await repository.landing.dropScratch(id);
    return ledger.record({ type: 'land-refused', run: id, why: moved.why });
  }
  if (push) {
    const sent = await repository.landing.push({ commit, branch: target, target });
    const [to, failed] = 'to' in sent ? [sent.to, ''] : [null, sent.failed];
    await ledger.record({ type: 'pushed', run: id, commit, to, failed });
  }
  await repository.landing.dropScratch(id);
  await ledger.record({ type: 'run-ended', run: id, end: { kind: 'landed', as: { how, target, commit, url: null } } });
}
