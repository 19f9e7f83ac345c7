/** Which planned starts may begin now: agents of one engine start one after the other, since eight at once take their first minute from each other. */
import { nextRole, playerOf } from './crew/crew.ts';
import type { EngineName } from './definition/definition.ts';
import type { Effect } from './effect.ts';
import type { FleetState } from './state.ts';

/**
 * Least time between two starts of an engine, ms. On two cores eight claudes at once have their first line after 3.4 s, codexes
 * after 1.0 s, geminis after 6.7 s, four opencodes after 15.6 s (agents.md section 2); alone 0.5, 0.2, 1.3 and 3.1 s.
 */
const APART_MS: Readonly<Record<EngineName, number>> = {
  claude: 400,
  codex: 150,
  gemini: 1000,
  opencode: 3000,
  grok: 300,
  acp: 1000,
  shell: 0,
  scripted: 0,
};

/** `effects` without the starts that must wait, and when the next of those may begin (ms since 1970; null when none waits for time alone). */
export function staggered(
  fleet: FleetState,
  effects: readonly Effect[],
  now: number,
): { readonly effects: readonly Effect[]; readonly wakeAt: number | null } {
  const taken = new Set<EngineName>();
  let wakeAt: number | null = null;
  const kept = effects.filter((effect) => {
    if (effect.do !== 'plan') return true;
    const run = fleet.runs[effect.run];
    const engine = run && playerOf(run, nextRole(run)).engine;
    if (engine === undefined || APART_MS[engine] === 0) return true;
    // The next one is looked at again when this one is planned.
    if (taken.has(engine)) return false;
    taken.add(engine);
    const since = now - (fleet.starts[engine] ?? Number.NEGATIVE_INFINITY);
    // A clock that was set back must not hold anybody up for hours.
    if (since < 0 || since >= APART_MS[engine]) return true;
    const at = now + APART_MS[engine] - since;
    wakeAt = wakeAt === null ? at : Math.min(wakeAt, at);
    return false;
  });
  return { effects: kept, wakeAt };
}
