/** No verb at all: the pane. Where there is no terminal to paint on, the same fleet as one plain line per change. */
import type { Command } from 'commander';
import { describe } from '../loop/plain.ts';
import { type Fleet, openFleet } from './connect.ts';
import { listing } from './ls.ts';
import { waysInto } from './pane/attach.ts';
import { readPaneSettings } from './pane/settings.ts';
import { runTexts } from './pane/texts.ts';
import { print, printNote } from './print.ts';

export function pane(program: Command): void {
  program
    .command('pane', { hidden: true })
    .description('open the pane; the supervisor is started if none runs')
    .option('--plain', 'one line per change instead of the pane')
    .addHelpText('after', '\nExample:\n  looptop')
    .action(async ({ plain }: { plain?: true }) => {
      await using fleet = await openFleet();
      if (!plain && canPaint(process.env)) await showPane(fleet);
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
  const { keys, theme } = await readPaneSettings();
  // React and Ink are two thirds of the bundle's start, and no other verb needs them.
  const { openPane } = await import('../pane/open-pane.tsx');
  const { stdin, stdout, env } = process;
  const texts = runTexts(root, () => live.state);
  await openPane(
    {
      fleet: live,
      send: live.send,
      diffOf: (run) => texts.diff(run),
      textOf: (text) => texts.read(text),
      waysInto: async (run) => waysInto(live.state.runs[run]),
      status: () => (live.lost === null ? 'connected' : 'reconnecting'),
    },
    { stdin, stdout, env, now: Date.now, keys, theme, ...(farewell === undefined ? {} : { farewell }) },
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
