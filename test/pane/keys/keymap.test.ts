import assert from 'node:assert/strict';
import { test } from 'node:test';
import { footerLine } from '../../../source/pane/footer.ts';
import { helpLines } from '../../../source/pane/keys/help.ts';
import { bindingOf, KEYMAP } from '../../../source/pane/keys/keymap.ts';
import { textOf } from '../../../source/pane/present/span.ts';
import { FIRST_VIEW, type Situation, settled } from '../../../source/pane/view.ts';
import { shellGate } from '../../loop/made-loop.ts';
import { definition, fleet, gate, NOW, nineRuns, pass, run } from '../fleet-fixture.ts';
import { situation } from '../situation.ts';

const state = fleet(nineRuns());
const at = (cursor: string | null, changes: Partial<Situation> = {}): Situation =>
  situation(state, { view: settled({ ...FIRST_VIEW, cursor }, changes.fleet ?? state), ...changes });

test('no key means two things on one screen', () => {
  for (const screen of ['fleet', 'loop', 'triage', 'review', 'rules', 'spend'] as const) {
    const keys = KEYMAP.filter(({ where }) => where.includes(screen)).flatMap((binding) => binding.keys);
    assert.deepEqual(keys, [...new Set(keys)]);
  }
});

test('an action means the same on every screen that has it, so that one key can be set for it', () => {
  const first = new Map<string, string>();
  for (const { action, keys } of KEYMAP) {
    const [key = ''] = keys;
    assert.equal(first.get(action) ?? key, key, action);
    first.set(action, key);
  }
});

test('where a person is asked, p and x are called what they do there', () => {
  const { run: _run, expect: _expect, wait: _wait, ...common } = shellGate({ id: 'eyes' });
  const asking = run('site', 1, {
    definition: definition('site', { gates: [{ ...common, type: 'human', question: 'Does it look right?' }] }),
    status: { tag: 'open', phase: 'gating', hold: { kind: 'paused', why: 'approval', detail: '', since: NOW } },
    passes: [{ ...pass(1, ''), gates: [gate('eyes', 'pending')] }],
    agent: null,
  });
  const footer = textOf(footerLine(at('site-1', { fleet: fleet([asking]) })));
  assert.match(footer, /p approve/);
  assert.match(footer, /x refuse/);
  const [first, ...more] = bindingOf('x', 'fleet')?.act(at('site-1', { fleet: fleet([asking]) })).view.dialogs ?? [];
  assert.ok(first?.kind === 'confirm' && more.length === 0);
  assert.deepEqual([first.title, first.yes, first.lines[0]], ['Refuse site-1?', 'refuse', 'Does it look right?']);
  assert.deepEqual(first.commands, [{ do: 'stop', run: 'site-1' }]);
});

test('a key that is impossible names the run and the reason', () => {
  const why = (key: string, cursor: string | null, changes: Partial<Situation> = {}) =>
    bindingOf(key, 'fleet')?.when(at(cursor, changes));
  assert.equal(why('p', 'ci-fix-11'), 'ci-fix-11 has ended (landed): nothing to freeze.');
  assert.equal(why('X', 'spiral-1'), 'spiral-1 has ended (failed: agent): nothing to kill.');
  assert.equal(why('P', 'refactor-7'), 'refactor-7 stands still already.');
  assert.equal(why('r', 'queue-1'), 'queue-1 has no red gate to learn a rule from.');
  const empty = fleet([], { loops: {} });
  assert.equal(why('x', null, { fleet: empty }), 'No run is selected: s starts one.');
  assert.match(String(why('s', null, { fleet: empty })), /looptop init/);
  for (const key of ['p', 'x', 'X', 'e', 'n', '+', 'a']) assert.equal(why(key, 'ci-fix-12'), true, key);
});

test('the footer, the help and the keys come from the same table', () => {
  const footer = textOf(footerLine(at('ci-fix-12')));
  const help = helpLines(KEYMAP, at('ci-fix-12')).map(textOf).join('\n');
  for (const binding of KEYMAP) {
    if (!binding.where.includes('fleet')) continue;
    assert.ok(help.includes(binding.help), binding.action);
    if (binding.footer !== null && binding.footer.rank <= 12)
      assert.ok(footer.includes(`${binding.keys[0]} ${binding.footer.label(at('ci-fix-12'))}`), binding.action);
  }
});

test('the help says why a key is impossible now', () => {
  const help = helpLines(KEYMAP, at('ci-fix-11')).map(textOf).join('\n');
  assert.match(help, /kill the whole process tree at once \(asks\)\. ci-fix-11 has ended/);
});

test('the footer is as wide as the screen, and the keys that matter most stay longest', () => {
  for (let columns = 30; columns <= 140; columns++) {
    const footer = textOf(footerLine(at('ci-fix-12', { columns })));
    assert.equal(footer.length, columns);
    assert.match(footer, /\? help/, `at ${columns}`);
  }
  assert.match(textOf(footerLine(at('refactor-7'))), /p resume/);
  assert.match(textOf(footerLine(at('docs-9'))), /n answer/);
});

test('without a run the footer offers only what can be done', () => {
  const footer = textOf(footerLine(at(null, { fleet: fleet([]) })));
  assert.match(footer, /s start/);
  assert.doesNotMatch(footer, /kill/);
});
