/** Starts the loop that a hit goes to by itself: the mark of the new run is random, which is why it is an effect. */
import { randomBytes } from 'node:crypto';
import { answerAuto } from '../../loop/triage/promote.ts';
import type { House } from '../house.ts';

export async function promote(house: House, hit: string): Promise<void> {
  const random = randomBytes(16).toString('hex');
  const answered = await house.ledger.ask((state) => answerAuto(state, hit, { now: Date.now(), random }));
  if ('refused' in answered) house.log(`${hit} is not promoted: ${answered.refused}`);
}
