/** The keys of the Review view, rows of the keymap like any other. What they do is in steps.ts. */

import * as act from '../review/steps.ts';
import { ALWAYS, type Binding } from './binding.ts';
import { LANDING_KEYS } from './landing.ts';

export { reviewRun, toReview } from '../review/steps.ts';

const REVIEW = ['review'] as const;

const moving = (action: act.To, keys: string[], help: string): Binding => ({
  action,
  keys,
  where: REVIEW,
  when: ALWAYS,
  help,
  footer: null,
  act: (situation) => act.move(situation, action),
});

/** The keys for finished work are the same here, but that sending back carries the comments. */
const landing = (action: 'land' | 'discard', rank: number): readonly Binding[] =>
  LANDING_KEYS.filter((binding) => binding.action === action).map((binding) => ({
    ...binding,
    where: REVIEW,
    footer: { label: () => action, rank },
  }));

export const REVIEW_KEYS: readonly Binding[] = [
  ...landing('land', 5),
  ...landing('discard', 8),
  {
    action: 'mark-read',
    keys: ['space'],
    where: REVIEW,
    when: act.whenHunk,
    help: 'this hunk is read; on to the next unread one',
    footer: { label: () => 'read', rank: 2 },
    act: act.markRead,
  },
  {
    action: 'comment',
    keys: ['c'],
    where: REVIEW,
    when: act.whenLine,
    help: 'comment on the line under the cursor; send back carries it',
    footer: { label: () => 'comment', rank: 3 },
    act: act.comment,
  },
  {
    action: 'send-back-review',
    keys: ['b'],
    where: REVIEW,
    when: act.whenGreen,
    help: 'send the work back to its maker: all comments and a note',
    footer: { label: () => 'send back', rank: 4 },
    act: act.sendBack,
  },
  {
    action: 'evidence',
    keys: ['o'],
    where: REVIEW,
    when: act.whenEntry,
    help: 'why it is believed done, in full: gates with their output, checker, passes',
    footer: { label: () => 'evidence', rank: 6 },
    act: act.evidence,
  },
  {
    action: 'fold',
    keys: ['enter'],
    where: REVIEW,
    when: act.whenRow,
    help: 'fold or unfold the file',
    footer: { label: () => 'fold', rank: 9 },
    act: act.fold,
  },
  {
    action: 'next-run',
    keys: ['tab'],
    where: REVIEW,
    when: act.whenEntry,
    help: 'the next run of the queue',
    footer: { label: () => 'next run', rank: 7 },
    act: (situation) => act.nextRun(situation, 1),
  },
  {
    action: 'run-before',
    keys: ['shift-tab'],
    where: REVIEW,
    when: act.whenEntry,
    help: 'the run before it',
    footer: null,
    act: (situation) => act.nextRun(situation, -1),
  },
  moving('next-hunk', [']'], 'the next hunk'),
  moving('hunk-before', ['['], 'the hunk before'),
  moving('next-file', ['}'], 'the next file'),
  moving('file-before', ['{'], 'the file before'),
  moving('up', ['up', 'k'], 'the line above'),
  moving('down', ['down', 'j'], 'the line below'),
  moving('left', ['left', 'h'], 'long lines: to the left'),
  moving('right', ['right', 'l'], 'long lines: to the right'),
  moving('page-up', ['pageup', 'ctrl-u'], 'a page up'),
  moving('page-down', ['pagedown', 'ctrl-d'], 'a page down'),
  moving('top', ['g', 'home'], 'to the first line'),
  moving('bottom', ['G', 'end'], 'to the last line'),
];
