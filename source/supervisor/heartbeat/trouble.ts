/** Says in the journal why a loop's events cannot be heard, or that they can again; only when that is news. */
import type { House } from '../house.ts';

export async function tellTrouble({ ledger }: House, loop: string, why: string | null): Promise<void> {
  await ledger.ask((state) => {
    const beat = state.beats[loop];
    return { events: beat === undefined || beat.trouble === why ? [] : [{ type: 'troubled', loop, why }] };
  });
}
