/** log: what a run's agents thought, did and saw, pass by pass; with -f as it happens. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../loop/errors.ts';
import { isRunEvent, type Stamped } from '../loop/event.ts';
import { goesOnToLand } from '../loop/landing/automatic.ts';
import { stateWord } from '../loop/run-status.ts';
import type { FleetState, RunState } from '../loop/state.ts';
import { type Fleet, lookAtFleet } from './connect.ts';
import { eventJson } from './json.ts';
import { print, printJsonLine, printNote } from './print.ts';
import { findRun } from './select.ts';

interface Options {
  readonly follow?: true;
  readonly raw?: true;
  readonly json?: true;
}

export function log(program: Command): void {
  program
    .command('log')
    .description('what the agents of a run thought, did and saw')
    .argument('<run>', 'id of the run')
    .option('-f, --follow', 'go on as it happens, until the run is over')
    .option('--raw', 'the transcripts byte by byte, as the agents wrote them')
    .option('--json', 'the events of the journal, one JSON object a line')
    .addHelpText('after', '\nExample:\n  looptop log ci-fix-12 -f')
    .action(async (name: string, { follow, raw, json }: Options) => {
      if (raw && json) throw new UsageError('--raw and --json exclude each other');
      await using fleet = await lookAtFleet();
      if (fleet === null) throw new UsageError(`there is no run ${name}: nothing has run in this repository yet`);
      const { id } = findRun(fleet.state, name);
      if (json) return await tellEvents(fleet, id, follow === true);
      const { rawStory, story } = await import('./log/story.ts');
      const folder = join(fleet.root, '.looptop', 'runs', id);
      if (raw) {
        if (process.stdout.isTTY) printNote('--raw prints what the agents wrote as it is: it can change your terminal');
        const tell = rawStory(folder);
        return await tellOn(fleet, id, follow === true, async (run) => {
          for await (const bytes of tell(run)) process.stdout.write(bytes);
        });
      }
      const tell = story(folder);
      return await tellOn(fleet, id, follow === true, async (run) => {
        for await (const line of tell(run)) print(line);
      });
    });
}

/** Tells once, or after every event of the run until it is over. */
async function tellOn(
  fleet: Fleet,
  id: string,
  follow: boolean,
  tell: (run: RunState) => Promise<void>,
): Promise<void> {
  let wake = Promise.withResolvers<void>();
  using _watch = fleet.onChange(({ before, after }) => {
    if (before.runs[id] !== after.runs[id]) wake.resolve();
  });
  const closed = fleet.closed.then(() => 'closed' as const);
  while (true) {
    const run = fleet.state.runs[id];
    if (run === undefined) return;
    await tell(run);
    if (!follow) return;
    if (isOver(fleet.state, run)) return printNote(`${run.id} is over: ${stateWord(run)}`);
    if ((await Promise.race([wake.promise, closed])) === 'closed')
      return printNote('the supervisor has gone, the log ends here');
    wake = Promise.withResolvers();
  }
}

async function tellEvents(fleet: Fleet, id: string, follow: boolean): Promise<void> {
  const { readJournal } = await import('../supervisor/journal/journal.ts');
  const mine = ({ event }: Stamped) => isRunEvent(event) && event.run === id;
  const over = Promise.withResolvers<void>();
  let last = 0;
  const tell = (stamped: Stamped, run: RunState | undefined) => {
    if (stamped.seq > last && mine(stamped)) printJsonLine(eventJson(stamped));
    last = Math.max(last, stamped.seq);
    if (run === undefined || isOver(fleet.state, run)) over.resolve();
  };
  // Live events wait until the journal has been read; those in both are told once.
  const live: { stamped: Stamped; run: RunState | undefined }[] = [];
  let reading = true;
  using _watch = fleet.onChange(({ after, stamped }) => {
    if (stamped === null) return;
    if (reading) live.push({ stamped, run: after.runs[id] });
    else tell(stamped, after.runs[id]);
  });
  const { tail } = await readJournal(join(fleet.root, '.looptop', 'journal'));
  const present = fleet.state.runs[id];
  if (!tail.some(({ event }) => event.type === 'run-queued' && event.run === id)) {
    printNote(`the journal was rotated since ${id} began: its first events are only in the older files`);
  }
  for (const stamped of tail) tell(stamped, present);
  if (!follow || present === undefined) return;
  for (const { stamped, run } of live) tell(stamped, run);
  reading = false;
  await Promise.race([over.promise, fleet.closed]);
}

const isOver = (fleet: Pick<FleetState, 'fans'>, run: RunState): boolean =>
  run.status.tag === 'ended' ||
  (run.status.phase === 'review' && run.status.hold === null && !goesOnToLand(fleet, run));
