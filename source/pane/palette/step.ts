/** What a key does in the palette: writes, chooses, completes, goes back in what was said before, or does what is chosen. */
import { nearest } from '../../loop/definition/nearest.ts';
import type { Done } from '../actions.ts';
import { moveChoice } from '../dialogs/choice.ts';
import { entry, typed } from '../dialogs/entry.ts';
import type { Press } from '../press.ts';
import type { Situation, View } from '../view.ts';
import { type Offer, offersFor } from './offers.ts';
import { type Palette, remembered } from './palette.ts';

/** What came of it, and what is to be said in the last line. */
export interface PaletteDone extends Done {
  readonly refused?: string;
}

export function stepPalette(situation: Situation, palette: Palette, press: Press): PaletteDone {
  const { view } = situation;
  const stay = (changes: Partial<Palette>): PaletteDone => ({
    view: { ...view, palette: { ...palette, ...changes } },
    intents: [],
  });
  const offers = offersFor(situation, palette.entry.text);
  const chosen = offers[Math.min(palette.choice, offers.length - 1)];
  if ('key' in press) {
    switch (press.key) {
      case 'esc':
        return { view: { ...view, palette: null }, intents: [] };
      case 'enter':
        return carryOut(situation, palette, chosen);
      case 'tab':
        return chosen === undefined ? stay({}) : stay({ entry: entry(completedBy(chosen)), choice: 0, back: 0 });
      case 'up':
        return palette.choice > 0 && palette.back === 0
          ? stay({ choice: palette.choice - 1 })
          : stay(recalled(view, palette, 1));
      case 'down':
        return palette.back > 0
          ? stay(recalled(view, palette, -1))
          : stay({ choice: moveChoice(palette.choice, 'down', offers.length) });
      case 'ctrl-p':
        return stay(recalled(view, palette, 1));
      case 'ctrl-n':
        return stay(recalled(view, palette, -1));
      case 'backspace':
        if (palette.entry.text === '') return { view: { ...view, palette: null }, intents: [] };
    }
  }
  const next = typed(palette.entry, press);
  if (next === null) return stay({});
  return stay({ entry: { ...next, text: next.text.replaceAll('\n', ' ') }, choice: 0, back: 0 });
}

/** A name is to follow, or words may. */
const completedBy = ({ text, act, help }: Offer): string =>
  act === null || text.endsWith(' ') || !help.includes('may follow') ? text : `${text} `;

/** Goes back (1) or forth (-1) in what was said before; unchanged at either end. */
function recalled(view: View, palette: Palette, by: 1 | -1): Partial<Palette> {
  const back = palette.back + by;
  if (back < 0 || back > view.said.length) return {};
  const draft = palette.back === 0 ? palette.entry.text : palette.draft;
  const text = back === 0 ? draft : (view.said[view.said.length - back] ?? '');
  return { entry: entry(text), choice: 0, back, draft };
}

function carryOut(situation: Situation, palette: Palette, offer: Offer | undefined): PaletteDone {
  const { view } = situation;
  const refuse = (refused: string): PaletteDone => ({ view, intents: [], refused });
  if (offer === undefined) return refuse(unknown(situation, palette.entry.text.trim()));
  if (offer.act === null)
    return { view: { ...view, palette: { ...palette, entry: entry(offer.text), choice: 0, back: 0 } }, intents: [] };
  const closed: View = { ...view, palette: null, said: remembered(view.said, offer.text) };
  const done = offer.act({ ...situation, view: closed });
  return typeof done === 'string' ? refuse(done) : done;
}

function unknown(situation: Situation, typed: string): string {
  const near = nearest(
    typed.split(/\s+/)[0] ?? '',
    offersFor(situation, '').map(({ text }) => text.trim()),
  );
  return `Nothing here is called "${typed}"${near === null ? '' : `: did you mean ${near}?`}`;
}
