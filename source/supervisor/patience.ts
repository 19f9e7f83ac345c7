/**
 * Ends an agent whose turn is over and that does not leave. Claude waits for the commands it started in the background, at
 * the end of its input too, and a server among them never ends. Its outcome stays what it said: the gates come next.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentId, RunId } from '../loop/units.ts';
import { formatDuration } from '../loop/units.ts';
import { launchedOf, POLITE_MS } from './effects/steer.ts';
import { agentFolder, type House, runOf } from './house.ts';
import { closeInput } from './process/input.ts';
import { killTree } from './process/kill.ts';

/** Silence after the end of a turn that is taken for the end. */
const QUIET_MS = 120_000;
/** From the end of its input a claude that waits for nothing needs 0.2 s to leave. */
const LEAVE_MS = 5000;

export class Patience implements AsyncDisposable {
  readonly #house: House;
  readonly #run: RunId;
  readonly #agent: AgentId;
  readonly #quietMs: number;
  #timer: NodeJS.Timeout | undefined;
  #leaving: AbortController | null = null;
  #left: Promise<void> = Promise.resolve();

  /** `quietMs` in milliseconds; LOOPTOP_QUIET_MS replaces the usual two minutes. */
  constructor(house: House, run: RunId, agent: AgentId, quietMs = Number(process.env.LOOPTOP_QUIET_MS) || QUIET_MS) {
    this.#house = house;
    this.#run = run;
    this.#agent = agent;
    this.#quietMs = quietMs;
  }

  /** It wrote something, and then was `idle` or at work: whatever it was suspected of begins anew. */
  heard(idle: boolean): void {
    clearTimeout(this.#timer);
    this.#leaving?.abort();
    if (idle) this.#timer = setTimeout(() => this.#lose(), this.#quietMs);
  }

  #lose(): void {
    const { agent } = runOf(this.#house, this.#run);
    if (agent?.id !== this.#agent || agent.fact.is === 'dead') return;
    // A frozen agent is quiet because it is frozen, and one that is to end is being ended.
    if (agent.wish.to !== 'run' || agent.fact.is !== 'alive') {
      this.heard(true);
      return;
    }
    const leaving = new AbortController();
    this.#leaving = leaving;
    this.#left = this.#end(agent.offset, leaving.signal).catch((cause: unknown) => {
      this.#house.log(`${this.#agent} of ${this.#run} could not be ended: ${String(cause)}`);
    });
  }

  async #end(offset: number, signal: AbortSignal): Promise<void> {
    const quiet = formatDuration(this.#quietMs);
    const text = `its turn has been over for ${quiet}, and something it started has not ended: both are ended now`;
    const events = [{ type: 'warned', text }] as const;
    await this.#house.ledger.record({ type: 'agent-read', run: this.#run, agent: this.#agent, offset, events });
    await closeInput(agentFolder(this.#house, this.#run, this.#agent));
    // It rejects only when aborted: the agent spoke, left, or is no longer ours to watch.
    const stays = await sleep(LEAVE_MS, true, { signal }).catch(() => false);
    const run = runOf(this.#house, this.#run);
    if (!stays || run.agent?.id !== this.#agent) return;
    // It was frozen meanwhile, and could not have left: its time to do so begins when it is thawed.
    if (run.agent.fact.is !== 'alive') {
      this.heard(true);
      return;
    }
    await killTree(run.nonce, launchedOf(run.agent), { politeMs: POLITE_MS, interrupt: 'SIGINT' });
  }

  /** Lets go of the agent; an end that has begun is waited for. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#leaving?.abort();
    await this.#left;
  }
}
