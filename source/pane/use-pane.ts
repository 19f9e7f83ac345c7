/** How components look at the store: by a value that is compared by what it says, so that they are drawn again only when it says something else. */
import { createContext, use, useRef } from 'react';
import { useStore } from 'zustand';
import type { PaneState, PaneStore } from './store.ts';

export const StoreContext = createContext<PaneStore | null>(null);

/** The store of the pane that is drawn. Throws outside of one. */
export function usePaneStore(): PaneStore {
  const store = use(StoreContext);
  if (store === null) throw new Error('this is drawn outside of the pane');
  return store;
}

/**
 * What `select` makes of the state. Its JSON is compared: ten times a second the fleet is a new object, while what the chrome says
 * of it stays the same for a minute, and drawing chrome is what costs (a frame of Ink is about 8 ms at 200x50).
 */
export function usePane<Value>(select: (state: PaneState) => Value): Value {
  const last = useRef<{ readonly json: string; readonly value: Value } | null>(null);
  return useStore(usePaneStore(), (state) => {
    const value = select(state);
    const json = JSON.stringify(value);
    if (last.current?.json !== json) last.current = { json, value };
    return last.current.value;
  });
}
