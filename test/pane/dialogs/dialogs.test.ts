import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openBudget, parseCaps, stepBudget } from '../../../source/pane/dialogs/budget.ts';
import { confirmKill, confirmStop } from '../../../source/pane/dialogs/confirm.ts';
import { type Dialog, frameDialog, stepDialog, withText } from '../../../source/pane/dialogs/dialog.ts';
import { type Entry, entry, entryRows, typed } from '../../../source/pane/dialogs/entry.ts';
import { openEscalate } from '../../../source/pane/dialogs/escalate.ts';
import { openNote } from '../../../source/pane/dialogs/note.ts';
import { openRule } from '../../../source/pane/dialogs/rule.ts';
import { sheet } from '../../../source/pane/dialogs/sheet.ts';
import { openStart } from '../../../source/pane/dialogs/start.ts';
import { cells, line, textOf } from '../../../source/pane/present/span.ts';
import { fleet, loopState, NOW, nineRuns } from '../fleet-fixture.ts';

const state = fleet(nineRuns(), {
  loops: {
    broken: loopState('broken', { definition: null, problems: ['line 4: gates: expected a list'] }),
    'ci-fix': loopState('ci-fix'),
    fresh: loopState('fresh', { trusted: false }),
  },
});
const around = { fleet: state, now: NOW, columns: 120, rows: 40 };
const of = (id: string) => {
  const found = state.runs[id];
  assert.ok(found !== undefined);
  return found;
};

/** Presses keys one after the other; the last answer counts. */
function press(first: Dialog, ...keys: string[]) {
  let dialog: Dialog | null = first;
  let last: ReturnType<typeof stepDialog> = { dialog, intents: [] };
  for (const key of keys) {
    if (dialog === null) break;
    last = stepDialog(dialog, { key }, around);
    dialog = last.dialog;
  }
  const commands = last.intents.flatMap((intent) => (intent.do === 'send' ? intent.commands : []));
  return { ...last, commands };
}

const text = (dialog: Dialog, size = around) => frameDialog(dialog, size).lines.map(textOf).join('\n');

test('a confirmation names the run, what is kept and what is lost', () => {
  const kill = text(confirmKill([of('ci-fix-12')]));
  assert.match(kill, /Kill ci-fix-12 now\?/);
  assert.match(kill, /1 agent and every process it started end at once\./);
  assert.match(kill, /Kept: the worktree with all it holds, branch looptop\/ci-fix-12/);
  assert.match(kill, /Lost: the response in flight/);
  assert.match(kill, /y kill +\[N\] no/);
  assert.match(
    text(confirmStop(nineRuns().slice(0, 5))),
    /Stop 5 runs \(ci-fix-12, burn-3 …\)\?[\s\S]*Ended for good, as nothing of it is at work: burn-3\./,
  );
  assert.match(text(confirmKill([of('burn-3')])), /Nothing of it is alive/);
  assert.match(text(confirmStop([of('docs-2')])), /End docs-2\?[\s\S]*ends it for good[\s\S]*y end/);
});

test('an entry is edited where its cursor stands, by whole characters', () => {
  const type = (first: Entry, ...keys: string[]) => keys.reduce((each, key) => typed(each, { key }) ?? each, first);
  assert.deepEqual(type(entry(), 'a', 'space', 'b'), { text: 'a b', at: 3 });
  assert.equal(type(entry('ab'), 'left', 'X').text, 'aXb');
  assert.equal(type(entry('naïve 👩‍🚀'), 'backspace').text, 'naïve ');
  assert.equal(type(entry('one two three'), 'ctrl-w').text, 'one two ');
  assert.equal(type(entry('one two'), 'ctrl-a', 'ctrl-k').text, '');
  assert.equal(type(entry('one two'), 'home', 'delete').text, 'ne two');
  assert.deepEqual(type(entry('one two'), 'alt-left', 'ctrl-u'), { text: 'two', at: 0 });
  assert.equal(typed(entry(), { key: 'f13' }), null);
  assert.equal(typed(entry('a'), { paste: 'b\u001b[2J\u0007c' })?.text, 'abc');
});

test('the cursor of an entry is always on a shown row, and no row is too wide', () => {
  const unit = fc.constantFrom('a', ' ', '日', '🚀', '\n', 'e\u0301');
  fc.assert(
    fc.property(
      fc.string({ unit, maxLength: 60 }),
      fc.integer({ min: 2, max: 20 }),
      fc.integer({ min: 1, max: 5 }),
      (written, room, most) => {
        const rows = entryRows(entry(written), room, most, true);
        assert.ok(rows.length <= most);
        for (const row of rows) assert.ok(cells(textOf(row)) <= room);
        assert.equal(rows.flat().filter(({ look }) => look === 'cursor').length, 1);
      },
    ),
  );
});

test('caps are read the way people write them', () => {
  assert.deepEqual(parseCaps('+200k'), { tokens: '+200k' });
  assert.deepEqual(parseCaps('$8'), { usd: '8' });
  assert.deepEqual(parseCaps('+$2'), { usd: '+2' });
  assert.deepEqual(parseCaps('1h'), { wall: '1h' });
  assert.deepEqual(parseCaps('+30m'), { wall: '+30m' });
  assert.deepEqual(parseCaps('1.5M'), { tokens: '1.5M' });
  assert.deepEqual(parseCaps('+2 passes'), { passes: '+2' });
  assert.deepEqual(parseCaps('12passes, 900k +$1.50'), { passes: '12', tokens: '900k', usd: '+1.50' });
  for (const bad of ['', 'more', '-200k', '7', '$', '+', '2 hours']) assert.equal(typeof parseCaps(bad), 'string', bad);
});

