/** When a run goes in circles. Rules work on tool calls of the pass under way and on the gates and trees of passes that ended. */
import { redGate } from './run-status.ts';
import type { Pass, RunState } from './state.ts';

export interface Stuck {
  readonly rule: 'repeat' | 'cycle' | 'same-failure' | 'no-diff';
  /** For a person: what repeats, and how often. */
  readonly words: string;
  /** `nudge`: tell the agent. `act`: climb the ladder, or wait for a person when it has no rung left. */
  readonly act: 'nudge' | 'act';
}

/** Same tool, same input, same result in a row: nudge at 3, act at 4 (OpenHands stops at 4, mini-ralph and others at 3 to 5). */
const REPEAT = { nudge: 3, act: 4 };
/** A cycle of 2 to 5 calls: nudge at 4 rounds, act at 5 (gemini-cli: 5 cycles of length 1 to 5). */
const CYCLE = { nudge: 4, act: 5, longest: 5 };
/** Passes in a row on the same rung that end in the same failure. */
const SAME_FAILURE = 3;
/** Passes in a row that leave the worktree exactly as it was. */
const NO_DIFF = 2;

/** Judges the agent at work; null while it makes progress. An edit or another file between two equal calls is progress. */
export function stuckAtWork(run: RunState): Stuck | null {
  const calls = run.calls
    .filter((call) => call.result !== null)
    .map((call) => ({ ...call, sign: `${call.key}=${call.result}` }));
  const last = calls.at(-1);
  if (last === undefined) return null;
  const equal = trailing(calls, (call) => call.sign === last.sign);
  if (equal >= REPEAT.nudge) {
    const words = `the same call with the same result ${equal} times in a row: ${last.label}`;
    return { rule: 'repeat', words, act: equal >= REPEAT.act ? 'act' : 'nudge' };
  }
  const signs = calls.map((call) => call.sign);
  for (let length = 2; length <= CYCLE.longest; length++) {
    const rounds = cycles(signs, length);
    if (rounds < CYCLE.nudge) continue;
    return {
      rule: 'cycle',
      words: `the same ${length} calls ${rounds} times round: … ${last.label}`,
      act: rounds >= CYCLE.act ? 'act' : 'nudge',
    };
  }
  return null;
}

/** Judges the passes that ended on the present rung, before the next one starts. */
export function stuckBetweenPasses(run: RunState): Stuck | null {
  const ended = passesOfRung(run);
  const same = sameFailure(run);
  if (same >= SAME_FAILURE) {
    const gate = redGate(run, ended.at(-1));
    return {
      rule: 'same-failure',
      words: `the same failure ${same} passes in a row: ${ended.at(-1)?.why ?? gate?.id}`,
      act: 'act',
    };
  }
  const tree = ended.at(-1)?.tree ?? null;
  const still = tree === null ? 0 : trailing(ended, (pass) => pass.tree === tree);
  // The first of them may have made the change; only those after it changed nothing.
  if (still > NO_DIFF) return { rule: 'no-diff', words: `${still - 1} passes in a row changed no file`, act: 'act' };
  return null;
}

/** How many passes in a row on the present rung ended in the same failure of the same gates. */
export function sameFailure(run: RunState): number {
  const ended = passesOfRung(run);
  const last = ended.at(-1);
  const print = last && failurePrint(run, last);
  return print ? trailing(ended, (pass) => failurePrint(run, pass) === print) : 0;
}

export const passesOfRung = (run: RunState): readonly Pass[] =>
  run.passes.filter(
    (pass) =>
      pass.endedAt !== null && pass.n > run.forgiven && pass.rung === run.rung && redGate(run, pass) !== undefined,
  );

/** The red gates of a pass and what failed in each, as one text; empty when nothing was red. */
function failurePrint(run: RunState, pass: Pass): string {
  const required = new Set(run.definition.gates.filter((gate) => gate.required).map((gate) => gate.id));
  return pass.gates
    .filter((gate) => required.has(gate.id) && gate.status !== 'green' && gate.status !== 'pending')
    .map((gate) => `${gate.id}:${gate.fingerprint ?? gate.status}`)
    .join(' ');
}

function trailing<T>(list: readonly T[], matches: (item: T) => boolean): number {
  const stop = list.findLastIndex((item) => !matches(item));
  return list.length - 1 - stop;
}

/** How often the last `length` signs were repeated, counting themselves; a run of one and the same sign is no cycle. */
function cycles(signs: readonly string[], length: number): number {
  const round = signs.slice(-length);
  if (round.length < length || new Set(round).size === 1) return 0;
  let rounds = 1;
  while (signs.length >= (rounds + 1) * length) {
    const from = signs.length - (rounds + 1) * length;
    if (!round.every((sign, index) => signs[from + index] === sign)) break;
    rounds++;
  }
  return rounds;
}
