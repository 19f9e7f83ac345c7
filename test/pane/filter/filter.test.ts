import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RunState } from '../../../source/loop/state.ts';
import { entry } from '../../../source/pane/dialogs/entry.ts';
import { matches } from '../../../source/pane/filter/filter.ts';
import { completed, hintsFor } from '../../../source/pane/filter/hints.ts';
import { footerLine } from '../../../source/pane/footer.ts';
import { cells, textOf } from '../../../source/pane/present/span.ts';
import { step } from '../../../source/pane/step.ts';
import { fleet, MINUTE, NOW, nineRuns, run, spend } from '../fleet-fixture.ts';
import { situation } from '../situation.ts';

const fitting = (filter: string, runs: readonly RunState[] = nineRuns()) =>
  runs.filter((each) => matches(each, filter)).map(({ id }) => id);

test('all words must match, and case does not matter', () => {
  assert.deepEqual(fitting('loop:ci'), ['ci-fix-12', 'ci-fix-11']);
  assert.deepEqual(fitting('loop:ci STATE:landed'), ['ci-fix-11']);
  assert.deepEqual(fitting('state:needs'), ['ci-fix-12', 'burn-3', 'docs-9']);
  assert.deepEqual(fitting('OPUS'), ['refactor-7']);
  assert.deepEqual(fitting('model:opus'), ['refactor-7']);
  assert.deepEqual(fitting('state:frozen grok'), []);
  assert.equal(fitting('  ').length, 9);
});

test('over:budget is what has reached a cap: by tokens, by money, held for it, or ended by it', () => {
  const budget = { tokens: 100_000, usd: 1, wallMs: MINUTE, passes: 3 };
  const over = [
    run('tokens', 1, { budget, meter: { ...run('a', 1).meter, total: spend(100_000, 0.2) } }),
    run('money', 1, { budget, meter: { ...run('a', 1).meter, total: spend(2000, 1) } }),
    run('time', 1, {
      status: { tag: 'open', phase: 'making', hold: { kind: 'paused', why: 'budget', detail: '', since: NOW } },
    }),
    run('done', 1, { status: { tag: 'ended', end: { kind: 'exhausted', detail: '3 passes' }, at: NOW } }),
  ];
  const under = run('fine', 1, { budget, meter: { ...run('a', 1).meter, total: spend(99_000, 0.99) } });
  const all = [...over, under];
  assert.deepEqual(fitting('over:budget', all), ['tokens-1', 'money-1', 'time-1', 'done-1']);
  assert.deepEqual(fitting('-over:budget', all), ['fine-1']);
  assert.deepEqual(fitting('over:nothing', all), []);
});

test('is:attention, engine: and a minus in front', () => {
  assert.deepEqual(fitting('is:attention'), ['ci-fix-12', 'burn-3', 'docs-9']);
  assert.deepEqual(fitting('is:attention -loop:docs'), ['ci-fix-12', 'burn-3']);
  assert.deepEqual(fitting('is:ended'), ['ci-fix-11', 'spiral-1']);
  assert.deepEqual(fitting('-is:open -landed -state:landed'), ['spiral-1']);
  assert.equal(fitting('engine:claude').length, 9);
  assert.deepEqual(fitting('-engine:claude'), []);
});

test('a word that is not finished yet hides nothing, also behind a minus', () => {
  for (const word of ['state:', '-state:', '-', 'over:', '-over:', 'is:']) assert.equal(fitting(word).length, 9, word);
});

test('a filter and its negation part the runs', () => {
  const words = ['state:frozen', 'loop:ci', 'over:budget', 'is:attention', 'docs', 'zebra', 'engine:claude', 'nokey:x'];
  fc.assert(
    fc.property(fc.constantFrom(...words), fc.constantFrom(...nineRuns()), (word, one) => {
      assert.notEqual(matches(one, word), matches(one, `-${word}`));
    }),
  );
});

test('while it is typed, what it can become is shown and Tab takes the first', () => {
  const hints = (text: string) => hintsFor(entry(text), nineRuns());
  assert.deepEqual(hints(''), ['state:', 'loop:', 'engine:', 'model:', 'over:budget', 'is:attention', '-not']);
  assert.deepEqual(hints('st'), ['state:']);
  assert.deepEqual(hints('docs -ov'), ['-over:budget']);
  assert.deepEqual(hints('state:f'), ['state:failed', 'state:frozen']);
  assert.deepEqual(hints('is:a'), ['is:attention']);
  assert.deepEqual(hints('zebra'), []);
  assert.equal(completed(entry('docs st'), nineRuns()).text, 'docs state:');
  assert.equal(completed(entry('state:fr'), nineRuns()).text, 'state:frozen ');
  assert.deepEqual(completed({ text: 'is: docs', at: 3 }, nineRuns()), { text: 'is:attention docs', at: 13 });
});

test('the last line shows the hints and as much of the text as fits, at every width', () => {
  let at = situation(fleet(nineRuns()));
  for (const key of ['/', ...'state:fr']) at = { ...at, view: step(at, { key }).view };
  assert.match(textOf(footerLine(at)), /^ \/ state:fr {3}state:frozen .* 1 run {2}tab completes/);
  const tabbed = step(at, { key: 'tab' }).view;
  assert.equal(tabbed.typing?.text, 'state:frozen ');
  assert.equal(tabbed.cursor, 'refactor-7');
  for (let columns = 30; columns <= 300; columns++)
    assert.equal(cells(textOf(footerLine({ ...at, columns }))), columns);
});
