/** A run as `ls --json` and `show --json` print it: the public shape of the README, kept apart from the inner state. */
import { attention } from '../loop/attention.ts';
import { wallMs } from '../loop/budget.ts';
import type { Budget } from '../loop/definition/definition.ts';
import type { Stamped } from '../loop/event.ts';
import { reasonOf, stateWord } from '../loop/run-status.ts';
import { isScored, scoresOf } from '../loop/score.ts';
import type { GateStatus, Provenance, RunState } from '../loop/state.ts';
import { fresh, type Tokens } from '../loop/tokens.ts';

export interface RunJson {
  readonly id: string;
  readonly loop: string;
  readonly item: unknown;
  /** The fan that it is a part of, and the key of its item there; null for a run by itself. */
  readonly fan: { readonly id: string; readonly key: string } | null;
  /** `making`, `frozen`, `paused:budget`, `failed:agent` … */
  readonly state: string;
  /** In words, why it is held or how it ended; null while it works. */
  readonly reason: string | null;
  readonly engine: string;
  readonly model: string;
  readonly rung: number;
  readonly pass: number;
  /** The cap on `pass`. */
  readonly passes: number;
  /** Of the newest pass that has any. */
  readonly gates: readonly {
    readonly id: string;
    readonly status: GateStatus;
    readonly ms: number;
    /** The number of a metric, the likeness of a picture; null where nothing is measured. */
    readonly score: number | null;
    /** What a person should know of it even when it is green. */
    readonly flags: readonly string[];
  }[];
  /** Gate -> its score pass by pass. */
  readonly scores: Readonly<Record<string, readonly { readonly pass: number; readonly score: number }[]>>;
  /** The pass that was brought back as the best when the run stopped short of green. */
  readonly kept: { readonly gate: string; readonly pass: number; readonly score: number } | null;
  readonly tokens: Tokens & { readonly fresh: number };
  readonly usd: number | null;
  readonly provenance: Provenance;
  readonly budget: Budget;
  readonly wallMs: number;
  readonly worktree: string | null;
  readonly branch: string;
  readonly pid: number | null;
  readonly session: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly lastEventAt: string;
  /** How green work lands, and how far that is; of landed work, where it is. Null before. */
  readonly landing: {
    readonly how: string;
    readonly target: string;
    /** 1: it is its turn. */
    readonly place: number;
    readonly step: string;
    readonly gates: readonly { readonly id: string; readonly status: GateStatus; readonly ms: number }[];
    readonly commit: string | null;
    readonly url: string | null;
  } | null;
  /** What it needs of a person; null when it can be left alone. */
  readonly attention: { readonly level: string; readonly words: string } | null;
}

/** `now` is in milliseconds since 1970; only `wallMs` of a run that is at work depends on it. */
export function runJson(run: RunState, now: number): RunJson {
  const { tokens, usd, unpriced } = run.meter.total;
  const needs = attention(run);
  const { budget } = run;
  return {
    id: run.id,
    loop: run.loop,
    item: run.item,
    fan: run.fan,
    state: stateWord(run),
    reason: reasonOf(run) || null,
    engine: run.maker.engine,
    model: run.model,
    rung: run.rung,
    pass: run.pass,
    passes: budget.passes,
    gates: newestGates(run).map(({ id, status, ms, score, flags }) => ({ id, status, ms, score, flags })),
    scores: Object.fromEntries(
      run.definition.gates
        .filter(isScored)
        .map(({ id }) => [id, scoresOf(run, id).map(({ pass, score }) => ({ pass, score }))]),
    ),
    kept: run.kept && { gate: run.kept.gate, pass: run.kept.pass, score: run.kept.score },
    tokens: { ...tokens, fresh: fresh(tokens) },
    usd: unpriced ? null : usd,
    provenance: run.provenance,
    budget: { tokens: budget.tokens, usd: budget.usd, wallMs: budget.wallMs, passes: budget.passes },
    wallMs: wallMs(run, now),
    worktree: run.worktree,
    branch: run.branch,
    pid: pid(run),
    session: run.agent?.session ?? run.session?.id ?? null,
    startedAt: iso(run.startedAt),
    endedAt: run.status.tag === 'ended' ? iso(run.status.at) : null,
    lastEventAt: new Date(run.lastEventAt).toISOString(),
    landing: landingJson(run),
    attention: needs && { level: needs.level, words: needs.words },
  };
}

function landingJson({ landing, status }: RunState): RunJson['landing'] {
  if (landing === null) return null;
  const { how, target, place, step } = landing;
  const landed = status.tag === 'ended' && status.end.kind === 'landed' ? status.end.as : undefined;
  const gates = 'gates' in step ? step.gates.map(({ id, status, ms }) => ({ id, status, ms })) : [];
  const where = { commit: landed?.commit ?? null, url: landed?.url ?? null };
  return { how, target, place, step: landed === undefined ? step.is : 'landed', gates, ...where };
}

export const newestGates = (run: RunState) => run.passes.findLast((pass) => pass.gates.length > 0)?.gates ?? [];

function pid({ agent }: RunState): number | null {
  return agent !== null && (agent.fact.is === 'alive' || agent.fact.is === 'frozen') ? agent.fact.process.pid : null;
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** An event as `log --json` and `run --wait --json` print it: the journal's, with its time readable. */
export const eventJson = ({ seq, at, day, event }: Stamped) => ({ seq, at: new Date(at).toISOString(), day, event });
