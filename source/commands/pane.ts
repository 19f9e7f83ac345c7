/** No verb at all: the pane. Where there is no terminal to paint on, the same fleet as one plain line per change. */
import { type Command, Option } from 'commander';
import { describe } from '../loop/plain.ts';
import { type Fleet, openFleet } from './connect.ts';
import { reviewText } from './diff/text.ts';
import { listing } from './ls.ts';
import { waysInto } from './pane/attach.ts';
import { readPaneSettings } from './pane/settings.ts';
import { runTexts } from './pane/texts.ts';
import { print, printNote } from './print.ts';
import { type Direction, split } from './split.ts';

export function pane(program: Command): void {
  program
    .command('pane', { hidden: true })
    .description('open the pane; the supervisor is started if none runs')
    .option('--plain', 'one line per change instead of the pane')
    .addOption(
      new Option('--split [direction]', 'in a split of the tmux window around it: v below, h beside (--split=h)')
        .choices(['h', 'v'])
        .preset('v'),
    )
    .addHelpText('after', '\nExample:\n  looptop\n  looptop --split=h')
    .action(async ({ plain, split: direction }: { plain?: true; split?: Direction }) => {
      await using fleet = await openFleet();
      // What goes wrong up to here is said in this window: the split would close with it.
      if (direction !== undefined) await split(direction, process.env);
      else if (!plain && canPaint(process.env)) await showPane(fleet);
      else await tellPlainly(fleet);
    });
}

/** Screen readers read lines, not panes; INK_SCREEN_READER is how Ink is told of one. */
function canPaint(env: NodeJS.ProcessEnv): boolean {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return false;
  return env.TERM !== 'dumb' && env.INK_SCREEN_READER !== 'true';
}

/** Shows the fleet until the operator leaves; `farewell` replaces the words about the loops that go on. */
export async function showPane({ live, root }: Fleet, farewell?: () => string): Promise<void> {
  const { keys, theme, notify } = await readPaneSettings();
  // React and Ink are two thirds of the bundle's start, and no other verb needs them.
  const { openPane } = await import('../pane/open-pane.tsx');
  const { stdin, stdout, env } = process;
  const diffOf = (run: string) => reviewText(root, live.state, run);
  await openPane(
    {
      fleet: live,
      send: live.send,
      diffOf,
      textOf: runTexts(root, () => live.state, diffOf),
      waysInto: async (run) => waysInto(live.state.runs[run]),
      status: () => (live.lost === null ? 'connected' : 'reconnecting'),
    },
    { stdin, stdout, env, now: Date.now, keys, theme, notify, ...(farewell === undefined ? {} : { farewell }) },
  );
}

async function tellPlainly(fleet: Fleet): Promise<void> {
  for (const line of await listing(fleet.state, false)) print(line);
  printNote('one line per change follows, Ctrl-C leaves and the loops go on');
  using _telling = fleet.onChange(({ before, after, stamped }) => {
    const line = stamped === null ? null : describe(before, after, stamped);
    if (line !== null) print(line);
  });
  printNote(await fleet.closed);
}
