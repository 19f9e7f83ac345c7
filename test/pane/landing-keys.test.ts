/** The keys for finished work: what they ask first, what they say when they can do nothing, and what they send. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { USUAL_SUCCESS } from '../../source/loop/definition/success.ts';
import type { Landing, RunState } from '../../source/loop/state.ts';
import { frameDialog } from '../../source/pane/dialogs/dialog.ts';
import { textOf } from '../../source/pane/present/span.ts';
import { Desk } from './desk.ts';
import { definition, fleet, NOW, pass, run } from './fleet-fixture.ts';

const green = (loop: string, change: Partial<RunState> = {}): RunState =>
  run(loop, 1, {
    status: { tag: 'open', phase: 'review', hold: null },
    ...{ commit: '9f8e7d6c5b4a', passes: [pass(1, '+++')], agent: null },
    ...change,
  });
const landing = (step: Landing['step']): Landing => ({
  ...{ how: 'rebase', target: 'main', push: false, by: 'ada', askedAt: NOW, place: 1, step },
});
const desk = (...runs: RunState[]) => {
  const landings = runs.flatMap((each) => (each.landing === null ? [] : [each.id]));
  return new Desk(fleet(runs, { landings })).at(runs[0]?.id ?? '');
};
const shown = ({ view, situation }: Desk): string => {
  const dialog = view.dialogs.at(-1);
  return dialog === undefined ? '' : frameDialog(dialog, situation).lines.map(textOf).join('\n');
};
const says = (some: Desk): string => some.view.toast?.text ?? '';

test('L says where it lands and how, and lands only at y', () => {
  const asked = desk(green('docs')).press('L');
  assert.match(shown(asked), /Land docs-1\?[\s\S]*How: rebase on main\.[\s\S]*all gates run on the merged tree/);
  assert.match(shown(asked), /y land +\[N\] no/);
  assert.deepEqual(desk(green('docs')).press('L', 'enter').commands, []);
  assert.deepEqual(asked.press('y').commands, [{ do: 'land', run: 'docs-1' }]);
});

test('what a loop says of its landing, who is before it, and what to look at stand in the question', () => {
  const onSuccess = { ...USUAL_SUCCESS, pr: { draft: true, labels: [] }, asks: ['Is it announced?'] };
  const flagged = pass(1, '+');
  const gates = flagged.gates.map((gate) => ({ ...gate, flags: ['the maker changed check.sh, which it runs'] }));
  const first = green('docs', { definition: definition('docs', { onSuccess }), passes: [{ ...flagged, gates }] });
  const text = shown(desk(first, green('ci-fix', { landing: landing({ is: 'merging' }) })).press('L'));
  assert.match(text, /How: pull request for main\./);
  assert.match(text, /You say yes to: Is it announced\?/);
  assert.match(text, /Look at docs-1, types: the maker changed check\.sh, which it runs\./);
  assert.match(text, /Before it: 1 in the queue\./);
});

test('b opens a note that begins the next pass, D throws away, and both can be left', () => {
  const back = desk(green('docs')).press('b');
  assert.match(shown(back), /Send docs-1 back[\s\S]*the next pass begins with it/);
  assert.deepEqual(back.press('n', 'o', 'enter').commands, [{ do: 'send-back', run: 'docs-1', note: 'no' }]);
  const away = desk(green('docs')).press('D');
  assert.match(shown(away), /Discard docs-1\?[\s\S]*Kept for a week: branch looptop\/docs-1\./);
  assert.deepEqual(away.press('esc').commands, []);
  assert.deepEqual(desk(green('docs')).press('D', 'y').commands, [{ do: 'discard', run: 'docs-1' }]);
});

test('of several chosen the finished are meant, and a key that can do nothing says why', () => {
  const chosen = desk(green('docs'), green('ci-fix'), run('refactor', 1)).press('space').at('ci-fix-1').press('space');
  assert.deepEqual(
    chosen
      .at('refactor-1')
      .press('space', 'L', 'y')
      .commands.map((command) => 'run' in command && command.run),
    ['docs-1', 'ci-fix-1'],
  );
  for (const key of ['L', 'b', 'D'])
    assert.match(says(desk(run('docs', 1)).press(key)), /docs-1 is not green \(making\)/);
  const open = green('docs', { definition: definition('docs', { kind: 'open' }) });
  assert.match(says(desk(open).press('L')), /kind open: it explores, and may never land/);
  assert.match(says(new Desk(fleet([])).press('L')), /No run is selected/);
});

test('what lands is no finished work any more: x takes it back, and the other keys say so', () => {
  const lands = () => desk(green('docs', { landing: landing({ is: 'merging' }) }));
  assert.match(says(lands().press('L')), /docs-1 lands already: x takes it back/);
  assert.match(says(lands().press('p')), /docs-1 lands: x takes that back/);
  assert.match(says(lands().press('n')), /b sends it back with one/);
  assert.match(says(lands().press('e')), /green already/);
  const back = lands().press('x');
  assert.match(shown(back), /Take back the landing of docs-1\?/);
  assert.deepEqual(back.press('y').commands, [{ do: 'stop', run: 'docs-1' }]);
});
