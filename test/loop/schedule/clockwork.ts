/** One or more loops and a clock that can be slept through, set and crashed under; runs end as soon as they are queued. Time is a number. */

import { decide } from '../../../source/loop/decide.ts';
import type { Heartbeat, LoopDefinition } from '../../../source/loop/definition/definition.ts';
import { BY_HAND } from '../../../source/loop/definition/heartbeat.ts';
import type { Event, Stamped } from '../../../source/loop/event.ts';
import { emptyFleet, fold } from '../../../source/loop/fold.ts';
import { fire } from '../../../source/loop/schedule/fire.ts';
import type { FleetState } from '../../../source/loop/state.ts';
import { madeLoop } from '../made-loop.ts';

export interface Fired {
  readonly loop: string;
  readonly key: string;
  readonly trigger: string;
  /** The instant. */
  readonly at: number;
  /** What the clock showed. */
  readonly stamped: number;
  readonly missed: boolean;
}

/** Runs of which nothing is carried out reach no cap of their own. */
const PATIENT: LoopDefinition['budget'] = { tokens: 1e9, usd: 1e9, wallMs: 1e12, passes: 8 };

export class Clockwork {
  state: FleetState = emptyFleet();
  now: number;
  /** Whether a run ends as soon as it is queued. */
  endsRuns = true;
  readonly journal: Stamped[] = [];

  constructor(now: number, loops: Readonly<Record<string, Partial<Heartbeat>>>, change: Partial<LoopDefinition> = {}) {
    this.now = now;
    this.start();
    for (const [name, on] of Object.entries(loops))
      this.read(name, madeLoop({ name, on: { ...BY_HAND, ...on }, budget: PATIENT, ...change }));
  }

  happen(...events: readonly Event[]): void {
    for (const event of events) {
      const stamped = {
        seq: this.journal.length + 1,
        at: this.now,
        day: new Date(this.now).toISOString().slice(0, 10),
        event,
      };
      this.journal.push(stamped);
      this.state = fold(this.state, stamped);
    }
  }

  start(): void {
    this.happen({
      type: 'supervisor-started',
      pid: 1,
      version: '1',
      root: '/r',
      name: 'r',
      branch: 'main',
      timezone: 'UTC',
    });
  }

  read(name: string, definition: LoopDefinition | null, trusted = true): void {
    this.happen({ type: 'loop-read', name, path: `loops/${name}.md`, trusted, definition, problems: [] });
  }

  /** What there is to do now, done; answers when time alone brings the next. */
  settle(): number | null {
    for (let round = 0; round < 1000; round++) {
      const { effects, wakeAt } = decide(this.state, this.now);
      let acted = false;
      for (const effect of effects) {
        if (effect.do === 'record') this.happen(...effect.events);
        else if (effect.do === 'fire') this.#fire(effect.loop, effect.firing);
        else continue;
        acted = true;
        break;
      }
      if (!acted) return wakeAt;
    }
    throw new Error('it never comes to rest');
  }

  /** Awake for so long; each time it has to wake it does so `late` ms too late. */
  awake(ms: number, late = 0): void {
    const until = this.now + ms;
    for (let wakeAt = this.settle(); wakeAt !== null && wakeAt + late <= until; wakeAt = this.settle()) {
      if (wakeAt + late <= this.now) throw new Error('it wants to be woken at a time that has passed');
      this.now = wakeAt + late;
    }
    this.now = until;
    this.settle();
  }

  /** The clock jumps, by a sleep or by hand. Whether a look at what is due or the notice of the jump comes first is chance. */
  jump(ms: number, lookFirst: boolean): void {
    this.now += ms;
    if (lookFirst) this.settle();
    this.happen({ type: 'clock-jumped', jumpMs: ms });
    this.settle();
  }

  /** The supervisor dies and the next one reads the journal. */
  crash(): void {
    this.state = this.journal.reduce(fold, emptyFleet());
    this.start();
  }

  get fired(): Fired[] {
    return this.journal.flatMap(({ at: stamped, event }) =>
      event.type === 'fired'
        ? [{ loop: event.loop, key: event.key, trigger: event.trigger, at: event.at, missed: event.missed, stamped }]
        : [],
    );
  }

  get skipped(): { readonly at: number; readonly stamped: number; readonly why: string; readonly key: string }[] {
    return this.journal.flatMap(({ at: stamped, event }) =>
      event.type === 'skipped' ? [{ at: event.at, stamped, why: event.why, key: event.key }] : [],
    );
  }

  /** Keys of firings that became a run, in order. */
  get ran(): string[] {
    return this.journal.flatMap(({ event }) => (event.type === 'run-queued' && event.firing ? [event.firing] : []));
  }

  #fire(loop: string, key: string): void {
    const events = fire(this.state, loop, key, { now: this.now, random: `n${this.journal.length}` });
    this.happen(...events);
    for (const event of events)
      if (event.type === 'run-queued' && this.endsRuns)
        this.happen({ type: 'run-ended', run: event.run, end: { kind: 'discarded', by: 'test' } });
  }
}
