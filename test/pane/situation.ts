/** What keys are pressed in: a fleet on a screen, looked at as the pane does when it opens. */
import type { FleetState } from '../../source/loop/state.ts';
import { USUAL_KEYS } from '../../source/pane/keys/operator.ts';
import type { Intent } from '../../source/pane/press.ts';
import { step } from '../../source/pane/step.ts';
import { FIRST_VIEW, type Situation, settled } from '../../source/pane/view.ts';
import { NOW } from './fleet-fixture.ts';

export function situation(fleet: FleetState, changes: Partial<Situation> = {}): Situation {
  return {
    fleet,
    status: 'connected',
    keys: USUAL_KEYS,
    texts: {},
    diffs: {},
    now: NOW,
    columns: 120,
    rows: 40,
    view: settled(FIRST_VIEW, changes.fleet ?? fleet),
    ...changes,
  };
}

/** The situation after these keys, and what they asked of the world. */
export function pressed(
  from: Situation,
  ...keys: readonly string[]
): { readonly at: Situation; readonly intents: readonly Intent[] } {
  let at = from;
  const intents: Intent[] = [];
  for (const key of keys) {
    const done = step(at, { key });
    at = { ...at, view: done.view };
    intents.push(...done.intents);
  }
  return { at, intents };
}
