/** The one word (or two) that says where a run stands; the same in the pane, `ls`, `status` and the plain log. */
import type { RunState } from './state.ts';

/** What kind of state it is: decides glyph and colour. `busy`: an agent works. `check`: gates work. */
export type Standing = 'busy' | 'check' | 'need' | 'held' | 'queued' | 'green' | 'bad' | 'ended';

/** The sign of each standing, and its ASCII twin for terminals that are not UTF-8. A word always stands beside it. */
export const SIGNS: Readonly<Record<Standing, { readonly glyph: string; readonly ascii: string }>> = {
  busy: { glyph: '●', ascii: '*' },
  check: { glyph: '◐', ascii: '~' },
  need: { glyph: '◆', ascii: '!' },
  held: { glyph: '‖', ascii: '|' },
  queued: { glyph: '○', ascii: 'o' },
  green: { glyph: '✓', ascii: '+' },
  bad: { glyph: '✗', ascii: 'x' },
  ended: { glyph: '■', ascii: '#' },
};

export interface StatusWord {
  readonly standing: Standing;
  readonly word: string;
}

/** Where a run stands, e.g. `making`, `gates`, `frozen`, `paused: budget`, `landed`. */
export function statusWord(run: RunState): StatusWord {
  const { status } = run;
  if (status.tag === 'ended') {
    switch (status.end.kind) {
      case 'landed':
        return { standing: 'green', word: 'landed' };
      case 'triaged':
        return { standing: 'green', word: 'triaged' };
      case 'discarded':
        return { standing: 'ended', word: 'discarded' };
      case 'exhausted':
        return { standing: 'bad', word: 'exhausted' };
      case 'failed':
        return { standing: 'bad', word: `failed: ${status.end.why}` };
      case 'killed':
        return { standing: 'ended', word: 'killed' };
      case 'lost':
        return { standing: 'bad', word: 'lost' };
    }
  }
  if (run.kill !== null) return { standing: 'ended', word: 'killing' };
  if (status.hold !== null) {
    switch (status.hold.kind) {
      case 'frozen':
        return { standing: 'held', word: 'frozen' };
      case 'drained':
        return { standing: 'held', word: 'drained' };
      case 'waiting':
        return { standing: 'need', word: 'asks you' };
      case 'paused':
        return {
          standing: status.hold.why === 'operator' || status.hold.why === 'rate-limit' ? 'held' : 'need',
          word: `paused: ${status.hold.why}`,
        };
    }
  }
  switch (status.phase) {
    case 'queued':
      return { standing: 'queued', word: 'queued' };
    case 'preparing':
      return { standing: 'queued', word: 'preparing' };
    case 'making':
      return { standing: 'busy', word: run.drain === null ? 'making' : 'draining' };
    case 'gating':
      return { standing: 'check', word: 'gates' };
    case 'checking':
      return { standing: 'check', word: 'checking' };
    case 'reflecting':
      return { standing: 'check', word: 'reflecting' };
    case 'green':
      return { standing: 'green', word: 'green' };
    case 'review':
      return run.landing === null ? { standing: 'green', word: 'review' } : { standing: 'check', word: 'landing' };
  }
}
