import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FleetState } from '../../../source/loop/state.ts';
import { framed, innerSize } from '../../../source/pane/dialogs/dialog.ts';
import { KEYMAP } from '../../../source/pane/keys/keymap.ts';
import { drawPalette } from '../../../source/pane/palette/draw.ts';
import { fuzzy } from '../../../source/pane/palette/fuzzy.ts';
import { offersFor } from '../../../source/pane/palette/offers.ts';
import { openPalette } from '../../../source/pane/palette/palette.ts';
import { VERBS } from '../../../source/pane/palette/verbs.ts';
import { cells, textOf } from '../../../source/pane/present/span.ts';
import { readKeys } from '../../../source/pane/settings/keys.ts';
import type { Situation } from '../../../source/pane/view.ts';
import { fleet, loopState, nineRuns } from '../fleet-fixture.ts';
import { pressed, situation } from '../situation.ts';
import { triageFleet } from '../triage-fixture.ts';

const nine = fleet(nineRuns());

/** Types a line into the palette and presses the other keys; what the pane asked of the world comes with it. */
function say(text: string, keys: readonly string[] = ['enter'], from: Situation = situation(nine)) {
  const typed = [...text].map((letter) => (letter === ' ' ? 'space' : letter));
  const { at, intents } = pressed(from, ':', ...typed, ...keys);
  const commands = intents.flatMap((intent) => (intent.do === 'send' ? intent.commands : []));
  return { situation: at, view: at.view, commands };
}

const texts = (typed: string, from: Situation = situation(nine)) => offersFor(from, typed).map(({ text }) => text);

test('without a word it offers what can be done now, with its key, and nothing that cannot', () => {
  const offers = offersFor(situation(nine), '');
  assert.deepEqual(offers.find(({ text }) => text === 'freeze')?.keys, 'p');
  assert.ok(offers.every(({ possible }) => possible === true));
  const landed = { ...situation(nine), view: { ...situation(nine).view, cursor: 'ci-fix-11' } };
  assert.ok(!texts('', landed).includes('kill'));
  assert.ok(texts('', landed).includes('start'));
});

test('a few letters find it, the beginnings of words first', () => {
  assert.equal(texts('esc')[0], 'escalate');
  assert.equal(texts('bud')[0], 'budget');
  assert.deepEqual(texts('zzz'), []);
  assert.ok((fuzzy('cf', 'ci-fix') ?? 0) > (fuzzy('cf', 'cafe') ?? 0));
  assert.equal(fuzzy('xyz', 'ci-fix'), null);
});

test('what cannot be done is offered when it was typed: Enter says why, and takes nothing else for it', () => {
  const landed = { ...situation(nine), view: { ...situation(nine).view, cursor: 'ci-fix-11' } };
  for (const typed of ['drain', 'drai']) {
    assert.equal(texts(typed, landed)[0], 'drain');
    const { view, commands } = say(typed, ['enter'], landed);
    assert.deepEqual(commands, []);
    assert.match(view.toast?.text ?? '', /ci-fix-11 has ended \(landed\): nothing to drain/);
  }
});

test('an action is done as its key does it, on what is chosen', () => {
  assert.deepEqual(say('freeze').commands, [{ do: 'freeze', run: 'ci-fix-12' }]);
  assert.equal(say('spend').view.screen, 'spend');
  assert.equal(say('kill').view.dialogs.at(-1)?.kind, 'confirm');
  assert.equal(say('kill').view.palette, null);
});

test('a verb is done to the run that is named, wherever the cursor is, and asks as the key does', () => {
  const killing = say('kill visual-4');
  const dialog = killing.view.dialogs.at(-1);
  assert.ok(dialog?.kind === 'confirm' && dialog.title === 'Kill visual-4 now?');
  assert.equal(killing.view.cursor, 'ci-fix-12');
  assert.deepEqual(killing.commands, []);
  assert.deepEqual(say('resume refactor-7').commands, [{ do: 'resume', run: 'refactor-7' }]);
  assert.deepEqual(say('budget burn-3 +200k $8').commands, [
    { do: 'budget', run: 'burn-3', tokens: '+200k', usd: '8' },
  ]);
  assert.deepEqual(say('note visual-4 look at the clock').commands, [
    { do: 'note', run: 'visual-4', text: 'look at the clock' },
  ]);
  assert.deepEqual(say('escalate visual-4 opus').commands, [{ do: 'escalate', run: 'visual-4', to: 'opus' }]);
  assert.deepEqual([say('open queue-1').view.screen, say('open queue-1').view.cursor], ['loop', 'queue-1']);
  assert.deepEqual([say('queue-1').view.screen, say('queue-1').view.cursor], ['loop', 'queue-1']);
});

