/** Fleets that spend: events of many loops, models, roles and days, as a supervisor would journal them. */
import type { Role } from '../../../source/loop/definition/definition.ts';
import type { Event } from '../../../source/loop/event.ts';
import { emptyFleet, fold } from '../../../source/loop/fold.ts';
import type { FleetState, Spend } from '../../../source/loop/state.ts';
import { NO_TOKENS, type Tokens } from '../../../source/loop/tokens.ts';
import type { AgentId, RunId } from '../../../source/loop/units.ts';
import { madeLoop } from '../made-loop.ts';

export interface Bill {
  readonly loop: string;
  /** Number of the run. */
  readonly run?: number;
  readonly role?: Role;
  readonly model?: string;
  readonly tokens: Partial<Tokens>;
  readonly usd: number | null;
  /** ms since 1970. */
  readonly at: number;
  readonly day?: string;
  readonly key?: string;
  readonly final?: boolean;
  readonly estimated?: boolean;
}

/** Folds what its agents report, making runs and agents as they are needed. */
export class Spender {
  state: FleetState = emptyFleet();
  #seq = 0;

  happen(at: number, day: string, ...events: Event[]): void {
    for (const event of events) this.state = fold(this.state, { seq: ++this.#seq, at, day, event });
  }

  spend({ loop, run = 1, role = 'maker', model = 'm', at, day = '2026-11-23', ...bill }: Bill): void {
    const id = `${loop}-${run}` as RunId;
    const agent = `1-${role}` as AgentId;
    const known = this.state.runs[id];
    if (known === undefined) {
      const definition = madeLoop({ name: loop });
      const queued = { loop, number: run, item: null, nonce: 'n', definition, by: 'test' };
      this.happen(at, day, { type: 'run-queued', run: id, ...queued });
      this.happen(at, day, { type: 'prepared', run: id, worktree: '/w', branch: 'b', base: 'c' });
    }
    if (known?.agent?.id !== agent) {
      this.die(id, at, day);
      this.happen(at, day, {
        type: 'agent-planned',
        wire: false,
        run: id,
        agent,
        role,
        engine: 'scripted',
        model,
        resumes: null,
        guidance: false,
        promptHash: '',
        rules: [],
        notes: [],
      });
    }
    const { key = `k${this.#seq}`, tokens, usd, final = true, estimated } = bill;
    this.happen(at, day, {
      type: 'agent-read',
      run: id,
      agent,
      offset: this.#seq,
      events: [
        {
          type: 'usage',
          key,
          model,
          tokens: { ...NO_TOKENS, ...tokens },
          usd,
          final,
          ...(estimated === undefined ? {} : { estimated }),
        },
      ],
    });
  }

  /** The run's agent is stopped, so that its run stays open in the same phase. */
  die(id: RunId, at: number, day: string): void {
    const agent = this.state.runs[id]?.agent;
    if (agent === null || agent === undefined) return;
    const stop = { by: 'test', cause: 'stop', polite: false } as const;
    this.happen(
      at,
      day,
      { type: 'stop-asked', run: id, ...stop },
      {
        type: 'agent-ended',
        run: id,
        agent: agent.id,
        code: 0,
        signal: null,
        survivors: 0,
        stderr: '',
        tree: null,
        ms: 1,
      },
      { type: 'resume-asked', run: id, by: 'test' },
    );
  }
}

export const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

/** Whether the books say the same as the runs, but for the last bits of a float. They never take a mark back. */
export const sameSpend = (a: Spend, b: Spend): boolean =>
  near(a.usd, b.usd) &&
  (a.unpriced || !b.unpriced) &&
  (a.estimated || !b.estimated) &&
  JSON.stringify(Object.entries(a.tokens).sort()) === JSON.stringify(Object.entries(b.tokens).sort());
