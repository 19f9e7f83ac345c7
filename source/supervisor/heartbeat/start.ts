/** Makes the run of a firing, of what the loop file says at this moment. */
import { randomBytes } from 'node:crypto';
import { fire } from '../../loop/schedule/fire.ts';
import type { House } from '../house.ts';
import { reload } from '../memory/memory.ts';

export async function start(house: House, loop: string, key: string): Promise<void> {
  // A loop file may have changed since it was last read, and runs what it says now, or not at all.
  await reload(house);
  const random = randomBytes(16).toString('hex');
  await house.ledger.ask((state) => ({ events: fire(state, loop, key, { now: Date.now(), random }) }));
}