test('a loop is run by its name, and one that cannot run says why', () => {
  const state = fleet(nineRuns(), {
    loops: { 'ci-fix': loopState('ci-fix'), new: loopState('new', { trusted: false }) },
  });
  assert.deepEqual(say('run ci-fix', ['enter'], situation(state)).commands, [{ do: 'run', loop: 'ci-fix' }]);
  const refused = say('run new', ['enter'], situation(state));
  assert.deepEqual(refused.commands, []);
  assert.match(refused.view.toast?.text ?? '', /new is not trusted yet/);
  assert.notEqual(refused.view.palette, null);
  assert.deepEqual(texts('run ', situation(state)), ['run ci-fix']);
});

test('a hit is promoted or dismissed by its name', () => {
  const state = triageFleet();
  const [hit] = Object.values(state.hits).filter(({ status }) => status === 'open');
  assert.deepEqual(say(`dismiss ${hit?.id}`, ['enter'], situation(state)).commands, [{ do: 'dismiss', hit: hit?.id }]);
});

test('only runs that the verb can be done to are offered', () => {
  assert.deepEqual(texts('resume ').toSorted(), ['resume burn-3', 'resume refactor-7']);
  assert.ok(!texts('freeze ').includes('freeze refactor-7'));
  assert.ok(!texts('kill ').includes('kill ci-fix-11'));
});

test('Tab completes, up goes back in what was said before, Esc closes', () => {
  const tabbed = say('esc', ['tab']);
  assert.equal(tabbed.view.palette?.entry.text, 'escalate');
  assert.equal(say('kill vis', ['tab']).view.palette?.entry.text, 'kill visual-4');
  assert.equal(say('note vis', ['tab']).view.palette?.entry.text, 'note visual-4 ');
  const first = say('freeze').situation;
  const second = say('spend', ['enter'], first).situation;
  const back = (keys: string[]) => say('', keys, second).view.palette?.entry.text;
  assert.equal(back(['up']), 'spend');
  assert.equal(back(['up', 'up']), 'freeze');
  assert.equal(back(['up', 'up', 'up']), 'freeze');
  assert.equal(back(['up', 'up', 'down', 'down']), '');
  assert.equal(say('fr', ['ctrl-p', 'ctrl-n'], second).view.palette?.entry.text, 'fr');
  assert.equal(say('fr', ['esc']).view.palette, null);
  assert.equal(say('', ['backspace']).view.palette, null);
});

test('what is nothing is said to be nothing, with what may be meant', () => {
  assert.match(say('frezee').view.toast?.text ?? '', /Nothing here is called "frezee": did you mean freeze\?/);
});

test('it shows the operator’s keys', () => {
  const { keys } = readKeys({ freeze: ['z'], kill: [] });
  const offers = offersFor(situation(nine, { keys }), '');
  assert.equal(offers.find(({ text }) => text === 'freeze')?.keys, 'z');
  assert.equal(offers.find(({ text }) => text === 'kill')?.keys, '');
});

test('no verb has the name of an action that means something else', () => {
  const actions = new Set(KEYMAP.filter(({ where }) => where.includes('fleet')).map(({ action }) => action));
  const shared = VERBS.filter(({ name }) => actions.has(name)).map(({ name }) => name);
  for (const name of ['freeze', 'drain', 'stop', 'kill', 'escalate', 'note', 'budget', 'rule', 'attach'])
    assert.ok(shared.includes(name), name);
});

test('whatever is typed, its frame keeps to the screen and nothing breaks', () => {
  const evil = fleet(nineRuns(), {
    loops: { 'e\u001b[2Jvil': loopState('e\u001b[2Jvil') },
  } satisfies Partial<FleetState>);
  const letters = fc.string({ unit: fc.constantFrom(...'kilrunote -:日\u0301/3'.split('')), maxLength: 30 });
  fc.assert(
    fc.property(
      letters,
      fc.integer({ min: 30, max: 300 }),
      fc.integer({ min: 6, max: 100 }),
      (typed, columns, rows) => {
        const at = situation(evil, { columns, rows });
        const size = innerSize(at);
        const { lines, width } = framed(drawPalette(at, openPalette(typed), size.columns, size.rows), at, true);
        assert.ok(width <= columns && lines.length <= rows, `${width}x${lines.length} in ${columns}x${rows}`);
        for (const row of lines) {
          assert.equal(cells(textOf(row)), width);
          assert.doesNotMatch(textOf(row), /\p{Cc}/u);
        }
      },
    ),
    { numRuns: 60 },
  );
});
