/** LOOP-STATE: what a loop has worked on, how often it tried, what failed and what it cost, for people and for the next agent. */
import { stateWord } from './run-status.ts';
import type { FleetState, Hit, RunState } from './state.ts';
import { fresh } from './tokens.ts';
import { candidatesOf } from './triage/candidates.ts';
import { byUrgency, triageOf } from './triage/hits.ts';
import { keyOf, labelOf } from './triage/item.ts';

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
  /** What it has found and is not dealt with or was promoted, the most urgent first; without the words, which are others'. */
  readonly hits: readonly Pick<Hit, 'id' | 'key' | 'priority' | 'confidence' | 'status' | 'promotedTo'>[];
  /** The last look of its `discover`; null when it never looked. */
  readonly looked: { readonly at: string; readonly words: string } | null;
  readonly freshTokens: number;
  readonly usd: number;
}

export function loopRecord(fleet: FleetState, loop: string): LoopRecord {
  const runs = Object.values(fleet.runs).filter((run) => run.loop === loop);
  const { looked } = triageOf(fleet, loop);
  return {
    schema: 1,
    loop,
    runs: runs.slice(-RUNS_TOLD).map(told),
    hits: Object.values(fleet.hits)
      .filter((hit) => hit.loop === loop && (hit.status === 'open' || hit.status === 'promoted'))
      .sort(byUrgency)
      .map(({ id, key, priority, confidence, status, promotedTo }) => ({
        id,
        key,
        priority,
        confidence,
        status,
        promotedTo,
      })),
    looked: looked && { at: new Date(looked.at).toISOString(), words: looked.words },
    freshTokens: runs.reduce((sum, run) => sum + fresh(run.meter.total.tokens), 0),
    usd: runs.reduce((sum, run) => sum + run.meter.total.usd, 0),
  };
}

/** Whoever reads this file may be an agent: of what other people wrote, only the keys. */
function itemOf({ item, trust, definition }: RunState): unknown {
  if (trust === 'trusted') return item;
  const keys = candidatesOf(item).map(({ key }) => key);
  const key = keyOf(item, 'key') ?? keyOf(item, definition.discover?.key ?? 'id');
  return keys.length > 0 ? { keys } : { key: key === null ? null : labelOf(key) };
}

const told = (run: RunState): LoopRecord['runs'][number] => ({
  id: run.id,
  item: itemOf(run),
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
