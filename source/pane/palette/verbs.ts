/** What can be said of a run, a loop or a hit by its name, wherever the cursor is: the verbs of the command line, done as the keys do them. */
import type { Command } from '../../loop/command.ts';
import { heartOf } from '../../loop/schedule/pulse.ts';
import type { FleetState, RunState } from '../../loop/state.ts';
import { type Done, isHeld, open, sent, zoom } from '../actions.ts';
import { parseCaps } from '../dialogs/budget.ts';
import { openPromote } from '../dialogs/promote.ts';
import { KEYMAP } from '../keys/keymap.ts';
import { loopProblem } from '../present/fleet.ts';
import type { Situation } from '../view.ts';

export interface Verb {
  readonly name: string;
  readonly of: 'run' | 'loop' | 'hit';
  readonly help: string;
  /** What may follow the name. */
  readonly rest?: string;
  /** True when it can be done to what is named, else why not. */
  readonly when: (situation: Situation, id: string) => true | string;
  /** Does it; a text says what of `rest` cannot be read. */
  readonly act: (situation: Situation, id: string, rest: string) => Done | string;
}

/** Does with a run what an action of the Fleet view does, as if the cursor stood there and nothing were chosen. */
function likeKey(
  name: string,
  action: string,
  help: string,
  own: {
    readonly fits?: (run: RunState) => true | string;
    readonly rest?: string;
    /** The command, where the rest says all that the key would ask for. */
    readonly say?: (run: string, rest: string) => Command | string;
  } = {},
): Verb {
  const binding = () => KEYMAP.find((each) => each.action === action && each.where.includes('fleet'));
  const at = ({ view, ...rest }: Situation, cursor: string): Situation => ({
    ...rest,
    view: { ...view, screen: 'fleet', cursor, picked: new Set() },
  });
  return {
    name,
    of: 'run',
    help,
    ...(own.rest === undefined ? {} : { rest: own.rest }),
    when(situation, id) {
      const run = situation.fleet.runs[id];
      if (run === undefined) return `There is no run ${id}.`;
      const possible = binding()?.when(at(situation, id)) ?? `${name} is not possible here.`;
      return possible === true ? (own.fits?.(run) ?? true) : possible;
    },
    act(situation, id, rest) {
      const command = rest === '' ? undefined : own.say?.(id, rest);
      if (typeof command === 'string') return command;
      const { view } = situation;
      if (command !== undefined) return sent(view, [command]);
      const done = binding()?.act(at(situation, id));
      if (done === undefined) return `${name} is not possible here.`;
      // What was looked at stays; the dialog knows its run by itself.
      const { screen, cursor, picked } = view;
      return { ...done, view: { ...done.view, screen, cursor, picked } };
    },
  };
}

const held = (wanted: boolean) => (run: RunState) =>
  isHeld(run) === wanted ? true : `${run.id} is ${wanted ? 'not held' : 'held already'}.`;

const loopFits = ({ fleet }: Situation, name: string): true | string => {
  const loop = fleet.loops[name];
  if (loop === undefined) return `There is no loop ${name}.`;
  const problem = loopProblem(loop);
  return problem === null ? true : `${name} is ${problem}.`;
};

const openHit = ({ fleet }: Situation, id: string): true | string => {
  const hit = fleet.hits[id];
  if (hit === undefined) return `There is no hit ${id}.`;
  return hit.status === 'open' ? true : `${id} is ${hit.status}.`;
};

export const VERBS: readonly Verb[] = [
  {
    name: 'open',
    of: 'run',
    help: 'open it: trace, passes, gates',
    when: ({ fleet }, id) => (id in fleet.runs ? true : `There is no run ${id}.`),
    act: (situation, id) => zoom({ ...situation, view: { ...situation.view, cursor: id } }),
  },
  likeKey('freeze', 'freeze', 'freeze its process tree now', { fits: held(false) }),
  likeKey('resume', 'freeze', 'let it go on', { fits: held(true) }),
  likeKey('drain', 'drain', 'finish this pass, start no other'),
  likeKey('stop', 'stop', 'stop it politely, keep the work (asks)'),
  likeKey('kill', 'kill', 'kill its whole process tree at once (asks)'),
  likeKey('escalate', 'escalate', 'a stronger model', {
    rest: 'rung or model',
    say: (run, to) => ({ do: 'escalate', run, to }),
  }),
  likeKey('note', 'note', 'a note to its agent', { rest: 'text', say: (run, text) => ({ do: 'note', run, text }) }),
  likeKey('budget', 'budget', 'raise its budget', {
    rest: '+200k, $8, 1h',
    say: (run, text) => {
      const caps = parseCaps(text);
      return typeof caps === 'string' ? caps : { do: 'budget', run, ...caps };
    },
  }),
  likeKey('rule', 'rule', 'a rule from its last failure'),
  likeKey('review', 'review-run', 'review its diff'),
  likeKey('land', 'land', 'land it on its target (asks)'),
  likeKey('send-back', 'send-back', 'send it back to its maker, with a note'),
  likeKey('discard', 'discard', 'discard it; its branch stays for a week (asks)'),
  likeKey('attach', 'attach', 'its own session, or a shell in its worktree'),
  {
    name: 'run',
    of: 'loop',
    help: 'start it',
    when: loopFits,
    act: ({ view }, loop) => sent(view, [{ do: 'run', loop }]),
  },
  {
    name: 'renew',
    of: 'loop',
    help: 'let its heartbeat go on',
    when: (situation, name) =>
      loopFits(situation, name) === true && heartOf(situation.fleet, name) === null
        ? `${name} has no heartbeat.`
        : loopFits(situation, name),
    act: ({ view }, loop) => sent(view, [{ do: 'renew', loop }]),
  },
  {
    name: 'promote',
    of: 'hit',
    help: 'start the loop that takes it',
    rest: 'loop',
    when: openHit,
    act({ view, fleet }, hit, to) {
      const found = fleet.hits[hit];
      if (to !== '') return sent(view, [{ do: 'promote', hit, to }]);
      return found === undefined ? `There is no hit ${hit}.` : open(view, openPromote(fleet, found));
    },
  },
  {
    name: 'dismiss',
    of: 'hit',
    help: 'dismiss it',
    when: openHit,
    act: ({ view }, hit) => sent(view, [{ do: 'dismiss', hit }]),
  },
];

/** Everything of its kind that it could be said of, the newest first where age counts. */
export function subjectsOf({ of }: Verb, fleet: FleetState): readonly string[] {
  switch (of) {
    case 'run':
      return Object.values(fleet.runs)
        .sort((a, b) => b.queuedAt - a.queuedAt)
        .map(({ id }) => id);
    case 'loop':
      return Object.keys(fleet.loops).sort();
    case 'hit':
      return Object.keys(fleet.hits);
  }
}
