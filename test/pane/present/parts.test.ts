import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIGNS, type Standing } from '../../../source/loop/status-word.ts';
import { gateDots, gateHistory } from '../../../source/pane/present/gates.ts';
import { markOf, toAscii, wantsAscii } from '../../../source/pane/present/glyphs.ts';
import { headerLine } from '../../../source/pane/present/header.ts';
import { passTokens } from '../../../source/pane/present/ledger.ts';
import { bar, meterLine, usd } from '../../../source/pane/present/meter.ts';
import { type Line, textOf, width } from '../../../source/pane/present/span.ts';
import { traceBlock, traceRow, traceWindow } from '../../../source/pane/present/trace.ts';
import { beating, fleet, MINUTE, meter, NOW, nineRuns, pass, run, spend, trace } from '../fleet-fixture.ts';

process.env.TZ = 'UTC';

const text = (line: Line) => textOf(line).trimEnd();

test('a bar shows something once something is spent, and is full only at the cap', () => {
  const full = (share: number) => textOf(bar(share, 10)).split('█').length - 1;
  assert.deepEqual([0, 0.001, 0.5, 0.999, 1, 7].map(full), [0, 1, 5, 9, 10, 10]);
  assert.equal(width(bar(0.3, 0)), 0);
});

test('the meter says tokens with their limit, money, time, and how surely', () => {
  const one = run('ci-fix', 1, { meter: meter(212_410, 1.84) });
  assert.equal(text(meterLine(one, NOW, 60)), '███████░░░░░░░░░░░░░  212k / 600k   $1.84   18m');
  assert.match(text(meterLine({ ...one, provenance: 'live' }, NOW, 60)), /~212k \/ 600k/);
  assert.match(text(meterLine({ ...one, provenance: 'estimated' }, NOW, 60)), /≈212k/);
  assert.match(text(meterLine({ ...one, provenance: 'unknown' }, NOW, 60)), /\?212k/);
  assert.match(text(meterLine(run('a', 1, { meter: meter(500_000, 1) }), NOW, 60)), /83%/);
  for (let room = 10; room < 80; room++)
    assert.ok(width(meterLine(one, NOW, room)) <= Math.max(room, 27), `at ${room}`);
});

test('tokens without a price are unpriced, never $0', () => {
  assert.equal(usd(spend(1000, 0, true)), 'unpriced');
  assert.equal(usd(spend(0, 0)), '$0.00');
});

test('gates are a sign per pass, oldest left, and the newest pass as dots', () => {
  const one = run('ci-fix', 1, { pass: 3, passes: [pass(1, '+xx'), pass(2, '++x'), pass(3, '+~.')] });
  assert.equal(text(gateHistory(one)), 'types ✓✓✓  lint ✗✓◐  unit ✗✗·');
  assert.equal(text(gateDots(one)), '✓◐·');
  assert.equal(text(gateDots(one, 1)), '✓✗✗');
});

test('a pass has spent the difference to the pass after it', () => {
  const one = run('ci-fix', 1, { meter: meter(200_000, 2), passes: [pass(1, '+xx'), pass(2, '++.')] });
  assert.deepEqual(
    one.passes.map((each) => passTokens(one, each)),
    [80_000, 120_000],
  );
});

test('every sign has an ASCII twin of one cell, and ASCII text stays as it is', () => {
  for (const kind of Object.keys(SIGNS) as Standing[])
    assert.equal(toAscii(markOf(kind).glyph), SIGNS[kind].ascii, kind);
  assert.equal(toAscii('● ◐ ◆ ‖ ○ ✓ ✗ ■ █░ ╭─╮ │ ╰╯'), '* ~ ! | o + x # #- +-+ | ++');
  assert.equal(toAscii('plain [text]'), 'plain [text]');
  assert.equal(toAscii('日'), '?');
  assert.equal(wantsAscii({ LANG: 'en_US.UTF-8', TERM: 'xterm' }), false);
  assert.equal(wantsAscii({ LANG: 'en_US.UTF-8', LC_ALL: 'C' }), true);
  assert.equal(wantsAscii({ LANG: 'en_US.UTF-8', TERM: 'linux' }), true);
});

test('a trace line is one clean row on a live pane and wraps in the Loop view', () => {
  const [act, fail] = trace(1, '>Bash npm test\n-w packages/queue', 'xboom\u001b[31m red\u001b[0m\nsecond line');
  assert.ok(act !== undefined && fail !== undefined);
  assert.equal(text(traceRow(act, 40)), '▸ Bash npm test -w packages/queue');
  assert.deepEqual(traceBlock(fail, 40).map(text), ['✗ boom red', '  second line']);
});

test('of many lines a live pane shows the one that says most', () => {
  const [ok, fail, red] = trace(
    1,
    ' first\nsecond',
    'x  at Test.run (node:internal)\n  expected 3, saw 2',
    'gunit red: no',
  );
  assert.ok(ok !== undefined && fail !== undefined && red !== undefined);
  assert.deepEqual(
    [ok, fail, red].map((each) => text(traceRow(each, 40))),
    ['  first', '✗ expected 3, saw 2', '✗ unit red: no'],
  );
});

test('a long observation is cut and says how much more there is', () => {
  const [long] = trace(1, ` ${Array.from({ length: 30 }, (_, at) => `row ${at}`).join('\n')}`);
  assert.ok(long !== undefined);
  const rows = traceBlock(long, 40).map(text);
  assert.equal(rows.length, 8);
  assert.equal(rows.at(-1), '  … 23 more lines');
});

test('the trace window follows the end, and scrolls up without running past the beginning', () => {
  const lines = trace(1, ...Array.from({ length: 10 }, (_, at) => `?thought ${at}`));
  const at = (up: number) => traceWindow(lines, 3, 40, up).map(text);
  assert.deepEqual(at(0), ['◇ thought 7', '◇ thought 8', '◇ thought 9']);
  assert.deepEqual(at(2), ['◇ thought 5', '◇ thought 6', '◇ thought 7']);
  assert.deepEqual(at(99), ['◇ thought 0', '◇ thought 1', '◇ thought 2']);
});

test('the header keeps who needs somebody at every width', () => {
  const state = fleet(nineRuns());
  for (let columns = 30; columns <= 200; columns++) {
    const header = textOf(headerLine(state, 'connected', NOW, columns));
    assert.equal(header.length, columns);
    assert.match(header, /◆ 3 need you/, `at ${columns}`);
  }
  assert.match(textOf(headerLine(state, 'connected', NOW, 120)), /shop · main .*\$4\.12 \/ \$25 today +14:03/);
  assert.match(textOf(headerLine(state, 'reconnecting', NOW, 120)), /reconnecting/);
});

test('the header says which loop starts next, where there is room for it', () => {
  const state = fleet([], { ...beating('triage', 12 * MINUTE) });
  assert.match(textOf(headerLine(state, 'connected', NOW, 120)), /next triage in 12m/);
  assert.doesNotMatch(textOf(headerLine(state, 'connected', NOW, 60)), /triage/);
});
