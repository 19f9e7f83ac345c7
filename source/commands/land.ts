/** land: green work onto its target, one run at a time, and waits for what comes of it. */
import type { Command as Program } from 'commander';
import type { Command } from '../loop/command.ts';
import { UsageError } from '../loop/errors.ts';
import { emptyFleet } from '../loop/fold.ts';
import { usualWay } from '../loop/landing/answer-landing.ts';
import { targetOf } from '../loop/landing/target.ts';
import { howWords } from '../loop/landing/words.ts';
import type { FleetState, LandHow, RunState } from '../loop/state.ts';
import { confirm, needSomebody } from './ask.ts';
import { type Fleet, lookAtFleet } from './connect.ts';
import { Ended } from './ended.ts';
import { whatCameOf } from './landed.ts';
import { print, printJson, printNote } from './print.ts';
import { selectRuns } from './select.ts';

interface Options {
  readonly rebase?: true;
  readonly merge?: true;
  readonly squash?: true;
  readonly pr?: true;
  readonly onto?: string;
  readonly push?: true;
  readonly wait: boolean;
  readonly yes?: true;
  readonly json?: true;
}

export function land(program: Program): void {
  program
    .command('land')
    .description(
      'land green work: onto the branch that it started from, with all gates once more, or as a pull request',
    )
    .argument('<run...>', 'ids of runs in review; they land one after the other')
    .option('--rebase', 'its commits follow those of the target (the default)')
    .option('--merge', 'a merge commit')
    .option('--squash', 'one commit')
    .option('--pr', 'push its branch and open a draft pull request through gh')
    .option('--onto <branch>', 'another target than the branch it started from')
    .option('--push', 'push the target too, once it has moved')
    .option('--no-wait', 'do not wait for what comes of it')
    .option('--yes', 'do not ask')
    .option('--json', 'print what was done as JSON')
    .addHelpText('after', '\nExample:\n  looptop land ci-fix-12 --squash --push')
    .action(carryOut);
}

async function carryOut(ids: readonly string[], options: Options): Promise<void> {
  const { yes, json, wait } = options;
  const how = chosenHow(options);
  if (yes !== true) needSomebody(`Land ${ids.join(', ')}?`);
  await using fleet = await lookAtFleet();
  const runs = selectRuns(fleet?.state ?? emptyFleet(), ids, false, () => true);
  if (fleet === null) throw new UsageError('nothing has run in this repository yet: looptop run LOOP starts a run');
  if (!(await confirm(question(fleet.state, runs, how, options), yes === true))) throw new Ended('nothing was done', 1);
  const asked = await ask(fleet, runs, { how, options });
  const outcomes = [];
  for (const { run, refused, code } of asked) {
    const outcome =
      refused !== null
        ? { words: refused, code, landed: null }
        : wait
          ? await whatCameOf(fleet, run)
          : { words: '', code: 0, landed: null };
    outcomes.push({ run, ...outcome });
    if (json !== true && refused === null && outcome.words !== '')
      (outcome.code === 0 ? print : printNote)(outcome.words);
  }
  if (json === true)
    printJson(outcomes.map(({ run, code, words, landed }) => ({ run, done: code === 0, text: words, landed })));
  const failed = outcomes.find(({ code }) => code !== 0);
  if (failed !== undefined) throw new Ended('', failed.code);
}

function chosenHow({ rebase, merge, squash, pr }: Options): LandHow | null {
  const chosen = (Object.entries({ rebase, merge, squash, pr }) as [LandHow, true | undefined][]).filter(
    ([, is]) => is,
  );
  if (chosen.length > 1) throw new UsageError('say one of --rebase, --merge, --squash and --pr');
  return chosen[0]?.[0] ?? null;
}

/** What happens, before it does. */
function question(fleet: FleetState, runs: readonly RunState[], how: LandHow | null, { onto, push }: Options): string {
  const each = runs.map((run) => {
    const target = onto ?? targetOf(fleet, run) ?? 'no branch';
    return `${run.id} (${howWords({ how: how ?? usualWay(fleet, run), target })})`;
  });
  const asks = runs.flatMap(({ definition }) => definition.onSuccess.asks);
  const also = asks.length === 0 ? '' : ` Landing says yes to: ${asks.join(' ')}`;
  return `Land ${each.join(', ')}? All gates run on the merged tree first.${push ? ' Then the target is pushed.' : ''}${also}`;
}

interface Asked {
  readonly run: string;
  readonly refused: string | null;
  readonly code: number;
}

/** All at once, so that they stand in the queue in this order. */
async function ask(
  fleet: Fleet,
  runs: readonly RunState[],
  { how, options: { onto, push, json } }: { readonly how: LandHow | null; readonly options: Options },
): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  for (const { id } of runs) {
    const command: Command = {
      ...{ do: 'land', run: id },
      ...(how === null ? {} : { how }),
      ...(onto === undefined ? {} : { onto }),
      ...(push === true ? { push } : {}),
    };
    try {
      const { text } = await fleet.carryOut(command);
      if (json !== true) print(text);
      asked.push({ run: id, refused: null, code: 0 });
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      if (json !== true) printNote(error.message);
      asked.push({ run: id, refused: error.message, code: error.exitCode });
    }
  }
  return asked;
}
