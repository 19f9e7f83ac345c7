/** ls --loops: what starts each loop, when next, and why not. */
import { openFanOf } from '../../loop/fanout/fans.ts';
import { progressWords } from '../../loop/fanout/words.ts';
import { type Pulse, pulse } from '../../loop/schedule/pulse.ts';
import { pulseWords, triggerWords } from '../../loop/schedule/words.ts';
import type { FleetState, LoopState } from '../../loop/state.ts';
import { sanitize } from '../../loop/text.ts';
import { print, printJson } from '../print.ts';
import { fanJson } from '../show/fan.ts';
import { table } from '../table.ts';

const COLUMNS = [{ title: 'LOOP' }, { title: 'STARTS' }, { title: 'NOW' }];

export async function listLoops(state: FleetState, json: boolean): Promise<void> {
  const now = Date.now();
  const loops = Object.values(state.loops).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (json) return printJson(loops.map((loop) => loopJson(state, loop, now)));
  if (loops.length === 0) return print('no loop yet: looptop init writes a first one');
  const rows = loops.map((loop) => row(state, loop, now));
  for (const line of await table(COLUMNS, rows, process.stdout.columns)) print(line);
}

function row(state: FleetState, loop: LoopState, now: number): string[] {
  const found = pulse(state, loop.name, now);
  const starts = startsBy(loop);
  const fan = openFanOf(state, loop.name);
  const idle = found.is === 'by-hand' ? byHandWords(loop) : pulseWords(state, found, now);
  const words = fan === null ? idle : `fan ${fan.id} ${progressWords(state, fan)}; ${idle}`;
  return [loop.name, starts.length === 0 ? 'by hand' : starts.join(', '), words].map(sanitize);
}

const startsBy = ({ definition }: LoopState): string[] => (definition === null ? [] : triggerWords(definition.on));

function byHandWords({ name, trusted, definition, problems }: LoopState): string {
  if (definition === null) return `cannot run: ${problems[0] ?? 'looptop check'}`;
  if (!trusted) return 'not trusted: looptop trust';
  return definition.enabled ? `looptop run ${name}` : 'switched off (enabled: false)';
}

function loopJson(state: FleetState, loop: LoopState, now: number) {
  const found = pulse(state, loop.name, now);
  const beat = state.beats[loop.name];
  const fan = openFanOf(state, loop.name);
  return {
    name: loop.name,
    path: loop.path,
    trusted: loop.trusted,
    enabled: loop.definition?.enabled ?? false,
    /** What sets it off besides the operator, in words. */
    starts: startsBy(loop),
    /** When the clock starts it next; null for a loop that waits for something else, or is off. */
    next: iso(found.is === 'on' ? (found.next?.dueAt ?? null) : null),
    /** Why it does not start by itself; null when it does, or never would. */
    off: found.is === 'off' ? found.why : null,
    expiresAt: iso(expiryOf(found)),
    lastRunAt: iso(beat?.ranAt ?? null),
    lastSkip: beat?.skipped ? { at: iso(beat.skipped.at), why: beat.skipped.why } : null,
    trouble: beat?.trouble ?? null,
    /** What it fans out over now; null when it does not. */
    fan: fan && fanJson(state, fan, now),
  };
}

const expiryOf = (found: Pulse): number | null => (found.is === 'on' ? found.expiresAt : null);

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
