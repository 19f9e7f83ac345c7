/** Where the wire meter listens and under which path each agent finds it. Both are derived, so that they are the same after a restart. */
import { createHash } from 'node:crypto';
import type { FleetState, RunState } from '../../loop/state.ts';
import type { AgentId } from '../../loop/units.ts';

/** Below the range from which Linux (32,768 on) and macOS (49,152 on) take the ports of outgoing connections. */
const PORTS = { from: 20_000, count: 12_000 } as const;
/** Ports that are tried before any free one is taken. */
const TRIES = 8;

/** Ports for the repository at `root`, best first: the one that its agents know from `last` time, its own, 0 for any. */
export function portsFor(root: string, asked: number | null, last: number | null): readonly number[] {
  if (asked !== null) return [asked];
  const first = createHash('sha256').update(`looptop wire port ${root}`).digest().readUInt32BE(0);
  const known = last === null ? [] : [last];
  return [...known, ...Array.from({ length: TRIES }, (_, n) => PORTS.from + ((first + n * 101) % PORTS.count)), 0];
}

/**
 * What an agent's requests begin with: 128 bits nobody can guess, as the run's mark is random. Another agent of the same run
 * has another, so a request is always charged to the process that sent it.
 */
export const tokenOf = (run: Pick<RunState, 'nonce'>, agent: AgentId): string =>
  createHash('sha256').update(`looptop wire ${run.nonce} ${agent}`).digest('hex').slice(0, 32);

export interface Address {
  readonly token: string;
  readonly upstream: string;
  /** With its slash, and with the query. */
  readonly rest: string;
}

/** Reads `/TOKEN/UPSTREAM/rest`; null for anything else. */
export function parseAddress(url: string): Address | null {
  const match = /^\/([0-9a-f]{32})\/([a-z0-9][a-z0-9._-]{0,63})(\/[^\s]*)$/.exec(url);
  const [, token, upstream, rest] = match ?? [];
  return token && upstream && rest ? { token, upstream, rest } : null;
}

/** The run whose living, wire-metered agent has this token; null when there is none. */
export function ownerOf(fleet: FleetState, token: string): { readonly run: RunState; readonly agent: AgentId } | null {
  for (const run of Object.values(fleet.runs)) {
    const { agent } = run;
    if (agent === null || agent.fact.is === 'dead' || agent.wire === null) continue;
    if (tokenOf(run, agent.id) === token) return { run, agent: agent.id };
  }
  return null;
}
