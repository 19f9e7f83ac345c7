/** A loop's `event:`: keeps its command alive and makes each line that it prints a firing. Ends it with everything it started. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { heartOf } from '../../loop/schedule/pulse.ts';
import { heard } from '../../loop/schedule.ts';
import { sanitize } from '../../loop/text.ts';
import type { House } from '../house.ts';
import { type LinesEnd, runLines } from '../process/lines.ts';
import { beatEnvironment, markOf } from './place.ts';
import { tellTrouble } from './trouble.ts';

/** Before a command that has ended is started again; each time twice as long, until it holds out. */
const AGAIN_MS = { first: 1000, longest: 300_000 } as const;
/** A command that lives this long is no failure. */
const STEADY_MS = 60_000;
/** Events are journaled at this pace once so many came at once; a command that prints faster has to wait. */
const PACE = { burst: 100, eachMs: 50 } as const;

/** Until `signal` is aborted; then the command and all it started are dead. */
export async function listen(house: House, loop: string, signal: AbortSignal): Promise<void> {
  const { ledger, repository } = house;
  const spec = heartOf(ledger.state, loop)?.definition.on.event ?? null;
  if (spec === null) return;
  const pattern = spec.match === null ? null : new RegExp(spec.match);
  const pace = new Pace();

  const line = async (raw: string): Promise<void> => {
    if (pattern !== null && !pattern.test(raw)) return;
    const firing = { key: `event:${randomUUID()}`, trigger: 'event', at: Date.now(), item: itemOf(raw) } as const;
    await ledger.ask((state) => ({ events: heard(state, loop, firing) }));
    await pace.wait(signal);
  };

  for (let wait: number = AGAIN_MS.first; !signal.aborted; ) {
    const began = performance.now();
    const steady = setTimeout(() => void tellTrouble(house, loop, null), STEADY_MS);
    const words = await runLines({
      command: spec.run,
      cwd: repository.root,
      env: beatEnvironment(loop),
      mark: markOf(repository.root, loop, 'event'),
      line,
      signal,
    })
      .then(wordsOf, (error: unknown) => `its event command cannot be started: ${String(error)}`)
      .finally(() => clearTimeout(steady));
    if (signal.aborted) return;
    const held = performance.now() - began >= STEADY_MS;
    wait = held ? AGAIN_MS.first : wait;
    await tellTrouble(house, loop, held ? null : words);
    await sleep(wait, undefined, { signal }).catch(() => {});
    wait = Math.min(AGAIN_MS.longest, wait * 2);
  }
}

/** Why it ended, without what differs from time to time, for the same is not said twice. */
function wordsOf({ exit, signal, lastError }: LinesEnd): string {
  const how = signal === null ? `exit ${exit}` : signal;
  return `its event command ends again and again (${how})${lastError === '' ? '' : `: ${sanitize(lastError)}`}`;
}

/** The line, and where it is a JSON object what that says, by its own names. Data by others, whoever wrote the command. */
function itemOf(raw: string): unknown {
  const line = sanitize(raw);
  const said = objectOf(raw);
  return said === null ? { line } : { ...said, line };
}

function objectOf(text: string): object | null {
  if (!text.trimStart().startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text, (_key, part) => (typeof part === 'string' ? sanitize(part) : part));
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

/** Lets a burst through and slows down what follows. */
class Pace {
  #left: number = PACE.burst;
  #at = performance.now();

  async wait(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    this.#left = Math.min(PACE.burst, this.#left + (now - this.#at) / PACE.eachMs) - 1;
    this.#at = now;
    if (this.#left < 0) await sleep(PACE.eachMs, undefined, { signal }).catch(() => {});
  }
}
