/** demo: a fleet of scripted agents in a throw-away repository. Worktrees, gates, budgets and processes are real. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Command, InvalidArgumentError } from 'commander';
import { attention } from '../../loop/attention.ts';
import { describe } from '../../loop/plain.ts';
import { isSettled, reasonOf, stateWord } from '../../loop/run-status.ts';
import type { FleetState } from '../../loop/state.ts';
import { sanitize } from '../../loop/text.ts';
import { fresh } from '../../loop/tokens.ts';
import { waitingHits } from '../../loop/triage/promote.ts';
import { formatTokens, formatUsd } from '../../loop/units.ts';
import { type Fleet, openFleet } from '../connect.ts';
import { showPane } from '../pane.ts';
import { print, printNote } from '../print.ts';
import { demoLoops } from './loops.ts';
import { PROJECT } from './project.ts';

interface Options {
  readonly keep?: true;
  readonly pace: number;
  readonly plain?: true;
}

/** Longest time that the fleet of a demo without a terminal may take to settle. */
const SETTLE_MS = 180_000;

export function demo(program: Command): void {
  program
    .command('demo')
    .description('a fleet of scripted agents in a throw-away repository, without a key or a network')
    .option('--plain', 'one line per change instead of the pane, to the end of all runs')
    .option('--pace <factor>', 'how slowly the agents work: 1 to be watched, 0 as fast as they can', parsePace, 1)
    .option('--keep', 'leave the repository behind and say where it is')
    .addHelpText('after', '\nExample:\n  looptop demo')
    .action(play);
}

function parsePace(text: string): number {
  const pace = Number(text);
  if (!(pace >= 0 && pace <= 10)) throw new InvalidArgumentError('It is a number from 0 to 10.');
  return pace;
}

async function play({ keep, pace, plain }: Options): Promise<void> {
  const stage = await realpath(await mkdtemp(join(tmpdir(), 'looptop-demo-')));
  const shop = join(stage, 'shop');
  const { files, loops } = demoLoops(pace);
  try {
    await build(shop, { ...PROJECT, ...files });
    // Nothing of the demo may touch the operator's own settings, worktrees or supervisor.
    process.env.XDG_CONFIG_HOME = join(stage, 'config');
    process.env.XDG_STATE_HOME = join(stage, 'state');
    process.env.XDG_RUNTIME_DIR = join(stage, 'run');
    // A demo whose terminal was closed, or which was killed, leaves nothing behind.
    process.env.LOOPTOP_ORPHAN_EXIT = '10s';
    await mkdir(process.env.XDG_RUNTIME_DIR, { mode: 0o700 });
    process.chdir(shop);
    const { readLoops } = await import('../../supervisor/memory/loop-files.ts');
    const { trust } = await import('../../supervisor/memory/trust.ts');
    await trust(shop, await readLoops(shop));
    const fleet = await openFleet();
    try {
      if (process.stdout.isTTY && !plain) {
        // The pane opens at once and is watched while the runs arrive.
        const started = startAll(fleet, loops);
        await showPane(fleet, () => 'The demo is over, its repository and its runs are gone. In yours: looptop init.');
        await started;
      } else {
        await tell(fleet, loops);
      }
    } finally {
      await fleet.carryOut({ do: 'down', now: true });
      await fleet[Symbol.asyncDispose]();
    }
  } finally {
    process.chdir(tmpdir());
    if (keep) printNote(`the demo's repository is ${shop}`);
    else await rm(stage, { recursive: true, force: true, maxRetries: 5 });
  }
}

type Loops = ReturnType<typeof demoLoops>['loops'];

async function startAll(fleet: Fleet, loops: Loops): Promise<void> {
  for (const { name, promoted } of loops) if (!promoted) await fleet.carryOut({ do: 'run', loop: name });
}

async function build(shop: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(shop, path)), { recursive: true });
    await writeFile(join(shop, path), text);
  }
  const git = (...args: string[]) => promisify(execFile)('git', ['-C', shop, ...args]);
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git(
    '-c',
    'user.name=looptop demo',
    '-c',
    'user.email=demo@localhost',
    'commit',
    '--quiet',
    '--message=A shop with failing tests',
  );
}

/** Without a terminal: one line per change, until nothing happens any more without a person. */
async function tell(fleet: Fleet, loops: Loops): Promise<void> {
  print(`A shop with failing tests, and ${loops.length} loops to fix them:`);
  for (const { name, shows } of loops) print(`  ${name.padEnd(13)} ${shows}`);
  const settled = Promise.withResolvers<void>();
  using _telling = fleet.onChange(({ before, after, stamped }) => {
    const line = stamped === null ? null : describe(before, after, stamped);
    if (line !== null) print(line);
    if (hasSettled(after, loops.length)) settled.resolve();
  });
  const late = setTimeout(
    () => settled.reject(new Error(`the demo did not settle in ${SETTLE_MS / 1000} s`)),
    SETTLE_MS,
  );
  try {
    await startAll(fleet, loops);
    if (!hasSettled(fleet.state, loops.length)) await Promise.race([settled.promise, fleet.closed]);
  } finally {
    clearTimeout(late);
  }
  summarize(fleet.state);
}

const hasSettled = (state: FleetState, runs: number): boolean =>
  Object.keys(state.runs).length === runs && Object.values(state.runs).every((run) => isSettled(state, run));

function summarize(state: FleetState): void {
  print('');
  for (const run of Object.values(state.runs)) {
    const spent = `${formatTokens(fresh(run.meter.total.tokens))}/${formatTokens(run.budget.tokens)} ${run.meter.total.unpriced ? 'unpriced' : formatUsd(run.meter.total.usd)}`;
    const why = attention(run)?.words ?? reasonOf(run);
    print(
      `${run.id.padEnd(15)} ${stateWord(run).padEnd(14)} pass ${run.pass}/${run.budget.passes}  ${spent.padEnd(20)} ${sanitize(why)}`,
    );
  }
  const hits = waitingHits(state);
  for (const { id, priority, reason } of hits)
    print(sanitize(`${id.padEnd(15)} waits          ${priority}  ${reason}`));
  const count = (word: string) => Object.values(state.runs).filter((run) => stateWord(run) === word).length;
  print(
    `${count('review')} of ${Object.keys(state.runs).length} green, ${count('triaged')} triaged, ${hits.length} ${hits.length === 1 ? 'hit' : 'hits'} left; the others wait for a person, each with its reason.`,
  );
}
