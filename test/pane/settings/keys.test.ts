import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { footerLine } from '../../../source/pane/footer.ts';
import { helpLines } from '../../../source/pane/keys/help.ts';
import { bindingOf, KEYMAP } from '../../../source/pane/keys/keymap.ts';
import { order } from '../../../source/pane/order.ts';
import { fleetRows } from '../../../source/pane/present/fleet.ts';
import { textOf } from '../../../source/pane/present/span.ts';
import { readKeys } from '../../../source/pane/settings/keys.ts';
import { step } from '../../../source/pane/step.ts';
import { attentionLines, legend } from '../../../source/pane/view.ts';
import { fleet, NOW, nineRuns } from '../fleet-fixture.ts';
import { situation } from '../situation.ts';

const state = fleet(nineRuns());

test('an action has the operator’s key, and its usual one no longer', () => {
  const { keys, problems } = readKeys({ freeze: ['z'], kill: ['ctrl-k', 'K'] });
  assert.deepEqual(problems, []);
  assert.equal(bindingOf('z', 'fleet', keys)?.action, 'freeze');
  assert.equal(bindingOf('K', 'loop', keys)?.action, 'kill');
  assert.equal(bindingOf('p', 'fleet', keys), null);
  const { intents } = step(situation(state, { keys }), { key: 'z' });
  assert.deepEqual(intents, [{ do: 'send', commands: [{ do: 'freeze', run: 'ci-fix-12' }] }]);
});

test('footer, help, attention lines, panes and reasons name the operator’s keys', () => {
  const { keys } = readKeys({ freeze: ['z'], budget: ['B'], start: ['N'], note: [] });
  const at = situation(state, { keys });
  assert.match(textOf(footerLine(at)), /z freeze .*B budget .*N start/);
  const help = helpLines(KEYMAP, at).map(textOf).join('\n');
  assert.match(help, /^z {11}freeze the process tree/m);
  assert.match(help, /^:note {7}note to the agent/m);
  assert.match(attentionLines(at).map(textOf).join('\n'), /burn-3 .*B raise · e escalate/);
  const look = { ordered: order(Object.values(state.runs), ''), cursor: null, picked: new Set<string>(), filter: '' };
  const rows = fleetRows(state, { ...look, now: NOW, legend: legend(at) }, 120, 34)
    .map(textOf)
    .join('\n');
  assert.match(rows, /frozen by ada.*z to resume/);
  const empty = step(situation(fleet([]), { keys }), { key: 'x' }).view.toast?.text;
  assert.equal(empty, 'No run is selected: N starts one.');
  const asks = { ...at, view: { ...at.view, cursor: 'docs-9' } };
  assert.match(step(asks, { key: 'z' }).view.toast?.text ?? '', /waits for your answer: :note gives it/);
});

test('an unknown action and an unknown key are errors that say what may be meant', () => {
  assert.deepEqual(
    readKeys({ freez: ['f'], kill: ['entr'], stop: ['ctrl-c'], drain: ['xy'], zoom: ['ctrl-m'] }).problems,
    [
      'keys.freez: there is no such action (did you mean freeze?)',
      'keys.kill: "entr" is no key (did you mean enter?)',
      'keys.stop: ctrl-c cannot be given away: it always leaves at its second press',
      'keys.drain: "xy" is no key: write a character, ctrl-x, alt-x, or a name such as enter, space, pageup',
      'keys.zoom: ctrl-m cannot be given away: a terminal sends enter for it',
    ],
  );
  assert.match(readKeys({ interrupt: ['i'] }).problems[0] ?? '', /no such action/);
});

test('a key that would mean two things is told once, with both', () => {
  assert.deepEqual(readKeys({ freeze: ['n'] }).problems, [
    'keys.freeze: n is note already (note to the agent, or the answer to its question): give keys.note another one',
  ]);
  assert.deepEqual(readKeys({ freeze: ['n'], note: ['p'] }).problems, []);
});

test('whatever is written, no key means two things where nothing is complained of', () => {
  const actions = KEYMAP.map(({ action }) => action);
  const words = fc.dictionary(
    fc.constantFrom(...actions),
    fc.array(fc.constantFrom('f', 'n', 'P', 'x', 'enter', 'ctrl-k', 'alt-p', '日', 'entr'), { maxLength: 2 }),
    { maxKeys: 5 },
  );
  fc.assert(
    fc.property(words, (written) => {
      const { keys, problems } = readKeys(written);
      if (problems.length > 0) return;
      for (const screen of ['fleet', 'loop', 'triage', 'review', 'rules', 'spend'] as const) {
        const all = KEYMAP.filter(({ where }) => where.includes(screen)).flatMap(
          (binding) => keys.byAction[binding.action] ?? binding.keys,
        );
        assert.equal(new Set(all).size, all.length);
      }
    }),
  );
});
