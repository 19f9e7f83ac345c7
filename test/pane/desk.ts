/** The pane without a terminal, for the tests of its keys. */
import type { FleetState } from '../../source/loop/state.ts';
import type { Intent } from '../../source/pane/press.ts';
import { step } from '../../source/pane/step.ts';
import type { Situation, View } from '../../source/pane/view.ts';
import { fleet, nineRuns } from './fleet-fixture.ts';
import { situation } from './situation.ts';

/** The pane without a terminal: keys in, view and wishes out. */
export class Desk {
  situation: Situation;
  readonly intents: Intent[] = [];

  constructor(state: FleetState = fleet(nineRuns())) {
    this.situation = situation(state);
  }

  get view(): View {
    return this.situation.view;
  }

  get commands() {
    return this.intents.flatMap((intent) => (intent.do === 'send' ? intent.commands : []));
  }

  press(...keys: string[]): this {
    for (const key of keys) {
      const { view, intents } = step(this.situation, { key });
      this.situation = { ...this.situation, view };
      this.intents.push(...intents);
    }
    return this;
  }

  /** Goes to a run by its name. */
  at(cursor: string): this {
    this.situation = { ...this.situation, view: { ...this.view, cursor } };
    return this;
  }
}
