/** Calls a person who looks elsewhere: rings once for each run, hit and fan that begins to wait for them, and says so in the window's title. */
import { attentions } from '../loop/attention.ts';
import { waitingFans } from '../loop/fanout/words.ts';
import type { FleetState } from '../loop/state.ts';
import { waitingHits } from '../loop/triage/promote.ts';
import { oneLine } from './present/clean.ts';

/** What is to be done after the fleet changed. */
export interface Heed {
  readonly ring: boolean;
  /** The new title; null when it stays. */
  readonly title: string | null;
}

/** Remembers for whom it has rung. What already waits when the pane opens is on the screen: that does not ring. */
export class Caller {
  #rung: Set<string> | null = null;
  #title = '';

  /** To be called with every fleet that is published. */
  heed(fleet: FleetState, now: number): Heed {
    const waiting = attentions(Object.values(fleet.runs)).filter(({ attention }) => attention.level === 'act');
    // A run that asks a second time rings again: the time is part of the key.
    const keys = new Set(waiting.map(({ run, attention }) => `${run.id} ${attention.since}`));
    const hits = waitingHits(fleet);
    for (const { id, at } of hits) keys.add(`${id} ${at}`);
    const fans = waitingFans(fleet, now);
    for (const { fan } of fans) keys.add(`${fan.id} ${fan.pilotedAt} ${fan.released}`);
    const known = this.#rung;
    const ring = known !== null && [...keys].some((key) => !known.has(key));
    this.#rung = keys;
    const count = waiting.length + hits.length + fans.length;
    const needs = count === 0 ? '' : `${count} ${count === 1 ? 'needs' : 'need'} you · `;
    const title = `${needs}looptop ${oneLine(fleet.repository.name)}`.trim();
    if (title === this.#title) return { ring, title: null };
    this.#title = title;
    return { ring, title };
  }
}
