/** ls: the runs, one a line. What needs a person comes first, as in the pane. */
import type { Command } from 'commander';
import { attention } from '../loop/attention.ts';
import { openFans } from '../loop/fanout/fans.ts';
import { doingWords, fanAttention, progressWords } from '../loop/fanout/words.ts';
import { emptyFleet } from '../loop/fold.ts';
import { isOpen } from '../loop/run-status.ts';
import { idleLoops } from '../loop/schedule/words.ts';
import type { FleetState, RunState } from '../loop/state.ts';
import { sanitize } from '../loop/text.ts';
import { fresh } from '../loop/tokens.ts';
import { formatTokens, formatUsd } from '../loop/units.ts';
import { lookAtFleet } from './connect.ts';
import { newestGates, runJson } from './json.ts';
import { listLoops } from './ls/loops.ts';
import { print, printJson, printNote } from './print.ts';
import { type Column, table } from './table.ts';
import { gatesCell, glyph, nowCell, stateCell, timeCell, tokensCell, usdCell } from './words.ts';

const COLUMNS: readonly Column[] = [
  { title: 'RUN' },
  { title: 'STATE' },
  { title: 'PASS', align: 'right' },
  { title: 'MODEL' },
  { title: 'TOKENS', align: 'right' },
  { title: 'USD', align: 'right' },
  { title: 'TIME', align: 'right' },
  { title: 'GATES' },
  { title: 'NOW' },
];

export function ls(program: Command): void {
  program
    .command('ls')
    .description('list the open runs')
    .option('--all', 'the ended ones too')
    .option('--loops', 'the loops instead: what starts them, when next, and why not')
    .option('--json', 'print one JSON array')
    .addHelpText('after', "\nExample:\n  looptop ls --json | jq -r '.[] | select(.attention) | .id'")
    .action(async ({ all, loops, json }: { all?: true; loops?: true; json?: true }) => {
      await using fleet = await lookAtFleet();
      const state = fleet?.state ?? emptyFleet();
      if (state.disk === 'full') printNote('the disk is full: everything stands still until there is room again');
      if (loops) return listLoops(state, json === true);
      if (!json) for (const line of await listing(state, all === true)) print(line);
      else printJson(chosen(state, all === true).map((run) => runJson(run, Date.now())));
    });
}

/** The table as lines as wide as the terminal, or what to do when there is nothing to list. */
export async function listing(state: FleetState, all: boolean): Promise<string[]> {
  const now = Date.now();
  const rows = [...chosen(state, all).map((run) => row(run, now)), ...fanRows(state, now), ...idleRows(state, now)];
  return rows.length === 0 ? [emptyWords(state)] : table(COLUMNS, rows, process.stdout.columns);
}

const chosen = (state: FleetState, all: boolean): RunState[] =>
  sorted(Object.values(state.runs).filter((run) => all || isOpen(run)));

/** A line for each fan that is under way, after its runs. */
function fanRows(state: FleetState, now: number): string[][] {
  return openFans(state).map((fan) => {
    const waits = fanAttention(state, fan, now) !== null;
    const { spent, budget } = fan;
    const usd = `${spent.unpriced ? 'unpriced' : formatUsd(spent.usd)}/${formatUsd(budget.usd)}`;
    const tokens = `${formatTokens(fresh(spent.tokens))}/${formatTokens(budget.tokens)}`;
    const words = `${fan.loop} ${progressWords(state, fan)}; ${doingWords(state, fan, now)}`;
    return [fan.id, `${glyph(waits ? 'need' : 'busy')} fan`, '', '', tokens, usd, '', '', sanitize(words)];
  });
}

/** A line for each loop that starts by itself and has no open run. */
function idleRows(state: FleetState, now: number): string[][] {
  return idleLoops(state, now).map(({ loop, off, words }) => {
    return [
      sanitize(loop),
      off ? `${glyph('held')} off` : `${glyph('queued')} idle`,
      '',
      '',
      '',
      '',
      '',
      '',
      sanitize(words),
    ];
  });
}

function row(run: RunState, now: number): string[] {
  return [
    run.fan === null ? run.id : sanitize(`${run.id} ${run.fan.key}`),
    stateCell(run),
    `${run.pass}/${run.budget.passes}`,
    run.rung === 0 ? run.model : `${run.model} +${run.rung}`,
    tokensCell(run),
    usdCell(run),
    timeCell(run, now),
    gatesCell(newestGates(run)),
    nowCell(run),
  ];
}

/** What waits for a person, then what is open, then what has ended; oldest first within each. */
function sorted(runs: readonly RunState[]): RunState[] {
  const rank = (run: RunState) => (attention(run)?.level === 'act' ? 0 : isOpen(run) ? 1 : 2);
  return runs.toSorted((a, b) => rank(a) - rank(b) || a.queuedAt - b.queuedAt);
}

function emptyWords(state: FleetState): string {
  const ended = Object.keys(state.runs).length;
  if (ended > 0) return `no run is open; looptop ls --all lists the ${ended} that ended`;
  return Object.keys(state.loops).length > 0
    ? 'no run yet: looptop run LOOP starts one'
    : 'no run yet: looptop init writes a first loop, looptop run LOOP starts it';
}
