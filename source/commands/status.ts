/** status: one line for a status bar. Asked every few seconds, so it starts nothing and waits for nobody. */
import type { Command } from 'commander';
import { attention } from '../loop/attention.ts';
import { waitingFans } from '../loop/fanout/words.ts';
import { owed } from '../loop/review/owed.ts';
import { isOpen } from '../loop/run-status.ts';
import { soonest } from '../loop/schedule/words.ts';
import type { FleetState } from '../loop/state.ts';
import { type Standing, statusWord } from '../loop/status-word.ts';
import { waitingHits } from '../loop/triage/promote.ts';
import { formatDuration, formatUsd } from '../loop/units.ts';
import { fleetIfRunning } from './connect.ts';
import { print, printJson } from './print.ts';
import { TMUX_CONF } from './split.ts';
import { glyph } from './words.ts';

/** A bar that is late by more than this is worse than one that says nothing. */
const PATIENCE_MS = 500;

export function status(program: Command): void {
  program
    .command('status')
    .description('one line for a status bar: who needs you, who works, what today cost')
    .option('--tmux', 'with tmux colour codes')
    .option('--json', 'print the figures as JSON')
    .addHelpText('after', `\nExample, in ~/.tmux.conf:\n${TMUX_CONF.replace(/^/gm, '  ')}`)
    .action(async ({ tmux, json }: { tmux?: true; json?: true }) => {
      await using fleet = await fleetIfRunning(PATIENCE_MS);
      const now = Date.now();
      const figures = fleet === null ? null : count(fleet.state, calendarDay(new Date(now)), now);
      if (json) return printJson({ supervisor: figures !== null, ...(figures ?? NOTHING) });
      print(statusLine(figures, tmux === true));
    });
}

export interface Figures {
  /** Runs and fans that stand still, and hits that wait, until a person answers. */
  readonly needYou: number;
  readonly working: number;
  readonly held: number;
  /** Green, to be read. */
  readonly review: number;
  /** Spent today; null when some of it has no known price. */
  readonly usd: number | null;
  readonly usdCap: number;
  /** The loop that the clock starts next; null when none is. */
  readonly next: { readonly loop: string; readonly inMs: number } | null;
  /** Landed lines that nobody has read. */
  readonly unread: number;
  /** Everything stands still until somebody makes room. */
  readonly diskFull?: boolean;
}

const NOTHING: Figures = { needYou: 0, working: 0, held: 0, review: 0, usd: 0, usdCap: 0, next: null, unread: 0 };

/** `today` is a calendar day `YYYY-MM-DD`, `now` in ms since 1970. */
export function count(state: FleetState, today: string, now: number): Figures {
  const first = soonest(state, now);
  const open = Object.values(state.runs).filter(isOpen);
  const ringing = open.filter((run) => attention(run)?.level === 'act');
  const standing = (...kinds: Standing[]) =>
    open.filter((run) => !ringing.includes(run) && kinds.includes(statusWord(run).standing)).length;
  const spent = state.days[today];
  return {
    needYou: ringing.length + waitingHits(state).length + waitingFans(state, now).length,
    working: standing('busy', 'check', 'queued'),
    held: standing('held', 'need'),
    review: standing('green'),
    usd: spent?.unpriced ? null : (spent?.usd ?? 0),
    usdCap: state.settings.daily.usd,
    unread: owed(state).lines,
    next: first && { loop: first.loop, inMs: Math.max(0, first.dueAt - now) },
    ...(state.disk === 'full' ? { diskFull: true } : {}),
  };
}

/** `looptop ◆2 ●6 ✓3 next 12m $4.12/$25.00`; zero counts are left out, null is `looptop off`. */
export function statusLine(figures: Figures | null, tmux: boolean): string {
  const paint = (colour: string, text: string) => (tmux ? `#[fg=${colour}]${text}#[default]` : text);
  if (figures === null) return `looptop ${paint('brightblack', 'off')}`;
  const { needYou, working, held, review, usd, usdCap, diskFull, next, unread } = figures;
  const parts = [
    diskFull === true && paint('yellow,bold', 'disk full'),
    needYou > 0 && paint('yellow,bold', `${glyph('need')}${needYou}`),
    working > 0 && paint('green', `${glyph('busy')}${working}`),
    held > 0 && paint('blue', `${glyph('held')}${held}`),
    review > 0 && paint('cyan', `${glyph('green')}${review}`),
    unread > 0 && `${unread} unread`,
    next !== null && `next ${formatDuration(next.inMs)}`,
    `${usd === null ? 'unpriced' : formatUsd(usd)}/${formatUsd(usdCap).replace(/\.00$/, '')}`,
  ];
  return ['looptop', ...parts.filter((part) => part !== false)].join(' ');
}

/** The operator's own calendar day, as budgets go by it. */
export function calendarDay(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
