/** The line at the top: whose fleet, who needs somebody, how many in which state, what today has cost of its cap, the time. */
import { attentions } from '../../loop/attention.ts';
import { waitingFans } from '../../loop/fanout/words.ts';
import { soonest } from '../../loop/schedule/words.ts';
import type { FleetState } from '../../loop/state.ts';
import { type Standing, statusWord } from '../../loop/status-word.ts';
import { fresh } from '../../loop/tokens.ts';
import { waitingHits } from '../../loop/triage/promote.ts';
import { formatDuration, formatTokens, formatUsd } from '../../loop/units.ts';
import { burnLine } from './burn.ts';
import { oneLine } from './clean.ts';
import { markOf } from './glyphs.ts';
import { ends, join, type Line, line, type Span, span, width } from './span.ts';

export type ConnectionStatus = 'connected' | 'reconnecting';

const COUNTED: readonly Standing[] = ['busy', 'check', 'held', 'queued', 'green', 'bad'];
const SAID: Readonly<Record<Standing, string>> = {
  busy: 'making',
  check: 'at gates',
  need: 'need you',
  held: 'held',
  queued: 'queued',
  green: 'green',
  bad: 'failed',
  ended: 'ended',
};

/** Exactly `columns` cells; the words beside the counts go first when it is narrow, then the counts of what needs nobody. */
export function headerLine(fleet: FleetState, status: ConnectionStatus, now: number, columns: number): Line {
  const runs = Object.values(fleet.runs);
  const ringing = attentions(runs).filter(({ attention }) => attention.level === 'act').length;
  const act = ringing + waitingHits(fleet).length + waitingFans(fleet, now).length;
  const { repository } = fleet;
  const where = [repository.name, repository.branch].filter(Boolean).map(oneLine).join(' · ');
  const title: Line = [span(' looptop', 'strong'), span(`  ${where}`, 'faint')];
  const need = act > 0 ? line(`◆ ${act} ${act === 1 ? 'needs' : 'need'} you`, 'need') : [];
  const counts = COUNTED.map((kind) => count(fleet, kind)).filter(({ n }) => n > 0);
  const bare = counts.map(({ kind, n }): Line => [signed(kind), span(String(n))]);
  const worded = counts.map(({ kind, n }): Line => [signed(kind), span(`${n} ${SAID[kind]}`)]);
  const link = status === 'connected' ? [] : line('reconnecting, what you see is old', 'warn');
  const right = join([link, spendLine(fleet), line(`${hours(now)} `, 'faint')], '   ');
  const clock = line(`${hours(now)} `, 'faint');
  const first = soonest(fleet, now);
  const next =
    first === null
      ? []
      : line(`next ${oneLine(first.loop)} in ${formatDuration(Math.max(0, first.dueAt - now))}`, 'faint');
  const lefts = [
    join([title, need, ...worded, next], '   '),
    join([title, need, ...worded], '   '),
    join([title, need, ...bare], '   '),
    join([line(' looptop', 'strong'), need, ...bare], '  '),
    join([line(' looptop', 'strong'), need], '  '),
  ];
  const burn = burnLine(fleet, now);
  const burning = join([link, spendLine(fleet), burn, clock], '   ');
  // How fast it goes is worth more than the words beside the counts, and less than what needs a person.
  for (const left of lefts.slice(0, 3))
    if (burn.length > 0 && width(left) + width(burning) + 2 <= columns) return ends(left, burning, columns);
  for (const left of lefts) if (width(left) + width(right) + 2 <= columns) return ends(left, right, columns);
  const last = lefts[3] ?? title;
  if (width(last) + width(clock) + 2 <= columns) return ends(last, clock, columns);
  return ends(
    need.length > 0 ? [span(' '), ...need] : line(' looptop', 'strong'),
    link.length > 0 ? link : clock,
    columns,
  );
}

/** The sign of a standing, as its count begins. */
function signed(kind: Standing): Span {
  const { glyph, look } = markOf(kind);
  return span(`${glyph} `, look);
}

function count(fleet: FleetState, kind: Standing): { readonly kind: Standing; readonly n: number } {
  const runs = Object.values(fleet.runs);
  const n = runs.filter((run) => statusWord(run).standing === kind && isRecent(run.status, kind)).length;
  return { kind, n };
}

/** Landed work is not counted as waiting green; everything else is. */
const isRecent = (status: FleetState['runs'][string]['status'], kind: Standing) =>
  !(kind === 'green' && status.tag === 'ended');

/** `$4.12 / $25 today`, or tokens where nothing has a price. */
function spendLine(fleet: FleetState): Line {
  const today = fleet.days[fleet.today];
  const { daily } = fleet.settings;
  const tokens = today === undefined ? 0 : fresh(today.tokens);
  const share = Math.max(
    daily.usd > 0 ? (today?.usd ?? 0) / daily.usd : 0,
    daily.tokens > 0 ? tokens / daily.tokens : 0,
  );
  const look = share >= 0.8 ? 'bad' : share >= 0.6 ? 'warn' : 'plain';
  const partly = today?.unpriced === true ? [span(' + unpriced', 'warn')] : [];
  if (daily.usd > 0) {
    const cap = daily.usd % 1 === 0 ? `$${daily.usd}` : formatUsd(daily.usd);
    return [span(formatUsd(today?.usd ?? 0), look), span(` / ${cap} today`, 'faint'), ...partly];
  }
  return [span(formatTokens(tokens), look), span(' tokens today', 'faint'), ...partly];
}

/** `14:03`, local time. */
export function hours(now: number): string {
  const date = new Date(now);
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
}
