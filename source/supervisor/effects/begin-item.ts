/** Gives an item of a fan its run: the mark of the new run is random, which is why it is an effect. */
import { randomBytes } from 'node:crypto';
import { beginItem } from '../../loop/fanout/turn.ts';
import type { House } from '../house.ts';

export async function begin({ ledger }: House, fan: string, item: string): Promise<void> {
  const random = randomBytes(16).toString('hex');
  await ledger.ask((state) => ({ events: beginItem(state, fan, item, { now: Date.now(), random }) }));
}
