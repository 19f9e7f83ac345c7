/** Makes the run of a firing, of what the loop file says at this moment; where the loop has a `discover`, of what that finds new. */
import { randomBytes } from 'node:crypto';
import { fire, looksFor } from '../../loop/schedule/fire.ts';
import type { House } from '../house.ts';
import { reload } from '../memory/memory.ts';

export async function start(house: House, loop: string, key: string, signal: AbortSignal): Promise<void> {
  const { ledger } = house;
  // A loop file may have changed since it was last read, and runs what it says now, or not at all.
  await reload(house);
  const wanted = looksFor(ledger.state, loop, key, Date.now());
  const look = wanted === null ? null : await house.discover(loop, wanted);
  // What was ended halfway has not failed: the firing stays, for the next supervisor or the next look.
  if (signal.aborted) return;
  const random = randomBytes(16).toString('hex');
  await ledger.ask((state) => ({ events: fire(state, loop, key, { now: Date.now(), random }, look) }));
}
