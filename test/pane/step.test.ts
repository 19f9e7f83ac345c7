import assert from 'node:assert/strict';
import { test } from 'node:test';
import { step } from '../../source/pane/step.ts';
import { settled } from '../../source/pane/view.ts';
import { Desk } from './desk.ts';
import { fleet, NOW, nineRuns, run } from './fleet-fixture.ts';
import { spentFleet } from './spend-fixture.ts';

test('the cursor begins on what needs a person', () => {
  assert.equal(new Desk().view.cursor, 'ci-fix-12');
});

test('p freezes what goes on and resumes what stands still', () => {
  assert.deepEqual(new Desk().press('p').commands, [{ do: 'freeze', run: 'ci-fix-12' }]);
  assert.deepEqual(new Desk().at('refactor-7').press('p').commands, [{ do: 'resume', run: 'refactor-7' }]);
  assert.match(new Desk().at('docs-9').press('p').view.toast?.text ?? '', /docs-9 waits for your answer: n gives it/);
  assert.match(new Desk().at('docs-2').press('p').view.toast?.text ?? '', /docs-2 is green/);
});

test('p on several freezes those that go on and leaves the rest', () => {
  const desk = new Desk().press('space').at('refactor-7').press('space').at('visual-4').press('space', 'p');
  assert.deepEqual(desk.commands, [
    { do: 'freeze', run: 'ci-fix-12' },
    { do: 'freeze', run: 'visual-4' },
  ]);
});

test('kill and stop ask first, and everything but y means No', () => {
  for (const [key, verb] of [
    ['X', 'kill'],
    ['x', 'stop'],
  ] as const) {
    for (const no of ['enter', 'esc', 'n', 'q']) {
      const desk = new Desk().press(key);
      assert.equal(desk.view.dialogs.length, 1);
      assert.deepEqual(desk.press(no).commands, [], `${key} ${no}`);
      assert.equal(desk.view.dialogs.length, 0);
    }
    for (const other of ['space', 'x', 'X', 'down', 'k']) {
      const desk = new Desk().press(key, other);
      assert.deepEqual(desk.commands, []);
      assert.equal(desk.view.dialogs.length, 1);
    }
    assert.deepEqual(new Desk().press(key, 'y').commands, [{ do: verb, run: 'ci-fix-12' }]);
  }
});

test('a pasted y does not answer Yes', () => {
  const desk = new Desk().press('X');
  const { intents, view } = step(desk.situation, { paste: 'y' });
  assert.deepEqual(intents, []);
  assert.equal(view.dialogs.length, 1);
});

test('kill applies to all that were chosen, and only to those that are open', () => {
  const desk = new Desk().press('space').at('ci-fix-11').press('space').at('visual-4').press('space', 'X', 'y');
  assert.deepEqual(desk.commands, [
    { do: 'kill', run: 'ci-fix-12' },
    { do: 'kill', run: 'visual-4' },
  ]);
});

test('a key that is impossible changes nothing and says why', () => {
  const desk = new Desk().at('ci-fix-11').press('X');
  assert.deepEqual(desk.view.dialogs, []);
  assert.equal(desk.view.toast?.text, 'ci-fix-11 has ended (landed): nothing to kill.');
  assert.equal(desk.press('down').view.toast, null);
});

test('Esc goes one step back at a time and never leaves', () => {
  const desk = new Desk().press('space', '/', 'd', 'o', 'c', 's', 'enter', 'enter');
  assert.equal(desk.view.screen, 'loop');
  desk.press('esc');
  assert.equal(desk.view.screen, 'fleet');
  assert.equal(desk.view.picked.size, 1);
  desk.press('esc');
  assert.equal(desk.view.picked.size, 0);
  assert.equal(desk.view.filter, 'docs');
  desk.press('esc', 'esc', 'esc', 'esc');
  assert.equal(desk.view.filter, '');
  assert.deepEqual(desk.intents, []);
});

test('Tab goes round those who need a person', () => {
  const desk = new Desk();
  const seen = [1, 2, 3].map(() => desk.press('tab').view.cursor);
  assert.deepEqual(seen, ['burn-3', 'docs-9', 'ci-fix-12']);
});

test('the filter knows states and loops, and letters in it are not commands', () => {
  const desk = new Desk().press('/', ...'state:frozen');
  assert.equal(desk.view.cursor, 'refactor-7');
  assert.deepEqual(desk.press('enter').view.filter, 'state:frozen');
  const loop = new Desk().press('/', ...'loop:docs', 'X', 'backspace', 'enter');
  assert.equal(loop.view.cursor, 'docs-9');
  assert.deepEqual(loop.view.dialogs, []);
  assert.deepEqual(loop.commands, []);
});

