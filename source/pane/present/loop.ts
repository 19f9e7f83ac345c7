/** The Loop view as rows of text: one run in full, its passes left, what was chosen of it right (or below, when it is narrow). */
import type { FleetState, RunState } from '../../loop/state.ts';
import { formatDuration, formatTokens, formatUsd } from '../../loop/units.ts';
import type { Legend } from '../keys/operator.ts';
import { marked, matchingRows, windowAround } from '../search/search.ts';
import type { TextSlot } from '../texts/slot.ts';
import { burnLine } from './burn.ts';
import { oneLine } from './clean.ts';
import { outcome } from './fleet.ts';
import { ledgerRows } from './ledger.ts';
import { gatesTab, goalTab, rulesTab, type Tab, tabLine } from './loop-tabs.ts';
import { bar, freshOf, PROVENANCE_WORD, timeWords, usd } from './meter.ts';
import { holdRows, modelWords, nameWords, passWords, standing } from './run-words.ts';
import { clipLine, EMPTY, ends, fit, join, type Line, line, span, width } from './span.ts';
import { textRows } from './text-tab.ts';
import { traceHeight, traceWindow, wholeTrace } from './trace.ts';

export interface LoopLook {
  readonly tab: Tab;
  /** The chosen pass; null follows the newest. */
  readonly pass: number | null;
  /** Rows away from where the tab begins: up from the end of the trace, down from the top of the others. */
  readonly scroll: number;
  readonly now: number;
  readonly legend: Legend;
  /** What was fetched for the open tab; null where it needs nothing, or nothing has come yet. */
  readonly text: TextSlot | null;
  /** What is searched for in the open tab, and the row that was gone to. */
  readonly search: { readonly text: string; readonly row: number } | null;
}

/** From here on ledger and content stand side by side. */
const SIDE_BY_SIDE = 100;

interface Frame {
  readonly head: Line[];
  readonly beside: boolean;
  /** Cells of the ledger and of the content. */
  readonly ledger: { readonly width: number; readonly height: number };
  readonly content: { readonly width: number; readonly height: number };
}

/** Exactly `rows` rows of `columns` cells. */
export function loopRows(fleet: FleetState, run: RunState, look: LoopLook, columns: number, rows: number): Line[] {
  const { head, beside, ledger, content } = frame(fleet, run, look, columns, rows);
  const chosen = chosenPass(run, look);
  const shown = contentRows(fleet, run, look, content.width, content.height);
  const out: Line[] = [...head];
  if (beside) {
    const left = ledgerRows(run, chosen, ledger.width, ledger.height);
    const right = [tabLine(look.tab, content.width), ...shown];
    for (let at = 0; at < ledger.height; at++)
      out.push([
        ...fit(left[at] ?? EMPTY, ledger.width),
        span(' │ ', 'faint'),
        ...fit(right[at] ?? EMPTY, content.width),
      ]);
  } else {
    if (ledger.height > 0) out.push(...ledgerRows(run, chosen, columns, ledger.height));
    // As far from the edge as the header.
    const margin = span(' ');
    out.push([margin, ...tabLine(look.tab, content.width)], ...shown.map((row) => [margin, ...row]));
  }
  return Array.from({ length: rows }, (_, at) => fit(out[at] ?? EMPTY, columns));
}

/** How far the open tab can be scrolled and what one page is, in rows. */
export function loopScroll(
  fleet: FleetState,
  run: RunState,
  look: LoopLook,
  columns: number,
  rows: number,
): { readonly page: number; readonly limit: number } {
  const { content } = frame(fleet, run, look, columns, rows);
  const height =
    look.tab === 'trace' && look.search === null
      ? traceHeight(traceOf(run, look), content.width)
      : tabRows(fleet, run, look, content.width).length;
  return { page: Math.max(1, content.height - 1), limit: Math.max(0, height - content.height) };
}

/** The number of the pass that is looked at. */
export const chosenPass = (run: RunState, { pass }: Pick<LoopLook, 'pass'>): number =>
  pass ?? run.passes.at(-1)?.n ?? run.pass;

function frame(fleet: FleetState, run: RunState, look: LoopLook, columns: number, rows: number): Frame {
  const head = headRows(fleet, run, look, columns, rows);
  const left = rows - head.length;
  if (columns >= SIDE_BY_SIDE) {
    const ledger = Math.min(66, Math.floor(columns * 0.44));
    return {
      head,
      beside: true,
      ledger: { width: ledger, height: left },
      content: { width: columns - ledger - 3, height: left - 1 },
    };
  }
  const height = left >= 10 ? Math.min(run.passes.length + (run.passes.length > 1 ? 3 : 2), Math.floor(left / 3)) : 0;
  return {
    head,
    beside: false,
    ledger: { width: columns, height },
    content: { width: columns - 1, height: Math.max(0, left - height - 1) },
  };
}

