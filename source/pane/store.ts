/** The pane's store: what the operator looks at, and the fleet as it was at the last paint. Not the truth: that is in the journal. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { FleetState } from '../loop/state.ts';
import type { Way } from './attach/way.ts';
import { openAttach } from './dialogs/attach.ts';
import { type OperatorKeys, USUAL_KEYS } from './keys/operator.ts';
import type { ConnectionStatus } from './present/header.ts';
import type { Intent, Press } from './press.ts';
import type { DiffSlot } from './review/look.ts';
import { edited, step, told } from './step.ts';
import { FIRST_VIEW, type Situation, settled } from './view.ts';

export type PaneState = Situation;
export type PaneStore = StoreApi<PaneState>;

/** A store that looks at `fleet`, on a screen of `columns` x `rows` cells at `now` (ms since 1970). */
export function createPaneStore(
  first: Pick<PaneState, 'fleet' | 'now' | 'columns' | 'rows'> & {
    readonly status?: ConnectionStatus;
    readonly keys?: OperatorKeys;
  },
): PaneStore {
  return createStore<PaneState>(() => ({
    ...first,
    status: first.status ?? 'connected',
    keys: first.keys ?? USUAL_KEYS,
    texts: {},
    diffs: {},
    view: settled(FIRST_VIEW, first.fleet),
  }));
}

/** Takes a new look at the fleet. Called once per paint at most, never per event: a hundred loops make thousands a second. */
export function publish(store: PaneStore, fleet: FleetState, status: ConnectionStatus, now: number): void {
  store.setState((state) => {
    const toast = state.view.toast;
    const view = toast !== null && now >= toast.until ? { ...state.view, toast: null } : state.view;
    return { fleet, status, now, view: settled(view, fleet) };
  });
}

/** Answers a key; what it asks of the world is returned, for the caller to do. */
export function pressed(store: PaneStore, press: Press, now: number): readonly Intent[] {
  const { view, intents } = step({ ...store.getState(), now }, press);
  store.setState({ view, now });
  return intents;
}

/** Diffs that are kept: one is a few megabytes at most. */
const DIFFS_KEPT = 6;

/** Puts what is known of a run's diff where the view finds it. */
export function keepDiff(store: PaneStore, run: string, slot: DiffSlot): void {
  store.setState(({ diffs }) => {
    const { [run]: _older, ...others } = diffs;
    return { diffs: Object.fromEntries([...Object.entries(others).slice(1 - DIFFS_KEPT), [run, slot]]) };
  });
}

/** Says something in the last line for a while. */
export function say(store: PaneStore, text: string, tone: 'said' | 'no', now: number): void {
  store.setState(({ view }) => ({ view: told(view, text, tone, now) }));
}

/** Gives the open dialog the text that $EDITOR left. */
export function replaceText(store: PaneStore, text: string): void {
  store.setState(({ view }) => ({ view: edited(view, text) }));
}

/** Offers the ways into a run, unless something else was opened meanwhile. */
export function openWays(store: PaneStore, run: string, ways: readonly Way[]): void {
  store.setState(({ view, fleet }) => {
    const found = fleet.runs[run];
    if (found === undefined || view.dialogs.length > 0 || view.palette !== null) return {};
    return { view: { ...view, dialogs: [openAttach(found, ways)] } };
  });
}

/** Puts the cursor on a run, at once or as soon as the fleet has it: the answer to a command can be here before its event. */
export function follow(store: PaneStore, run: string): void {
  store.setState(({ view, fleet }) => ({ view: settled({ ...view, awaited: run }, fleet) }));
}
