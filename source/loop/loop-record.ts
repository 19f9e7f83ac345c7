/** LOOP-STATE: what a loop has worked on, how often it tried, what failed and what it cost, for people and for the next agent. */
import { stateWord } from './run-status.ts';
import type { FleetState, RunState } from './state.ts';
import { fresh } from './tokens.ts';

/** Runs that are told of one by one, the newest. */
const RUNS_TOLD = 50;

export interface LoopRecord {
  readonly schema: 1;
  readonly loop: string;
  readonly runs: readonly {
    readonly id: string;
    readonly item: unknown;
    readonly state: string;
    readonly passes: number;
    readonly model: string;
    /** Fingerprints of what its gates said, oldest first, each once. */
    readonly failures: readonly string[];
    /** `git write-tree` after its last pass; null when none has ended. */
    readonly tree: string | null;
    readonly branch: string;
    readonly freshTokens: number;
    /** Null when it has no known price. */
    readonly usd: number | null;
    readonly startedAt: string | null;
  }[];
  readonly freshTokens: number;
  readonly usd: number;
}

export function loopRecord(fleet: FleetState, loop: string): LoopRecord {
  const runs = Object.values(fleet.runs).filter((run) => run.loop === loop);
  return {
    schema: 1,
    loop,
    runs: runs.slice(-RUNS_TOLD).map(told),
    freshTokens: runs.reduce((sum, run) => sum + fresh(run.meter.total.tokens), 0),
    usd: runs.reduce((sum, run) => sum + run.meter.total.usd, 0),
  };
}

const told = (run: RunState): LoopRecord['runs'][number] => ({
  id: run.id,
  item: run.item,
  state: stateWord(run),
  passes: run.pass,
  model: run.model,
  failures: [...new Set(run.passes.flatMap((pass) => pass.gates.flatMap((gate) => gate.fingerprint ?? [])))],
  tree: run.passes.findLast((pass) => pass.tree !== null)?.tree ?? null,
  branch: run.branch,
  freshTokens: fresh(run.meter.total.tokens),
  usd: run.meter.total.unpriced ? null : run.meter.total.usd,
  startedAt: run.startedAt === null ? null : new Date(run.startedAt).toISOString(),
});