test('in a run, up and down choose the pass and the newest is followed again', () => {
  const desk = new Desk().press('enter', 'up');
  assert.equal(desk.view.pass, 2);
  desk.press('down');
  assert.equal(desk.view.pass, 3);
  desk.press('down');
  assert.equal(desk.view.pass, null);
  assert.deepEqual(
    [...'llllllll'].map((key) => desk.press(key).view.tab),
    ['gates', 'goal', 'prompt', 'rules', 'diff', 'events', 'files', 'trace'],
  );
});

test('a trace scrolls within its ends', () => {
  const long = Array.from({ length: 200 }, (_, at) => ({ at: NOW, pass: 1, kind: 'thought' as const, text: `t${at}` }));
  const desk = new Desk(fleet([run('a', 1, { trace: long })])).press('enter', 'pageup');
  const page = desk.view.scroll;
  assert.ok(page > 10 && page < 40);
  desk.press('g');
  const top = desk.view.scroll;
  assert.ok(top > 150 && top < 200);
  assert.equal(desk.press('pageup').view.scroll, top);
  assert.equal(desk.press('G').view.scroll, 0);
  assert.equal(desk.press('pagedown').view.scroll, 0);
});

test('ctrl-c leaves at the second press and not at a late one', () => {
  const desk = new Desk().press('ctrl-c');
  assert.deepEqual(desk.intents, []);
  assert.match(desk.view.toast?.text ?? '', /again/);
  desk.situation = { ...desk.situation, now: NOW + 5000 };
  assert.deepEqual(desk.press('ctrl-c').intents, []);
  assert.deepEqual(desk.press('ctrl-c').intents, [{ do: 'leave' }]);
  assert.deepEqual(new Desk().press('X', 'ctrl-c', 'ctrl-c').intents, [{ do: 'leave' }]);
});

test('on a screen too small to show a dialog no key can answer one', () => {
  const desk = new Desk().press('X');
  desk.situation = { ...desk.situation, columns: 20, rows: 5 };
  assert.deepEqual(desk.press('y').commands, []);
});

test('a run that is gone leaves cursor and selection', () => {
  const { view } = new Desk().press('space');
  const after = settled(view, fleet(nineRuns().slice(1)));
  assert.equal(after.cursor, 'burn-3');
  assert.equal(after.picked.size, 0);
});

test('the cursor goes to a run that was just started as soon as it is there', () => {
  const { view } = new Desk();
  const waiting = settled({ ...view, awaited: 'ci-fix-13' }, fleet(nineRuns()));
  assert.equal(waiting.cursor, 'ci-fix-12');
  const arrived = settled(waiting, fleet([...nineRuns(), run('ci-fix', 13)]));
  assert.deepEqual([arrived.cursor, arrived.awaited], ['ci-fix-13', null]);
});

test('5 opens the spend, from where Esc leads back; its keys choose what is added up and how far back', () => {
  const desk = new Desk(spentFleet()).press('5');
  assert.equal(desk.view.screen, 'spend');
  assert.deepEqual(desk.view.spend, { by: 'loop', period: 7 });
  desk.press('tab', 'b', 'right', 'l');
  assert.equal(desk.view.spend.by, 'run');
  desk.press('tab');
  assert.equal(desk.view.spend.by, 'loop');
  desk.press('h');
  assert.equal(desk.view.spend.by, 'run');
  desk.press('d', 'd', 'd');
  assert.equal(desk.view.spend.period, 1);
  assert.equal(desk.press('d').view.spend.period, 7);
  assert.equal(desk.press('esc').view.screen, 'fleet');
  assert.equal(desk.press('enter', '5', '1').view.screen, 'fleet');
  assert.equal(desk.intents.length, 0);
});

test('the spend is there without a run, and scrolls no further than its end', () => {
  assert.equal(new Desk(fleet([])).press('5').view.screen, 'spend');
  const desk = new Desk(spentFleet()).press('5', 'left', 'd');
  desk.situation = { ...desk.situation, rows: 14 };
  assert.equal(desk.press('up').view.scroll, 0);
  const end = desk.press('G').view.scroll;
  assert.ok(end > 5);
  assert.equal(desk.press('down', 'pagedown').view.scroll, end);
  assert.equal(desk.press('k').view.scroll, end - 1);
  assert.equal(desk.press('g').view.scroll, 0);
  assert.equal(desk.press('j', 'tab').view.scroll, 0);
});

test('keys that need a run do nothing on the spend', () => {
  const desk = new Desk(spentFleet()).press('5', 'x', 'X', 'p', 'e', 'enter', 'n', '+');
  assert.equal(desk.view.dialogs.length, 0);
  assert.equal(desk.intents.length, 0);
  assert.equal(desk.view.screen, 'spend');
});
