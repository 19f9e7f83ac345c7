import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bindingOf } from '../../source/pane/keys/keymap.ts';
import { cells, textOf } from '../../source/pane/present/span.ts';
import { triageScreen } from '../../source/pane/present/triage.ts';
import { step } from '../../source/pane/step.ts';
import { FIRST_VIEW, type Situation } from '../../source/pane/view.ts';
import { fleet, NOW, nineRuns } from './fleet-fixture.ts';
import { situation } from './situation.ts';
import { KEY, Stage } from './stage.ts';
import { HITS, hit, triageFleet } from './triage-fixture.ts';

process.env.TZ = 'UTC';

const EVIL = '\u001b]0;owned\u0007\u001b[2J\u001b[31mred\u001b[0m\u009b5n\n\u202etxt.exe\u0000';
const rows = (state = triageFleet(), columns = 120, height = 20, chosen: string | null = null) =>
  triageScreen(state, { hit: chosen, now: NOW }, columns, height).map((row) => textOf(row).trimEnd());

const at = (chosen: string | null, state = triageFleet()): Situation =>
  situation(state, { view: { ...FIRST_VIEW, screen: 'triage', hit: chosen } });

test('the hits with what they would start, the most urgent first, what is dealt with last, the looks below', () => {
  assert.deepEqual(rows().slice(0, 6), [
    '  HIT   PRI  CONF     AGE  WHAT                                    EVIDENCE                    WOULD RUN',
    '▶ h42   p0   0.55     42m  Refunds may be paid twice               issue #840                  a person',
    '  h41   p1   0.92      4m  Checkout total rounds wrong for JPY     issue #812, cart.ts:88      ci-fix  standard  ~$0.40',
    '  h40   p2   0.71     40m  Flaky: queue retry test, 3 of 20 runs   run 5512                    docs  standard  ~$0.61',
    '  h39   p2   0.80    1h20  Spelling in a comment                   src/file-39.ts:39           dismissed',
    '  h38   p2   0.80    1h30  The 38th thing is broken                src/file-38.ts:38           ci-fix-12 making',
  ]);
  assert.deepEqual(rows().slice(-2), [
    ' triage         looked 4m ago: nothing new among 12, no model was asked',
    ' watch          looked 1h00 ago: discover ended with exit code 4: gh: not logged in',
  ]);
  assert.match(
    rows(triageFleet(), 120, 20, 'h41').join('\n'),
    /▶ h41[\s\S]*\n Checkout total rounds wrong for JPY\n issue #812, cart\.ts:88 {3}triage 841/,
  );
});

test('every size is filled exactly, whatever the hits say', () => {
  const state = triageFleet([...HITS, hit(50, { reason: EVIL, evidence: EVIL, suggests: 'ci-fix', priority: 'p0' })]);
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 220 }), fc.integer({ min: 4, max: 60 }), fc.nat(6), (columns, height, n) => {
      const screen = triageScreen(state, { hit: HITS[n]?.id ?? 'h50', now: NOW }, columns, height);
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

test('a hit far down is scrolled to, and one that is gone gives the cursor to the first', () => {
  const many = triageFleet(Array.from({ length: 60 }, (_, n) => hit(n + 1)));
  assert.match(rows(many, 100, 16, 'h3').join('\n'), /▶ h3 /);
  assert.match(rows(many, 100, 16, 'h60').join('\n'), /▶ h60 /);
  assert.match(rows(triageFleet(), 100, 16, 'h999').join('\n'), /▶ h42 /);
});

test('one key promotes, one sends it elsewhere, one dismisses; each says why when it cannot', () => {
  const sent = (key: string, chosen: string | null) => step(at(chosen), { key }).intents;
  assert.deepEqual(sent('P', 'h41'), [{ do: 'send', commands: [{ do: 'promote', hit: 'h41' }] }]);
  assert.deepEqual(sent('d', 'h41'), [{ do: 'send', commands: [{ do: 'dismiss', hit: 'h41' }] }]);
  assert.equal(step(at('h41'), { key: 'd' }).view.hit, 'h40');
  // A hit for a person: the person says which loop.
  assert.deepEqual(sent('P', 'h42'), []);
  assert.equal(step(at('h42'), { key: 'P' }).view.dialogs[0]?.kind, 'promote');
  const to = step(at('h41'), { key: 'T' });
  const chosen = step({ ...at('h41'), view: to.view }, { key: 'down' });
  assert.deepEqual(step({ ...at('h41'), view: chosen.view }, { key: 'enter' }).intents, [
    { do: 'send', commands: [{ do: 'promote', hit: 'h41', to: 'docs' }] },
  ]);
  const why = (key: string, id: string | null, state = triageFleet()) => bindingOf(key, 'triage')?.when(at(id, state));
  assert.equal(why('P', 'h38'), 'h38 is promoted already: ci-fix-12.');
  assert.equal(why('P', 'h39'), true);
  assert.equal(why('d', 'h39'), 'h39 is dismissed: nothing to dismiss.');
  assert.equal(why('P', null, triageFleet([])), 'There is no hit: a triage loop finds them.');
});

test('what waits is told on the fleet too: a line, the count and the way to it; and what promotes itself is not', async () => {
  await using stage = new Stage(triageFleet([hit(41, { priority: 'p1', reason: 'Checkout total rounds wrong' })]));
  await stage.shows(/◆ 1 hit {2}41m {2}h41 p1 Checkout total rounds wrong .*2 triage/, /◆ 4 need you/);
  await stage.type('2');
  await stage.shows('WOULD RUN', 'P promote', 'd dismiss');
  await stage.type(KEY.enter);
  await stage.shows('Hit h41', 'What was listed, in the words of others:', '"title": "the 41th thing"');
  await stage.type(KEY.esc, 'P');
  assert.deepEqual(await stage.sent(), [{ do: 'promote', hit: 'h41' }]);
  await stage.type(KEY.esc);
  await stage.shows(/1 hit/);
});

test('without a hit, without a triage: what to do next', () => {
  assert.match(rows(triageFleet([])).join('\n'), /Nothing was found that waits\.\n\n {2}s starts triage\./);
  assert.match(rows(fleet(nineRuns())).join('\n'), /No loop of this repository triages\./);
});
