/** All made traces: what does not depend on a language once, the rest for projects of four kinds. */
import { healthyAnywhere, healthyAtWork } from './corpus/healthy-at-work.ts';
import { healthyBetween, healthyBetweenAnywhere } from './corpus/healthy-between.ts';
import { stuckAnywhere, stuckAtWork } from './corpus/stuck-at-work.ts';
import { stuckBetween, stuckBetweenAnywhere } from './corpus/stuck-between.ts';
import { KINDS } from './kinds.ts';
import type { Trace } from './trace.ts';

export const STUCK: readonly Trace[] = [
  ...KINDS.flatMap(stuckAtWork),
  ...stuckAnywhere,
  ...KINDS.flatMap(stuckBetween),
  ...stuckBetweenAnywhere,
];
export const HEALTHY: readonly Trace[] = [
  ...KINDS.flatMap(healthyAtWork),
  ...healthyAnywhere,
  ...KINDS.flatMap(healthyBetween),
  ...healthyBetweenAnywhere,
];
