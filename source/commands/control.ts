/** freeze, resume, drain, stop, kill: the five verbs that take `RUN...` or --all. What they mean is the supervisor's business. */
import type { Command as Program } from 'commander';
import { askedGate } from '../loop/approval.ts';
import { UsageError } from '../loop/errors.ts';
import { openFans } from '../loop/fanout/fans.ts';
import { emptyFleet } from '../loop/fold.ts';
import { holdOf, phaseOf } from '../loop/run-status.ts';
import type { FleetState, RunState } from '../loop/state.ts';
import { confirm, needSomebody } from './ask.ts';
import { type Fleet, lookAtFleet } from './connect.ts';
import { Ended } from './ended.ts';
import { print, printJson, printNote } from './print.ts';
import { selectRuns } from './select.ts';

interface Control {
  readonly verb: 'freeze' | 'resume' | 'drain' | 'stop' | 'kill';
  readonly does: string;
  readonly example: string;
  /** What of the open runs --all means. */
  readonly applies: (run: RunState) => boolean;
  /** What would be lost, as a question; null where nothing is. */
  readonly asks: ((runs: string, chosen: readonly RunState[]) => string) | null;
}

/** Green work has no process any more, and `--all` must not throw it away. */
const isUnfinished = (run: RunState) => phaseOf(run) !== 'review';

/** Three tries of the supervisor's at what will not die; it goes on trying. */
const CONFIRM_MS = 15_000;

const waitsForYes = (run: RunState) => askedGate(run) !== null;

const isHeld = (run: RunState) => holdOf(run) !== null;

const controls: readonly Control[] = [
  {
    verb: 'freeze',
    does: 'halt the process tree of a run now; `resume` goes on where it stood',
    example: 'looptop freeze ci-fix-12',
    applies: (run) => isUnfinished(run) && !isHeld(run),
    asks: null,
  },
  {
    verb: 'resume',
    does: 'let a frozen, drained or paused run go on; approve one that asks',
    example: 'looptop resume --all',
    // What waits for an answer gets it with `note`, and nobody approves by the dozen.
    applies: (run) => isHeld(run) && holdOf(run)?.kind !== 'waiting' && !waitsForYes(run),
    asks: null,
  },
  {
    verb: 'drain',
    does: 'let the pass finish and start no other',
    example: 'looptop drain ci-fix-12 triage-3',
    applies: (run) => isUnfinished(run) && !isHeld(run) && run.drain === null,
    asks: null,
  },
  {
    verb: 'stop',
    does: 'end a run politely: its agent may finish the sentence; refuse one that asks for approval',
    example: 'looptop stop ci-fix-12 --yes',
    // A No would set its maker to work.
    applies: (run) => isUnfinished(run) && !waitsForYes(run),
    asks: (runs, chosen) =>
      chosen.length > 0 && chosen.every(waitsForYes)
        ? `Refuse ${runs}? The gate is red then, and the maker begins the next pass.`
        : `Stop ${runs}? The pass under way is not finished; the branch is kept.`,
  },
  {
    verb: 'kill',
    does: 'end a run and every process it started, at once',
    example: 'looptop kill --all --yes',
    applies: isUnfinished,
    asks: (runs) => `Kill ${runs} now? What is not committed may be lost.`,
  },
];

export function control(program: Program): void {
  for (const each of controls) {
    program
      .command(each.verb)
      .description(each.does)
      .argument(
        '[run...]',
        `ids of runs, as \`looptop ls\` shows them${each.verb === 'stop' ? ', or of fans: they begin nothing more' : ''}`,
      )
      .option('--all', `every open run that there is something to ${each.verb} of`)
      .option('--yes', 'do not ask')
      .option('--json', 'print what was done as JSON')
      .addHelpText('after', `\nExample:\n  ${each.example}`)
      .action((ids: string[], options: Options) => carryOut(each, ids, options));
  }
}

interface Options {
  readonly all?: true;
  readonly yes?: true;
  readonly json?: true;
}

async function carryOut(each: Control, ids: readonly string[], { all, yes, json }: Options): Promise<void> {
  const { verb, applies, asks } = each;
  // Before anything is started or connected to.
  if (ids.length === 0 && all !== true) throw new UsageError(`name a run to ${verb}, or say --all`);
  if (asks !== null && yes !== true) needSomebody(asks(ids.length > 0 ? ids.join(', ') : 'all runs', []));
  await using fleet = await lookAtFleet();
  const state = fleet?.state ?? emptyFleet();
  const fans = fansOf(state, verb, ids, all === true);
  const runs = selectRuns(state, without(ids, fans), all === true, applies);
  if (fleet === null || runs.length + fans.length === 0) {
    if (json === true) printJson([]);
    else print(`no run to ${verb}`);
    return;
  }
  const some = runs.length <= 3 ? runs.map((run) => run.id) : [`${runs.length} runs`];
  const named = [...fans, ...some].join(', ');
  if (asks !== null && !(await confirm(asks(named, runs), yes === true))) throw new Ended('nothing was done', 1);
  const answers: { run: string; done: boolean; text: string }[] = [];
  let refusal: Ended | null = null;
  for (const id of [...fans, ...runs.map((run) => run.id)]) {
    try {
      const { text } = await fleet.carryOut(fans.includes(id) ? { do: 'stop-fan', fan: id } : { do: verb, run: id });
      answers.push({ run: id, done: true, text });
      if (json !== true) print(text);
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      // The others still get their turn: half a `kill --all` is the worst of both.
      refusal ??= error;
      answers.push({ run: id, done: false, text: error.message });
      if (json !== true) printNote(error.message);
    }
  }
  const sent = answers.filter(({ done }) => done).map(({ run }) => run);
  const killed = without(sent, fans);
  // A script goes on after `kill` as if nothing of the run were left: so nothing may be.
  const left = verb === 'kill' ? await confirmed(fleet, killed) : [];
  if (json === true) printJson(answers);
  else if (verb === 'kill' && killed.length > left.length) print('confirmed: nothing that was started is alive');
  if (left.length > 0) throw new Ended(`${left.join(', ')}: something is still alive; looptop log tells what`, 1);
  if (refusal !== null) throw new Ended('', refusal.exitCode);
}

/** Fans that are named, or all of them where all runs are to end: each would begin the next of its items in their place. */
function fansOf(state: FleetState, verb: Control['verb'], ids: readonly string[], all: boolean): string[] {
  if (verb !== 'stop' && verb !== 'kill') return [];
  if (all)
    return openFans(state)
      .filter(({ stopped }) => stopped === null)
      .map(({ id }) => id);
  return verb === 'stop' ? ids.filter((id) => Object.hasOwn(state.fans, id)) : [];
}

const without = (ids: readonly string[], fans: readonly string[]): string[] => ids.filter((id) => !fans.includes(id));

/** Waits until these runs are confirmed dead; resolves with those that are not within 15 s. */
async function confirmed(fleet: Fleet, runs: readonly string[]): Promise<string[]> {
  const dying = () => runs.filter((id) => fleet.state.runs[id]?.kill);
  const limit = AbortSignal.timeout(CONFIRM_MS);
  try {
    await fleet.live.until(() => dying().length === 0, limit);
  } catch (error) {
    if (!limit.aborted) throw error;
  }
  return dying();
}
