/** The public shapes of what waits for review and of what is owed. */
import { landingClosed, type Owed, owed, owedByLoop, readingMs } from '../../loop/review/owed.ts';
import type { ReviewEntry } from '../../loop/review/queue.ts';
import { riskOf } from '../../loop/review/risk.ts';
import type { FleetState } from '../../loop/state.ts';

export const entryJson = (entry: ReviewEntry) => ({
  id: entry.id,
  loop: entry.loop,
  state: entry.kind === 'green' ? 'review' : 'landed',
  risk: entry.run === null || entry.kind === 'landed' ? null : riskOf(entry.run),
  toRead: entry.unread,
  hunks: entry.hunks.length,
  since: new Date(entry.since).toISOString(),
});

export const owedJson = (fleet: FleetState) => ({
  ...debtJson(owed(fleet)),
  loops: owedByLoop(fleet).map(({ loop, owed: own }) => ({
    loop,
    ...debtJson(own),
    landingClosed: landingClosed(fleet, loop),
  })),
});

/** Lines, and what reading the unread ones takes. */
const debtJson = (own: Owed) => ({ ...own, readingMs: Math.round(readingMs(own.lines)) });
