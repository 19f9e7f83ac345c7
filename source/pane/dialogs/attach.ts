/** How to go into a run: its agent's own session, or a shell. Says what each way costs, and halts the agent first where it would spend as well. */
import { agentIsAlive } from '../../loop/run-status.ts';
import type { RunState } from '../../loop/state.ts';
import type { Before, Way } from '../attach/way.ts';
import { oneLine } from '../present/clean.ts';
import { key } from '../present/run-words.ts';
import { clipLine, EMPTY, type Line, line, span, wrap } from '../present/span.ts';
import type { Press } from '../press.ts';
import { type Answer, close, type Drawn, refuse, stay } from './answer.ts';
import { moveChoice } from './choice.ts';

interface Offer {
  readonly way: Way;
  readonly before: Before;
  readonly label: string;
  /** What happens, in sentences. */
  readonly words: string;
}

export interface AttachDialog {
  readonly kind: 'attach';
  readonly run: string;
  readonly offers: readonly Offer[];
  readonly choice: number;
}

const UNMETERED = 'What you spend in it is not metered and counts against no cap.';

/** With the cursor on the first way that can be taken. */
export function openAttach(run: RunState, ways: readonly Way[]): AttachDialog {
  const offers = ways.flatMap((way) => (way.kind === 'session' ? sessionOffers(run, way) : [shellOffer(run, way)]));
  const first = offers.findIndex(({ way }) => way.problem === null);
  return { kind: 'attach', run: run.id, offers, choice: Math.max(0, first) };
}

function sessionOffers(run: RunState, way: Way): Offer[] {
  const offer = (before: Before, words: string, suffix = ''): Offer => ({
    way,
    before,
    label: `its own session${suffix}`,
    words: `${words} ${UNMETERED}`,
  });
  const { status } = run;
  if (status.tag === 'ended') return [offer(null, 'The run has ended, and stays ended.')];
  const works = status.hold === null && status.phase !== 'review';
  const stopped = offer(
    'stop',
    'Its turn is ended politely first. When you let it go on, it goes on in this session and knows what was said.',
    ', its turn ended first',
  );
  const frozen = offer(
    'freeze',
    'It is frozen first. When it goes on it knows nothing of what was said, only what changed in the worktree.',
    ', frozen first',
  );
  if (agentIsAlive(run)) {
    if (run.agent?.fact.is === 'frozen')
      return [offer(null, 'It stays frozen. When it goes on it knows nothing of what was said.'), stopped];
    return [stopped, frozen];
  }
  return works ? [frozen] : [offer(null, 'It stands still, and goes on when you let it.')];
}

const shellOffer = (run: RunState, way: Way): Offer => ({
  way,
  before: null,
  label: 'a shell in its worktree',
  words:
    agentIsAlive(run) && run.agent?.fact.is !== 'frozen'
      ? 'Its agent works on in the same folder meanwhile.'
      : 'Nothing of it works meanwhile.',
});

export function stepAttach(dialog: AttachDialog, press: Press): Answer<AttachDialog> {
  if (!('key' in press)) return stay(dialog);
  switch (press.key) {
    case 'esc':
    case 'q':
      return close;
    case 'enter': {
      const offer = dialog.offers[dialog.choice];
      if (offer === undefined) return close;
      const { way, before } = offer;
      if (way.problem !== null) return refuse(dialog, oneLine(way.problem));
      return { dialog: null, intents: [{ do: 'enter', run: dialog.run, way, before }] };
    }
    default:
      return stay({ ...dialog, choice: moveChoice(dialog.choice, press.key, dialog.offers.length) });
  }
}

export function drawAttach(dialog: AttachDialog, room: number): Drawn {
  const list = dialog.offers.map(({ label, way }, at): Line => {
    const current = at === dialog.choice;
    const can = way.problem === null;
    return clipLine(
      [
        span(current ? '▶ ' : '  ', 'picked'),
        span(label, can ? (current ? 'picked' : 'strong') : 'faint'),
        span(`   ${oneLine(way.label)}`, 'faint'),
      ],
      room,
    );
  });
  const chosen = dialog.offers[dialog.choice];
  const problem = chosen?.way.problem ?? null;
  const words = wrap(oneLine(problem ?? chosen?.words ?? ''), room);
  return {
    title: `Into ${dialog.run}`,
    tone: 'picked',
    lines: [...list, EMPTY, ...words.map((row) => line(row, problem === null ? 'plain' : 'warn'))],
    keys: [...key('enter', 'go in'), span('  '), ...key('esc', 'no')],
  };
}
