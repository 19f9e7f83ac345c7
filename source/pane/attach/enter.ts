/** Goes into a run by one of its ways: first brings the agent to a stand-still where that is part of it, then lends the terminal. */
import { agentIsAlive } from '../../loop/run-status.ts';
import type { FleetState } from '../../loop/state.ts';
import type { Connection } from '../connection.ts';
import { runForeground } from '../foreign.ts';
import type { Before, Entering } from './way.ts';

/** An agent that is asked to end its turn has this long, ms; the supervisor ends it by force before. */
const PATIENCE_MS = 60_000;

interface Means {
  readonly connection: Pick<Connection, 'fleet' | 'send'>;
  /** Lends the terminal. */
  readonly suspend: (use: () => Promise<void>) => Promise<void>;
  /** Writes on the terminal while it is lent. */
  readonly write: (text: string) => void;
  readonly say: (text: string) => void;
  /** The pane is left. */
  readonly signal: AbortSignal;
}

/** Resolves with what to say when the operator is back. Rejects when the run does not come to a stand-still, or the program cannot be started. */
export async function enter({ run, way, before: chosen }: Entering, means: Means): Promise<string> {
  const before = stillNeeded(chosen, means.connection.fleet.state, run);
  if (before !== null) {
    const answer = await means.connection.send({ do: before, run });
    if (!answer.ok) throw new Error(answer.text);
    means.say(`${run}: waiting until ${before === 'stop' ? 'its turn has ended' : 'it is frozen'}…`);
    await standStill(run, before, means);
  }
  await means.suspend(async () => {
    const unmetered = way.kind === 'session' ? ' What you spend in it is not metered.' : '';
    means.write(`looptop: ${way.label} in ${way.folder}; leave it to come back.${unmetered}\r\n`);
    await runForeground(way.argv, way.folder, way.env);
  });
  return way.kind === 'session' ? `Back from ${way.label}.${after(run, means.connection.fleet.state)}` : '';
}

/** What is left to be done of it by now: a stop of a run that stands still already would end it for good. */
function stillNeeded(before: Before, fleet: FleetState, id: string): Before {
  const run = fleet.runs[id];
  if (before === null || run === undefined || run.status.tag === 'ended' || isStill(fleet, id, before)) return null;
  return agentIsAlive(run) ? before : 'freeze';
}

function after(id: string, fleet: FleetState): string {
  const run = fleet.runs[id];
  if (run === undefined || run.status.tag === 'ended') return '';
  return run.status.hold === null ? '' : ` ${id} stands still until you let it go on.`;
}

/** No process of its agent runs any more; after a stop, none is left. */
function isStill(fleet: FleetState, id: string, after: Before): boolean {
  const run = fleet.runs[id];
  if (run === undefined || run.status.tag === 'ended') return true;
  const frozen = run.agent?.fact.is === 'frozen' && after === 'freeze';
  return run.status.hold !== null && (frozen || !agentIsAlive(run));
}

function standStill(id: string, before: Before, { connection, signal }: Means): Promise<void> {
  return new Promise((resolve, reject) => {
    const { fleet } = connection;
    const over = (error: Error | null) => {
      unsubscribe();
      clearTimeout(timer);
      signal.removeEventListener('abort', left);
      if (error === null) resolve();
      else reject(error);
    };
    const left = () => over(new Error('the pane was left'));
    const look = () => {
      if (isStill(fleet.state, id, before)) over(null);
    };
    const timer = setTimeout(
      () => over(new Error(`${id} does not stand still yet: try again when it does`)),
      PATIENCE_MS,
    );
    const unsubscribe = fleet.subscribe(look);
    signal.addEventListener('abort', left, { once: true });
    look();
  });
}
