/** How often a failed agent process is tried again before a person is asked, and how long each time is waited. */
import type { LoopDefinition } from '../definition/definition.ts';
import { thresholds } from './rule.ts';

/**
 * A crash is over at once or not at all, and the CLIs have retried a provider's error for minutes before they give up: the first
 * two waits are short. Those after them are for loops that ask for more patience (1, 5 and 15 minutes, then 15 again).
 */
const WAITS_MS = [2_000, 15_000, 60_000, 300_000, 900_000] as const;

export const apiError = { name: 'api-error', usual: { warn: null, nudge: null, after: 3 } } as const;

/** Ms to wait after so many failures in a row; null when a person is to be asked. */
export function retryWait(definition: LoopDefinition, failures: number): number | null {
  const { after } = thresholds(definition, apiError);
  if (after !== null && failures >= after) return null;
  return WAITS_MS[Math.min(failures, WAITS_MS.length) - 1] ?? null;
}
