/** Calls a person who looks elsewhere: once for each new need, and for an outcome that its loop wants called out. What is done about it is others' business. */
import { attentions } from '../loop/attention.ts';
import { waitingFans } from '../loop/fanout/words.ts';
import { type Occurrence, occurrences } from '../loop/occurrence.ts';
import type { FleetState } from '../loop/state.ts';
import { waitingHits } from '../loop/triage/promote.ts';
import { oneLine } from './present/clean.ts';

/** What is to be done after the fleet changed. */
export interface Heed {
  readonly ring: boolean;
  /** What a notification of the desktop says; null for none. */
  readonly notice: string | null;
  /** The new title; null when it stays. */
  readonly title: string | null;
}

/** Remembers for whom it has called. What already waits when the pane opens is on the screen: that calls nobody. */
export class Caller {
  #called: Set<string> | null = null;
  #title = '';

  /** To be called with every fleet that is published. */
  heed(fleet: FleetState, now: number): Heed {
    const all = occurrences(fleet, now);
    const known = this.#called;
    const fresh = known === null ? [] : all.filter(({ id, how }) => how !== 'none' && !known.has(id));
    this.#called = new Set(all.map(({ id }) => id));
    const noticed = fresh.filter(({ how }) => how === 'desktop');
    return { ring: fresh.length > 0, notice: noticeOf(noticed), title: this.#newTitle(fleet, now) };
  }

  #newTitle(fleet: FleetState, now: number): string | null {
    const waiting = attentions(Object.values(fleet.runs)).filter(({ attention }) => attention.level === 'act');
    const count = waiting.length + waitingHits(fleet).length + waitingFans(fleet, now).length;
    const needs = count === 0 ? '' : `${count} ${count === 1 ? 'needs' : 'need'} you · `;
    const title = `${needs}looptop ${oneLine(fleet.repository.name)}`.trim();
    if (title === this.#title) return null;
    this.#title = title;
    return title;
  }
}

/** `ci-fix-12 asks: Which?`, and how many others there are. */
function noticeOf(occurred: readonly Occurrence[]): string | null {
  const [first, ...others] = occurred;
  if (first === undefined) return null;
  const who = first.run ?? first.hit ?? first.fan;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `${who === null ? '' : `${who} `}${oneLine(first.words)}${more}`;
}
