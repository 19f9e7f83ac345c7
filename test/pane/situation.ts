/** What keys are pressed in: a fleet on a screen, looked at as the pane does when it opens. */
import type { FleetState } from '../../source/loop/state.ts';
import { USUAL_KEYS } from '../../source/pane/keys/operator.ts';
import { FIRST_VIEW, type Situation, settled } from '../../source/pane/view.ts';
import { NOW } from './fleet-fixture.ts';

export function situation(fleet: FleetState, changes: Partial<Situation> = {}): Situation {
  return {
    fleet,
    status: 'connected',
    keys: USUAL_KEYS,
    now: NOW,
    columns: 120,
    rows: 40,
    view: settled(FIRST_VIEW, changes.fleet ?? fleet),
    ...changes,
  };
}
