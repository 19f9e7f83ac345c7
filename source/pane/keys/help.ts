/** The help: every key of the open screen with what it does, for this operator. */
import { EMPTY, type Line, line, padEnd, span } from '../present/span.ts';
import type { Situation } from '../view.ts';
import type { Binding } from './binding.ts';
import { keysOf, shownKey } from './operator.ts';

/** Keys that the terminal's side of the pane answers itself, for the help alone. */
const ELSEWHERE = [
  { keys: 'ctrl-z', help: 'suspend the pane; fg comes back' },
  { keys: 'ctrl-l', help: 'draw everything again' },
] as const;

/** Every key of this screen; what cannot be done now is faint and says why. */
export function helpLines(keymap: readonly Binding[], situation: Situation): Line[] {
  const lines = keymap
    .filter(({ where }) => where.includes(situation.view.screen))
    .map((binding): Line => {
      const possible = binding.when(situation);
      const keys = padEnd(keysOf(binding, situation.keys).map(shownKey).join(' ') || `:${binding.action}`, 12);
      return possible === true
        ? [span(keys, 'key'), span(binding.help)]
        : [span(keys, 'faint'), span(`${binding.help}. ${possible}`, 'faint')];
    });
  const others = ELSEWHERE.map(({ keys, help }): Line => [span(padEnd(keys, 12), 'key'), span(help)]);
  return [...lines, ...others, EMPTY, line('Lower case is soft, upper case hard. Faint: not possible now.', 'faint')];
}
