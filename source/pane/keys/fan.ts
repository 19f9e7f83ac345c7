/** The key of a fan, a row of the keymap like any other: its pilot is done, and the others may begin. */
import { waitsForRelease } from '../../loop/fanout/fans.ts';
import { waitingFans } from '../../loop/fanout/words.ts';
import type { FanState } from '../../loop/state.ts';
import { currentRun, type Situation } from '../view.ts';
import type { Binding } from './binding.ts';

/** The fan of the run under the cursor when that waits, else the first that does; null when none waits to be released. */
function waiting(situation: Situation): FanState | null {
  const { fleet, now } = situation;
  const fans = waitingFans(fleet, now).flatMap(({ fan }) => (waitsForRelease(fleet, fan) ? [fan] : []));
  const own = currentRun(situation)?.fan?.id;
  return fans.find(({ id }) => id === own) ?? fans[0] ?? null;
}

export const FAN_KEYS: readonly Binding[] = [
  {
    action: 'release',
    keys: ['f'],
    where: ['fleet', 'loop'],
    when: (situation) => (waiting(situation) === null ? 'No fan waits for you after its pilot.' : true),
    help: 'release a fan: the items after its pilot begin',
    footer: null,
    act: (situation) => {
      const fan = waiting(situation);
      const commands = fan === null ? [] : [{ do: 'release' as const, fan: fan.id }];
      return { view: situation.view, intents: [{ do: 'send', commands }] };
    },
  },
];
