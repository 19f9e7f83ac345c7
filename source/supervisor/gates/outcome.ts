/** What a gate showed, as the event `gate-ended` has it, and the plain forms of it. */
import { createHash } from 'node:crypto';
import { NOT_MEASURED } from '../../loop/fold/result.ts';
import type { GateResult, GateStatus } from '../../loop/state.ts';

/** `ms` is the time it ran, without the time on hold. */
export interface GateOutcome extends Omit<GateResult, 'id' | 'status'> {
  readonly status: Exclude<GateStatus, 'pending' | 'running'>;
}

const PLAIN = { exit: null, ms: 0, fingerprint: null, summary: '', tail: '', ...NOT_MEASURED } as const;

export const green = (shown: Partial<GateOutcome>): GateOutcome => ({ ...PLAIN, ...shown, status: 'green' });

export const red = (summary: string, shown: Partial<GateOutcome>): GateOutcome => ({
  ...PLAIN,
  ...shown,
  status: 'red',
  summary,
});

/** It could not be judged at all. */
export const unjudged = (summary: string, shown: Partial<GateOutcome> = {}): GateOutcome => ({
  ...PLAIN,
  ...shown,
  status: 'error',
  summary,
});

/** The fingerprint of a failure that is told by `what`: 16 hex digits, as those of test runs. */
export const printOf = (...what: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 16);
