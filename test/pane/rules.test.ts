import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bindingOf } from '../../source/pane/keys/keymap.ts';
import { ruleList, rulesScreen } from '../../source/pane/present/rules.ts';
import { cells, textOf } from '../../source/pane/present/span.ts';
import { step } from '../../source/pane/step.ts';
import { FIRST_VIEW, type Situation } from '../../source/pane/view.ts';
import { fleet, NOW, run } from './fleet-fixture.ts';
import { RULES, rule, rulesFleet } from './rules-fixture.ts';
import { situation } from './situation.ts';
import { KEY, Stage } from './stage.ts';

process.env.TZ = 'UTC';

const EVIL = '\u001b]0;owned\u0007\u001b[2J\u001b[31mred\u001b[0m\u009b5n\n\u202etxt.exe\u0000';
const rows = (state = rulesFleet(), columns = 120, height = 20, chosen: string | null = null) =>
  rulesScreen(state, { rule: chosen, now: NOW }, columns, height).map((row) => textOf(row).trimEnd());

const at = (chosen: string | null, state = rulesFleet()): Situation =>
  situation(state, { view: { ...FIRST_VIEW, screen: 'rules', rule: chosen } });

test('drafts that wait come first, then the rules in force with their record, the retired last', () => {
  assert.deepEqual(rows().slice(0, 7), [
    '  RULE   STATE    TEXT                              SCOPE                   SHOWN HELPED   HURT     AGE  FROM',
    '▶        draft    Use fake timers in packages/que…  packages/queue/**                                    ci-fix-12',
    '  r001   trial    Do not edit generated files       src/generated/**            0      0      0    1d0h  ada',
    '  r020   kept     Use fake timers in queue tests    packages/queue/**          31     30      1   20d0h  queue-4',
    '  r021   → gate   Await every worker before you c…  **                         14      1      3   21d0h  queue-4',
    '  r022   → retire Mind the time zone                **                         12      1      2   22d0h  ada',
    '  r030   retired  Run the formatter                 **                          0      0      0   30d0h  ada',
  ]);
});

test('the chosen one says where it comes from and what its record asks for', () => {
  assert.match(rows(rulesFleet(), 120, 20, 'r021').join('\n'), / its failure came back 3 times: make it a test/);
  assert.match(rows(rulesFleet(), 120, 20, 'r022').join('\n'), / retire it: it failed 2 times and helped 1/);
  assert.match(
    rows(rulesFleet(), 120, 20, 'r020').join('\n'),
    / in packages\/queue\/\*\* {3}learned from queue-4: gate unit was red; kept by ada/,
  );
  assert.match(rows(rulesFleet(), 120, 20, 'r001').join('\n'), / written by ada/);
  const forgotten = rulesFleet([rule(5, { from: { run: 'old-1' as never, gate: 'unit', fingerprint: 'x' } })]);
  assert.match(rows(forgotten, 120, 20, 'r005').join('\n'), /learned from old-1, which is forgotten: gate unit/);
});

test('every size is filled exactly, whatever the rules say', () => {
  const state = rulesFleet([...RULES, rule(50, { text: EVIL, scope: EVIL, by: EVIL })]);
  const keys = ruleList(state).map(({ key }) => key);
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 220 }), fc.integer({ min: 4, max: 60 }), fc.nat(7), (columns, height, n) => {
      const screen = rulesScreen(state, { rule: keys[n] ?? 'r050', now: NOW }, columns, height);
      assert.equal(screen.length, height);
      for (const row of screen)
        assert.equal(
          row.reduce((sum, { text }) => sum + cells(text), 0),
          columns,
        );
      assert.doesNotMatch(screen.map(textOf).join(''), /[\u0000-\u001f\u0080-\u009f\u202a-\u202e]/);
    }),
    { numRuns: 60 },
  );
});

test('Enter decides on a draft and reads a rule with its evidence; d drops and retires; i writes', async () => {
  await using stage = new Stage(rulesFleet());
  await stage.type('4');
  await stage.shows('SHOWN HELPED', 'enter decide', 'd drop', 'i write');
  await stage.type(KEY.enter);
  await stage.shows('Rule from ci-fix-12', 'enter keep');
  await stage.type(KEY.esc, 'd');
  assert.deepEqual(await stage.sent(), [{ do: 'rule-drop', run: 'ci-fix-12' }]);
  await stage.type('j', 'j', 'j', KEY.enter);
  await stage.shows('Rule r021', 'came back 3 times', 'not ok 2 - retry waits', '- { id: r021, run:');
  await stage.type(KEY.esc, 'd');
  await stage.shows('Retire r021?', 'struck through', '[N] no');
  await stage.type('y');
  assert.deepEqual((await stage.sent()).slice(1), [{ do: 'rule-retire', id: 'r021' }]);
  await stage.type('i');
  await stage.shows('A rule of your own');
  await stage.type(...'Sort imports', KEY.enter);
  assert.deepEqual((await stage.sent()).slice(2), [{ do: 'rule-add', text: 'Sort imports' }]);
});

test('a key that is impossible says why; without a rule the view says how the first comes about', () => {
  const why = (key: string, id: string | null, state = rulesFleet()) => bindingOf(key, 'rules')?.when(at(id, state));
  assert.equal(why('d', 'r030'), 'r030 is retired already.');
  const none = fleet([run('docs', 1)], { rules: {} });
  assert.match(String(why('enter', null, none)), /no rule yet: r on a run/);
  assert.match(rows(none).join('\n'), /No rules yet\.\n\n {2}r on a run with a red gate drafts the first/);
  assert.deepEqual(step(at(null, none), { key: 'down' }).view.rule, null);
});
