/** Fetches the text that is looked at, in the background: what is shown meanwhile is the text as it was. */
import type { PaneStore } from '../store.ts';
import { currentRun } from '../view.ts';
import { linesOf } from './slot.ts';
import { keyOf, type RunText, wantedText } from './texts.ts';

/** A run at work changes many times a second; its text is read anew this often at most, ms. */
const AGAIN_MS = 2000;

const WHOLE: Readonly<Record<RunText['what'], (run: string) => string>> = {
  prompt: (run) => `.looptop/runs/${run}/*/prompt.md`,
  diff: (run) => `looptop diff ${run}`,
  events: (run) => `looptop log ${run} --json`,
  files: (run) => `.looptop/runs/${run}/`,
};

/** Asks for the open tab's text where it is not here or may have changed. `drawn` is called when there is something new to see. */
export function loadText(
  store: PaneStore,
  read: (text: RunText) => Promise<string>,
  now: number,
  drawn: () => void,
): void {
  const state = store.getState();
  const run = state.view.screen === 'loop' ? currentRun(state) : null;
  const wanted = run === null ? null : wantedText(run, state.view);
  if (wanted === null) return;
  const { text, version } = wanted;
  const key = keyOf(text);
  const known = state.texts[key];
  if (known !== undefined && (known.version === version || known.is === 'loading' || now - known.at < AGAIN_MS)) return;
  const keep = (is: 'loading' | 'here' | 'failed', lines: readonly string[]) =>
    store.setState(({ texts }) => {
      const { [key]: _older, ...others } = texts;
      return {
        texts: Object.fromEntries([...Object.entries(others).slice(1 - KEPT), [key, { version, at: now, is, lines }]]),
      };
    });
  keep('loading', known?.lines ?? []);
  read(text)
    .then((whole) => keep('here', linesOf(whole, WHOLE[text.what](text.run))))
    .catch((error: unknown) => keep('failed', linesOf(error instanceof Error ? error.message : String(error), '')))
    .finally(drawn);
}

/** Texts that are kept. */
const KEPT = 8;