test('a budget that cannot be read stays open and says so', () => {
  const answer = stepBudget({ ...openBudget([of('burn-3')]), entry: entry('lots') }, { key: 'enter' });
  assert.match(answer.refused ?? '', /"lots" is no cap/);
  assert.notEqual(answer.dialog, null);
  assert.deepEqual(press(openBudget([of('burn-3')]), ...'+200k', 'enter').commands, [
    { do: 'budget', run: 'burn-3', tokens: '+200k' },
  ]);
  assert.match(text(openBudget([of('burn-3')])), /tokens .* 400k \/ 400k[\s\S]*usd .* \$3\.90 \/ \$5\.00/);
});

test('a note goes to the run, and an empty one does not', () => {
  assert.deepEqual(press(openNote([of('ci-fix-12')]), ...'hi', 'enter').commands, [
    { do: 'note', run: 'ci-fix-12', text: 'hi' },
  ]);
  assert.match(press(openNote([of('ci-fix-12')]), 'space', 'enter').refused ?? '', /nothing to say/);
  assert.match(text(openNote([of('docs-9')])), /docs-9 asks[\s\S]*Should the guide for v1 be deleted too\?/);
});

test('the editor gets the text and its text comes back', () => {
  const note = openNote([of('ci-fix-12')]);
  assert.deepEqual(press(note, 'h', 'i', 'ctrl-e').intents, [{ do: 'edit', text: 'hi' }]);
  assert.deepEqual(press(withText(note, 'two\nlines\n'), 'enter').commands, [
    { do: 'note', run: 'ci-fix-12', text: 'two\nlines' },
  ]);
});

test('escalate offers the rungs above, or any model, with a note', () => {
  const open = () => openEscalate([of('ci-fix-12')]);
  assert.match(text(open()), /▶ strong \(claude\)/);
  assert.deepEqual(press(open(), 'enter').commands, [{ do: 'escalate', run: 'ci-fix-12', to: '1' }]);
  assert.deepEqual(press(open(), 'down', ...'opus-5', 'tab', ...'why', 'enter').commands, [
    { do: 'escalate', run: 'ci-fix-12', to: 'opus-5', note: 'why' },
  ]);
  assert.match(press(open(), 'down', 'enter').refused ?? '', /Type the model/);
  assert.deepEqual(press(openEscalate([of('ci-fix-12'), of('visual-4')]), 'enter').commands, [
    { do: 'escalate', run: 'ci-fix-12' },
    { do: 'escalate', run: 'visual-4' },
  ]);
});

test('a drafted rule is kept as edited, scoped, or dropped', () => {
  const run = of('ci-fix-12');
  assert.ok(run.draft !== null);
  const open = () => openRule(run, run.draft ?? assert.fail());
  assert.match(text(open()), /Gate unit was red in pass 2:[\s\S]*expected 3 calls, saw 2[\s\S]*› Use fake timers/);
  assert.deepEqual(press(open(), '!', 'enter').commands, [
    {
      do: 'rule-approve',
      run: 'ci-fix-12',
      text: 'Use fake timers in packages/queue tests!',
      scope: 'packages/queue/**',
    },
  ]);
  assert.deepEqual(
    press(open(), 'tab', 'ctrl-u', ...'src/**', 'enter').commands.map((each) => ('scope' in each ? each.scope : '')),
    ['src/**'],
  );
  assert.deepEqual(press(open(), 'ctrl-x').commands, [{ do: 'rule-drop', run: 'ci-fix-12' }]);
  assert.match(press(open(), 'ctrl-u', 'enter').refused ?? '', /needs words/);
});

test('a rule drafted on the spot is added, since none waits to be approved', () => {
  const run = { ...of('ci-fix-12'), draft: null };
  const dialog = openRule(run, { text: 'Be kind', scope: '**', gate: 'unit', fingerprint: 'f', pass: 2 });
  assert.deepEqual(press(dialog, 'enter').commands, [
    { do: 'rule-add', from: 'ci-fix-12', text: 'Be kind', scope: '**' },
  ]);
  assert.match(press(dialog, 'ctrl-x').refused ?? '', /No draft/);
});

test('start stands on the first loop that can run and refuses the others with the reason', () => {
  assert.deepEqual(press(openStart(state), 'enter').commands, [{ do: 'run', loop: 'ci-fix' }]);
  assert.match(press(openStart(state), 'up', 'enter').refused ?? '', /broken is broken: line 4/);
  assert.match(press(openStart(state), 'down', 'enter').refused ?? '', /fresh is not trusted yet \(looptop trust\)/);
});

test('every dialog fits every screen that is not too small', () => {
  const draft = of('ci-fix-12').draft ?? assert.fail();
  const all: Dialog[] = [
    confirmKill([of('ci-fix-12')]),
    openNote([of('docs-9')]),
    openBudget([of('burn-3')]),
    openEscalate([of('ci-fix-12')]),
    openRule(of('ci-fix-12'), draft),
    openStart(state),
    sheet(
      'Rules',
      Array.from({ length: 50 }, (_, at) => line(`rule ${at} 日本語 `.repeat(9))),
    ),
  ];
  for (const dialog of all)
    for (const columns of [30, 40, 80, 200])
      for (const rows of [6, 12, 15, 16, 24, 50]) {
        const framed = frameDialog(dialog, { ...around, columns, rows });
        const where = `${dialog.kind} at ${columns}x${rows}`;
        assert.ok(framed.width <= columns, where);
        assert.ok(framed.lines.length <= rows, where);
        for (const row of framed.lines) assert.equal(cells(textOf(row)), framed.width, where);
        const isWritten = dialog.kind === 'note' || dialog.kind === 'rule' || dialog.kind === 'budget';
        if (isWritten)
          assert.ok(
            framed.lines.flat().some(({ look }) => look === 'cursor'),
            where,
          );
      }
});