function headRows(
  fleet: FleetState,
  run: RunState,
  glance: Pick<LoopLook, 'now' | 'legend'>,
  columns: number,
  rows: number,
): Line[] {
  const { glyph, look, word } = standing(run);
  const { now } = glance;
  const name: Line = [span(` ${nameWords(run)}`, 'strong'), span('  '), span(`${glyph} ${word}`, look)];
  const who = oneLine([run.maker.engine, modelWords(run)].filter(Boolean).join(' '));
  const used = freshOf(run);
  const share = run.budget.tokens > 0 ? used / run.budget.tokens : 1;
  const numbers: Line = [
    ...bar(share, columns >= 120 ? 16 : 8),
    span(` ${grouped(used)} / ${grouped(run.budget.tokens)} fresh`),
    span(`   ${usd(run.meter.total)}`),
    span(` / ${formatUsd(run.budget.usd).slice(1)}`, 'faint'),
    span(`   ${timeWords(run, now)}`),
    span(` / ${formatDuration(run.budget.wallMs)}`, 'faint'),
    span(`   ${PROVENANCE_WORD[run.provenance]} `, run.provenance === 'exact' ? 'faint' : 'warn'),
  ];
  const small: Line = [
    span(`${formatTokens(used)} / ${formatTokens(run.budget.tokens)}`),
    span(`  ${usd(run.meter.total)}  ${timeWords(run, now)} `),
  ];
  const full = join([name, line(passWords(run)), line(who, 'faint')], '   ');
  const first: Line[] =
    width(full) + width(numbers) + 2 <= columns
      ? [ends(full, numbers, columns)]
      : columns >= 76
        ? [clipLine(full, columns), clipLine([span(' '), ...numbers], columns)]
        : [ends(join([name, line(passWords(run))], '  '), [], columns), clipLine([span(' '), ...small], columns)];
  const out = rows >= 12 ? [...first, whereLine(fleet, run, now, columns)] : first;
  const held = holdRows(run, glance, columns - 2, 1)[0];
  if (held !== undefined) out.push([span(' '), ...held, span(' ')]);
  const end = run.status.tag === 'ended' ? outcome(run) : '';
  if (end !== '') out.push(clipLine(line(` ${end}`, look), columns));
  if (rows >= 16) out.push(line('─'.repeat(columns), 'faint'));
  return out;
}

/** Branch, session and process, what is needed to look at it from elsewhere; and how fast it spends. */
function whereLine(fleet: FleetState, run: RunState, now: number, columns: number): Line {
  const agent = run.agent;
  const parts = [
    run.branch,
    run.commit === null ? '' : `commit ${run.commit.slice(0, 7)}`,
    agent?.session === null || agent?.session === undefined ? '' : `session ${agent.session.slice(0, 8)}`,
    agent !== null && (agent.fact.is === 'alive' || agent.fact.is === 'frozen')
      ? `pid ${agent.fact.process.pid}, ${agent.fact.containment}`
      : '',
    agent?.fact.is === 'frozen' ? `${agent.fact.processes} processes frozen` : '',
  ];
  const where = line(` ${parts.filter(Boolean).map(oneLine).join(' · ')}`, 'faint');
  const burn = burnLine(fleet, now, run.id);
  return burn.length === 0 || columns < 60 ? clipLine(where, columns) : ends(where, [...burn, span(' ')], columns);
}

/** `212,410`: where there is room, the meter is read to the token. */
const grouped = (n: number) => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',');

/** The trace of the chosen pass; all of it when the newest is followed, so that a new pass does not empty the view. */
function traceOf(run: RunState, { pass }: Pick<LoopLook, 'pass'>) {
  return pass === null ? run.trace : run.trace.filter((each) => each.pass === pass);
}

function contentRows(fleet: FleetState, run: RunState, look: LoopLook, room: number, rows: number): readonly Line[] {
  const trace = look.tab === 'trace' ? traceOf(run, look) : null;
  if (trace?.length === 0) return [line(emptyTrace(run), 'faint')];
  if (trace !== null && look.search === null) return traceWindow(trace, rows, room, look.scroll);
  const all = tabRows(fleet, run, look, room);
  const limit = Math.max(0, all.length - rows);
  const from = Math.max(0, Math.min(limit, trace === null ? look.scroll : limit - look.scroll));
  const shown = all.slice(from, from + rows);
  const { search } = look;
  if (search === null) return shown;
  return shown.map((row, at) => marked(row, search.text, from + at === search.row ? 'match' : 'found'));
}

/** Rows of the open tab that hold what is searched for, and how far to scroll so that row `at` is in the middle. */
export function loopMatches(
  fleet: FleetState,
  run: RunState,
  look: LoopLook & { readonly search: NonNullable<LoopLook['search']> },
  columns: number,
  rows: number,
): { readonly found: readonly number[]; readonly scrollTo: (at: number) => number } {
  const { content } = frame(fleet, run, look, columns, rows);
  const all = tabRows(fleet, run, look, content.width);
  const limit = Math.max(0, all.length - content.height);
  return {
    found: matchingRows(all, look.search.text),
    scrollTo: (at) => {
      const from = windowAround(at, all.length, content.height);
      return look.tab === 'trace' ? limit - from : from;
    },
  };
}

function tabRows(fleet: FleetState, run: RunState, look: LoopLook, room: number): readonly Line[] {
  switch (look.tab) {
    case 'gates':
      return gatesTab(run, judgedPass(run, look), room);
    case 'rules':
      return rulesTab(fleet, run, room);
    case 'goal':
      return goalTab(run, room);
    case 'trace':
      return wholeTrace(traceOf(run, look), room);
    case 'prompt':
    case 'diff':
    case 'events':
    case 'files':
      return textRows(look.text, look.tab, room);
  }
}

/** The pass whose gates are worth reading: the chosen one, else the newest that has results. */
const judgedPass = (run: RunState, look: LoopLook): number =>
  look.pass ??
  run.passes.findLast(({ gates }) => gates.some(({ status }) => status !== 'pending'))?.n ??
  chosenPass(run, look);

function emptyTrace(run: RunState): string {
  if (run.status.tag === 'open' && run.status.phase === 'queued')
    return 'It waits for its turn: nothing has been said or done yet.';
  if (run.status.tag === 'open' && run.status.phase === 'preparing') return 'Its worktree is being made.';
  return 'Nothing was said or done in this pass.';
}
