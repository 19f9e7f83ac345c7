/** Small questions about a run that fold, decide, attention and the screens all ask. */
import { goesOnToLand } from './landing/automatic.ts';
import type { End, FleetState, GateResult, Hold, Pass, Phase, RunState } from './state.ts';

export const isOpen = (run: RunState): boolean => run.status.tag === 'open';

export const phaseOf = (run: RunState): Phase | null => (run.status.tag === 'open' ? run.status.phase : null);

export const holdOf = (run: RunState): Hold | null => (run.status.tag === 'open' ? run.status.hold : null);

/** Open, not held and not being killed: its clock runs and the supervisor works for it. */
export const isActive = (run: RunState): boolean =>
  run.status.tag === 'open' &&
  run.status.hold === null &&
  run.kill === null &&
  run.status.phase !== 'queued' &&
  run.status.phase !== 'review';

/** Green work on its way to its target, or in the queue for it. */
export const isLanding = (run: RunState): boolean => run.status.tag === 'open' && run.landing !== null;

/** Nothing will happen to it without a person. */
export function isSettled(fleet: Pick<FleetState, 'fans'>, run: RunState): boolean {
  if (run.status.tag === 'ended') return true;
  if (run.status.phase === 'review') return !goesOnToLand(fleet, run);
  const { hold } = run.status;
  if (hold === null) return false;
  // The provider's limit passes, and then it goes on by itself.
  if (hold.kind === 'paused' && hold.why === 'rate-limit') return false;
  return hold.kind === 'waiting' || hold.kind === 'frozen' || !agentIsAlive(run);
}

export const agentIsAlive = (run: RunState): boolean => run.agent !== null && run.agent.fact.is !== 'dead';

/** The state word of `ls` and of the screens: `making`, `paused:budget`, `failed:agent` … */
export function stateWord(run: RunState): string {
  if (run.status.tag === 'ended') return endWord(run.status.end);
  if (run.kill) return 'ending';
  const { hold, phase } = run.status;
  if (hold === null) return isLanding(run) ? 'landing' : phase;
  return hold.kind === 'paused' ? `paused:${hold.why}` : hold.kind;
}

export const endWord = (end: End): string => (end.kind === 'failed' ? `failed:${end.why}` : end.kind);

/** In words, why it is held or how it ended; empty while it works. */
export function reasonOf(run: RunState): string {
  if (run.status.tag === 'ended') {
    const { end } = run.status;
    if (end.kind === 'killed' || end.kind === 'discarded') return `by ${end.by}`;
    return end.kind === 'landed' ? landedWords(end) : end.detail;
  }
  const { hold } = run.status;
  if (hold === null) return run.unlanded?.why ?? '';
  switch (hold.kind) {
    case 'frozen':
    case 'drained':
      return `by ${hold.by}`;
    case 'paused':
      return hold.detail;
    case 'waiting':
      return hold.question;
  }
}

/** `on main, 1a2b3c4`, or the address of the request; empty where an older journal does not say. */
export function landedWords({ as }: Extract<End, { kind: 'landed' }>): string {
  if (as === undefined) return '';
  return as.url ?? `on ${as.target}, ${as.commit.slice(0, 7)}`;
}

export const currentPass = (run: RunState): Pass | undefined => run.passes.at(-1);

/** The first red required gate of a pass; undefined when none is red. */
export const redGate = (run: RunState, pass: Pass | undefined): GateResult | undefined => redGates(run, pass)[0];

/** The red required gates of a pass, the checker's verdict among them. */
export function redGates(run: RunState, pass: Pass | undefined): readonly GateResult[] {
  const required = new Set(run.definition.gates.filter((gate) => gate.required).map((gate) => gate.id));
  if (run.definition.checker !== null) required.add(run.definition.checker.gate);
  return pass?.gates.filter((gate) => required.has(gate.id) && isRed(gate)) ?? [];
}

export const isRed = (gate: GateResult): boolean =>
  gate.status === 'red' || gate.status === 'timeout' || gate.status === 'error';

/** The newest pass that ended red: what a reflection, a hand-over and the next prompt speak of. What was red before a green one is mended. */
export function lastRedPass(run: RunState): Pass | undefined {
  const judged = run.passes.findLast((pass) => pass.why === GREEN || redGate(run, pass) !== undefined);
  return judged?.why === GREEN ? undefined : judged;
}

/** Why a pass ended whose gates were all green. */
export const GREEN = 'green';
