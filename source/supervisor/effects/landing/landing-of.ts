/** The landing of a run as it stands. An effect that outlived it has nothing to do. */
import type { Landing, LandingStep, RunState } from '../../../loop/state.ts';

/** Null when it is not in that step any more. */
export function landingIn<Is extends LandingStep['is']>(
  run: RunState,
  is: Is,
): (Omit<Landing, 'step'> & { readonly step: Extract<LandingStep, { is: Is }> }) | null {
  const { landing, status } = run;
  if (landing === null || landing.step.is !== is || status.tag === 'ended') return null;
  return { ...landing, step: landing.step as Extract<LandingStep, { is: Is }> };
}
