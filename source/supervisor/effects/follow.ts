/** Starts a loop that a green run names, or notes why it does not: the mark of the new run is random, which is why it is an effect. */
import { randomBytes } from 'node:crypto';
import { follow as followed } from '../../loop/follow.ts';
import { discovers } from '../../loop/triage/discovery.ts';
import type { RunId } from '../../loop/units.ts';
import type { House } from '../house.ts';

export async function follow({ ledger, discover }: House, id: RunId, loop: string): Promise<void> {
  const definition = discovers(ledger.state, loop);
  const look = definition === null ? null : await discover(loop, definition.discover);
  const given = { now: Date.now(), random: randomBytes(16).toString('hex') };
  await ledger.ask((state) => ({ events: followed(state, id, loop, given, look) }));
}
