/** Which pass the branch gets when a run stops short of green (`budget.keep-best`): the best, not the last. */
import { agentIsAlive, currentPass } from './run-status.ts';
import { bestOf, formatScore, isScored, type ScoredGate, scoresOf } from './score.ts';
import type { RunState } from './state.ts';

export interface Best {
  readonly gate: string;
  readonly pass: number;
  readonly score: number;
  /** Content of the worktree after that pass. */
  readonly tree: string;
}

/** The best pass that can be brought back; null when the loop asks for none, or no pass was measured. */
export function bestPass(run: RunState): Best | null {
  const gate = keptBy(run);
  if (gate === null) return null;
  const best = bestOf(
    gate,
    scoresOf(run, gate.id).filter(({ tree }) => tree !== null),
  );
  return best === null || best.tree === null
    ? null
    : { gate: gate.id, pass: best.pass, score: best.score, tree: best.tree };
}

/**
 * The best pass while it is still to be brought onto the branch; null when nothing is to be done. That is between passes
 * (a pass that was interrupted goes on with what it has) of a run that waits for more budget or is stuck, and at its end.
 */
export function toKeep(run: RunState): Best | null {
  if (run.worktree === null || run.tornDown || agentIsAlive(run) || run.kill !== null) return null;
  if (run.kept !== null && run.kept.after === lastScored(run)) return null;
  const { status } = run;
  const over =
    status.tag === 'ended'
      ? status.end.kind === 'exhausted' || status.end.kind === 'discarded'
      : status.hold?.kind === 'paused' &&
        (status.hold.why === 'budget' || status.hold.why === 'stuck') &&
        betweenPasses(run);
  return over && run.commit === (run.kept?.commit ?? null) ? bestPass(run) : null;
}

const betweenPasses = (run: RunState): boolean =>
  run.status.tag === 'open' &&
  (run.status.phase === 'reflecting' || (run.status.phase === 'making' && run.agents === 0));

/** The newest pass that was measured: what a best of all so far depends on. */
export function lastScored(run: RunState): number {
  const gate = keptBy(run);
  return (gate === null ? undefined : scoresOf(run, gate.id).at(-1)?.pass) ?? currentPass(run)?.n ?? 0;
}

function keptBy(run: RunState): ScoredGate | null {
  const id = run.definition.keepBest;
  const gate = run.definition.gates.find((each) => each.id === id);
  return gate !== undefined && isScored(gate) ? gate : null;
}

/** `pass 5, the best by look (0.93)`. */
export const bestWords = ({ gate, pass, score }: Pick<Best, 'gate' | 'pass' | 'score'>): string =>
  `pass ${pass}, the best by ${gate} (${formatScore(score)})`;

/** `; the branch has pass 5, the best by look (0.93)`; empty when nothing was kept. */
export function keptWords({ kept }: RunState): string {
  return kept === null || kept.commit === null ? '' : `; the branch has ${bestWords(kept)}`;
}
