/** Texts about a run that are not in the fleet's state: what each is called, and which one a tab of the Loop view needs. Reads nothing. */
import type { RunState } from '../../loop/state.ts';
import { chosenPass } from '../present/loop.ts';
import type { Tab } from '../present/loop-tabs.ts';

/** `pass` is 0 where the text is of the whole run. */
export interface RunText {
  readonly what: 'prompt' | 'diff' | 'events' | 'files';
  readonly run: string;
  readonly pass: number;
}

export interface Wanted {
  readonly text: RunText;
  /** Changes when the text may say something else. */
  readonly version: string;
}

export const keyOf = ({ what, run, pass }: RunText): string => `${what} ${run} ${pass}`;

/** The text of a run that a tab shows; null when the tab needs none. */
export function wantedText(run: RunState, look: { readonly tab: Tab; readonly pass: number | null }): Wanted | null {
  const of = (what: RunText['what'], version: string, pass = 0) => ({ text: { what, run: run.id, pass }, version });
  switch (look.tab) {
    case 'prompt':
      return of('prompt', `${run.pass} ${run.agents}`, chosenPass(run, look));
    case 'diff':
    case 'files':
      // Its worktree stands still once the run has ended.
      return of(look.tab, run.status.tag === 'ended' ? 'ended' : String(run.lastEventAt));
    case 'events':
      return of('events', String(run.lastEventAt));
    case 'trace':
    case 'gates':
    case 'rules':
    case 'goal':
      return null;
  }
}
