/** What the operator looks at: plain values, changed by keys alone. Knows nothing of a terminal, a socket or React. */
import type { Breakdown } from '../loop/spend/rows.ts';
import type { FleetState, RunState } from '../loop/state.ts';
import type { Dialog, Surroundings } from './dialogs/dialog.ts';
import { type Entry, entry } from './dialogs/entry.ts';
import { type Legend, legendOf, type OperatorKeys } from './keys/operator.ts';
import { order } from './order.ts';
import type { Palette } from './palette/palette.ts';
import { attentionRows } from './present/attention-rows.ts';
import { belowRows } from './present/below.ts';
import { ids } from './present/fleet.ts';
import type { ConnectionStatus } from './present/header.ts';
import { type FleetLayout, fleetLayout } from './present/layout.ts';
import type { LoopLook } from './present/loop.ts';
import type { Tab } from './present/loop-tabs.ts';
import type { Period } from './present/spend.ts';
import { chosenEntry, type Diffs, FIRST_REVIEW, type ReviewView, settledReview } from './review/look.ts';
import type { TextSlot } from './texts/slot.ts';
import { keyOf, wantedText } from './texts/texts.ts';

export interface Toast {
  readonly text: string;
  /** `no`: a key that could not do its work, or a refusal. */
  readonly tone: 'said' | 'no';
  /** When it goes, ms since 1970. */
  readonly until: number;
}

export interface Search {
  readonly text: string;
  /** The row of the tab that was gone to; -1 where none holds the text. */
  readonly row: number;
  readonly typing: Entry | null;
}

export interface View {
  readonly screen: 'fleet' | 'loop' | 'triage' | 'review' | 'rules' | 'spend';
  /** The run under the cursor; null before there is one. */
  readonly cursor: string | null;
  /** A run that was just started: the cursor goes to it when it appears. */
  readonly awaited: string | null;
  /** Runs chosen with space: p, x, X and others then mean all of them. */
  readonly picked: ReadonlySet<string>;
  readonly filter: string;
  /** The filter while it is typed; null otherwise. */
  readonly typing: Entry | null;
  /** The palette while it is open; null otherwise. */
  readonly palette: Palette | null;
  /** What was done by the palette before, the newest last. */
  readonly said: readonly string[];
  readonly tab: Tab;
  /** The pass chosen in the Loop view; null follows the newest. */
  readonly pass: number | null;
  readonly scroll: number;
  /** What is searched for in the open tab of the Loop view; `typing` while it is written. */
  readonly search: Search | null;
  /** The hit under the cursor of the Triage view; null, or one that is gone: the first. */
  readonly hit: string | null;
  /** The row under the cursor of the Rules view, a rule's id or the run of a draft; null, or one that is gone: the first. */
  readonly rule: string | null;
  readonly review: ReviewView;
  /** What the Spend view adds up, and how far back. */
  readonly spend: { readonly by: Breakdown; readonly period: Period };
  /** The last of them is in front and takes the keys. */
  readonly dialogs: readonly Dialog[];
  readonly toast: Toast | null;
  /** When ctrl-c was pressed once, ms since 1970: a second one shortly after leaves. */
  readonly leaving: number | null;
}

export const FIRST_VIEW: View = {
  screen: 'fleet',
  cursor: null,
  awaited: null,
  picked: new Set(),
  filter: '',
  typing: null,
  palette: null,
  said: [],
  tab: 'trace',
  pass: null,
  scroll: 0,
  search: null,
  hit: null,
  rule: null,
  review: FIRST_REVIEW,
  spend: { by: 'loop', period: 7 },
  dialogs: [],
  toast: null,
  leaving: null,
};

/** Everything that a key can depend on. */
export interface Situation extends Surroundings {
  readonly view: View;
  readonly keys: OperatorKeys;
  /** Texts of runs that were fetched, by `keyOf`. */
  readonly texts: Readonly<Record<string, TextSlot>>;
  /** Diffs that were asked for, by run. */
  readonly diffs: Diffs;
  readonly status: ConnectionStatus;
}

/** Smaller than this there is nothing useful to show. */
export const LEAST = { columns: 30, rows: 6 } as const;

export const isTooSmall = ({ columns, rows }: Pick<Situation, 'columns' | 'rows'>): boolean =>
  columns < LEAST.columns || rows < LEAST.rows;

