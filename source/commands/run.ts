/** run: fire a loop now, and with --wait stay until it is green, held or over. */
import type { Command as Program } from 'commander';
import type { Command } from '../loop/command.ts';
import { UsageError } from '../loop/errors.ts';
import { type Event, isRunEvent } from '../loop/event.ts';
import { describe } from '../loop/plain.ts';
import type { FleetState } from '../loop/state.ts';
import { sanitize } from '../loop/text.ts';
import { type Change, type Fleet, openFleet } from './connect.ts';
import { Ended, INTERRUPTED } from './ended.ts';
import { eventJson, runJson } from './json.ts';
import { print, printJson, printJsonLine, printNote } from './print.ts';
import { fanVerdict, type Verdict, verdict } from './settle.ts';
import { fanJson } from './show/fan.ts';

interface Options {
  readonly item?: unknown;
  readonly set?: Record<string, string>;
  readonly wait?: true;
  readonly json?: true;
}

export function run(program: Program): void {
  program
    .command('run')
    .description('fire a loop now')
    .argument('<loop>', 'name of the loop, as in loops/NAME.md')
    .option('--item <json>', 'what to work on', parseItem)
    .option(
      '--set <key=value>',
      'for this run only: budget.tokens, budget.usd, budget.wall, budget.passes, model, goal',
      addSetting,
    )
    .option('--wait', 'until it is green (exit 0), red (3), at a cap (4), stuck (5) or killed (6)')
    .option('--json', 'print the run as JSON; with --wait its events, one a line')
    .addHelpText('after', '\nExample:\n  looptop run ci-fix --set budget.usd=2 --wait')
    .action(fire);
}

async function fire(loop: string, { item, set, wait, json }: Options): Promise<void> {
  const command: Command = {
    do: 'run',
    loop,
    ...(item === undefined ? {} : { item }),
    ...(set === undefined ? {} : { set }),
  };
  await using fleet = await openFleet();
  // Awaited here: the fleet is let go of at the end of this function.
  if (wait) return await follow(fleet, command, json === true);
  const { text, run } = await fleet.carryOut(command);
  const made = run === null ? undefined : fleet.state.runs[run];
  const fan = run === null ? undefined : fleet.state.fans[run];
  if (!json) return print(text);
  if (fan !== undefined) return printJson(fanJson(fleet.state, fan, Date.now()));
  printJson(made === undefined ? { id: run, text } : runJson(made, Date.now()));
}

/** Fires and prints what happens to the run until there is a verdict. */
async function follow(fleet: Fleet, command: Command, json: boolean): Promise<void> {
  let run: string | null = null;
  let noEngine = false;
  const settled = Promise.withResolvers<Verdict>();
  const see = ({ before, after, stamped }: Change) => {
    if (run === null) return;
    if (stamped !== null && isAbout(after, stamped.event, run)) {
      if (stamped.event.type === 'agent-unstartable' && stamped.event.why === 'no-engine') noEngine = true;
      const line = json ? null : describe(before, after, stamped);
      if (json) printJsonLine(eventJson(stamped));
      else if (line !== null) print(line);
    }
    const present = after.runs[run];
    const fan = after.fans[run];
    const whole = fan === undefined ? null : fanVerdict(after, fan, Date.now());
    const found = present === undefined ? whole : verdict(after, present, noEngine);
    if (found !== null) settled.resolve(found);
  };
  // The run's first events can overtake the answer that says which run it is.
  const early: Change[] = [];
  using _watch = fleet.onChange((change) => {
    if (run === null) early.push(change);
    else see(change);
  });
  using _interrupt = onInterrupt(() => settled.resolve({ code: INTERRUPTED, words: '' }));
  const answer = await fleet.carryOut(command);
  run = answer.run;
  // Nothing new to work on: there is no run to wait for.
  if (run === null) return json ? undefined : print(answer.text);
  for (const change of early) see(change);
  const followed = run in fleet.state.fans ? `looptop show ${run}` : `looptop log ${run} -f`;
  const lost = fleet.closed.then(
    (words): Verdict => ({
      code: 1,
      words: `the supervisor has gone (${words}): looptop up, then ${followed}`,
    }),
  );
  const { code, words } = await Promise.race([settled.promise, lost]);
  if (code === INTERRUPTED) {
    printNote(`${run} goes on: ${followed} follows it, looptop stop ${run} ends it`);
    throw new Ended('', code);
  }
  if (code !== 0) throw new Ended(sanitize(words), code);
  if (!json) print(sanitize(words));
}

/** Of a fan, what happens to it and to its runs. */
function isAbout(after: FleetState, event: Event, id: string): boolean {
  if (!isRunEvent(event)) return 'fan' in event && event.fan === id;
  return event.run === id || after.runs[event.run]?.fan?.id === id;
}

/** Stays in place until the verb ends: Ctrl-C may come twice, once from the terminal and once through the launcher. */
function onInterrupt(act: () => void): Disposable {
  process.on('SIGINT', act);
  return { [Symbol.dispose]: () => process.off('SIGINT', act) };
}

function parseItem(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--item is not JSON: ${text}; a plain word is written '"word"'`, { cause: error });
  }
}

function addSetting(text: string, earlier: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--set takes KEY=VALUE, not ${text}`);
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}