/** Rows of the attention lines: as many as there are, but never more than a third of the screen. */
export const attentionLines = ({ fleet, now, view, columns, rows, keys }: Situation) =>
  attentionRows(fleet, now, view.cursor, columns, Math.max(1, Math.floor((rows - 4) / 3)), legendOf(keys, 'fleet'));

/** Names the keys of the screen that is open. */
export const legend = ({ keys, view }: Pick<Situation, 'keys' | 'view'>): Legend => legendOf(keys, view.screen);

/** Why a key that is about a run does nothing. */
export const noRun = (situation: Pick<Situation, 'keys' | 'view'>): string =>
  `No run is selected: ${legend(situation)('s')} starts one.`;

/** Cells of the part between header and footer that shows runs. */
export function bodySize(situation: Situation): { readonly columns: number; readonly rows: number } {
  const { columns, rows, view } = situation;
  const above = view.screen === 'fleet' ? attentionLines(situation).length : 0;
  return { columns, rows: Math.max(1, rows - 2 - above) };
}

/** The runs of the Fleet view in their order. */
export function shownIds({ fleet, view }: Pick<Situation, 'fleet' | 'view'>): string[] {
  const { live, done } = order(Object.values(fleet.runs), filterOf(view));
  return [...ids(live), ...ids(done)];
}

/** The filter as it stands, also while it is typed. */
export const filterOf = ({ typing, filter }: View): string => typing?.text ?? filter;

export function layoutOf(situation: Situation): FleetLayout {
  const { fleet, view, now } = situation;
  const filter = filterOf(view);
  const { live, done } = order(Object.values(fleet.runs), filter);
  const { columns, rows } = bodySize(situation);
  const below = belowRows(fleet, filter, now, rows).length;
  return fleetLayout(ids(live), ids(done), view.cursor, columns, rows - below);
}

/** How the Loop view looks at its run. */
export const loopLook = (situation: Situation): LoopLook => {
  const { view, now } = situation;
  const { tab, pass, scroll, search } = view;
  const run = currentRun(situation);
  const wanted = run === null ? null : wantedText(run, view);
  const text = wanted === null ? null : (situation.texts[keyOf(wanted.text)] ?? null);
  const sought = search === null || search.text.trim() === '' ? null : search;
  return { tab, pass, scroll, now, legend: legend(situation), text, search: sought };
};

/** The run under the cursor. */
export function currentRun({ fleet, view }: Pick<Situation, 'fleet' | 'view'>): RunState | null {
  return (view.cursor === null ? undefined : fleet.runs[view.cursor]) ?? null;
}

/** What a key is about: all chosen runs on the Fleet view, else the one under the cursor. */
export function targets(situation: Pick<Situation, 'fleet' | 'view'>): readonly RunState[] {
  const { fleet, view } = situation;
  if (view.screen === 'review') {
    const run = chosenEntry(fleet, view.review)?.run ?? null;
    return run === null ? [] : [run];
  }
  if (view.screen === 'fleet' && view.picked.size > 0)
    return [...view.picked].flatMap((id) => (fleet.runs[id] === undefined ? [] : [fleet.runs[id]]));
  const run = currentRun(situation);
  return run === null ? [] : [run];
}

/** The view after the fleet changed under it: the cursor stands on a run that is shown, and nothing chosen is gone. */
export function settled(view: View, fleet: FleetState): View {
  const arrived = view.awaited !== null && view.awaited in fleet.runs ? view.awaited : null;
  const wanted = arrived ?? view.cursor;
  const shown = shownIds({ fleet, view });
  const isHere = wanted !== null && (view.screen === 'loop' ? wanted in fleet.runs : shown.includes(wanted));
  const cursor = isHere ? wanted : (shown[0] ?? null);
  const screen = cursor === null && view.screen === 'loop' ? 'fleet' : view.screen;
  const awaited = arrived === null ? view.awaited : null;
  const picked = [...view.picked].every((id) => id in fleet.runs)
    ? view.picked
    : new Set([...view.picked].filter((id) => id in fleet.runs));
  const review = view.screen === 'review' ? settledReview(view.review, fleet) : view.review;
  const same = cursor === view.cursor && screen === view.screen && awaited === view.awaited && picked === view.picked;
  if (same && review === view.review) return view;
  return { ...view, cursor, screen, awaited, picked, review };
}

/** The view with the filter open for typing. */
export const typingFilter = (view: View): View => ({ ...view, typing: entry(view.filter) });
