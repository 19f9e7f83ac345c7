/** The verb `spend`: its formats, its days, and its figures; the program itself against a real socket. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { csv } from '../../source/commands/csv.ts';
import { spendLines } from '../../source/commands/spend/lines.ts';
import { reportOf } from '../../source/commands/spend/report.ts';
import { csvOf, firstDay } from '../../source/commands/spend.ts';
import { UsageError } from '../../source/loop/errors.ts';
import { emptyFleet } from '../../source/loop/fold.ts';
import { fullSigns, sparkline } from '../../source/loop/spark.ts';
import { BREAKDOWNS } from '../../source/loop/spend/rows.ts';
import { dayBefore, daysBetween } from '../../source/loop/spend/words.ts';
import { Spender } from '../loop/spend/spender.ts';
import { NOW } from '../pane/fleet-fixture.ts';
import { spentFleet } from '../pane/spend-fixture.ts';
import { type Bench, bench } from './workbench.ts';

process.env.TZ = 'UTC';
process.env.LANG = 'C.UTF-8';

const TODAY = '2026-11-23';
const spent = spentFleet();

/** Reads RFC 4180 by its grammar, character by character. */
function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? '';
    if (quoted) {
      if (sign !== '"') field += sign;
      else if (text[at + 1] === '"') field += text[++at];
      else quoted = false;
    } else if (sign === '"' && field === '') quoted = true;
    else if (sign === ',') {
      record.push(field);
      field = '';
    } else if (sign === '\r' && text[at + 1] === '\n') {
      records.push([...record, field]);
      [record, field] = [[], ''];
      at++;
    } else field += sign;
  }
  assert.deepEqual([record, field], [[], ''], 'the last record is ended too');
  return records;
}

test('CSV is quoted only where it has to be, and a formula is no formula', () => {
  assert.equal(
    csv(
      ['a', 'b'],
      [
        ['plain', 1.5],
        ['say "hi", then', null],
        ['two\nlines', -1],
        ['=1+1', true],
        ['-x', 0],
      ],
    ),
    `a,b\r\nplain,1.5\r\n"say ""hi"", then",\r\n"two\nlines",-1\r\n'=1+1,true\r\n'-x,0\r\n`,
  );
  assert.equal(csv(['a'], [['one\rtwo']]), 'a\r\n"one\rtwo"\r\n');
});

test('whatever a name holds, it comes out of the CSV as it went in', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', ' ', ';', 'é', '0') });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { minLength: 1 }), (records) => {
      const held = (field: string) => (/^[=+\-@\t\r]/.test(field) ? `'${field}` : field);
      assert.deepEqual(
        readCsv(csv(['x', 'y'], records)).slice(1),
        records.map((record) => record.map(held)),
      );
    }),
  );
});

test('days are whole days with today among them, or one day by name', () => {
  const now = new Date(2026, 10, 23, 14);
  assert.equal(firstDay('1d', now), '2026-11-23');
  assert.equal(firstDay('7d', now), '2026-11-17');
  assert.equal(firstDay('4w', now), '2026-10-27');
  assert.equal(firstDay('2026-02-28', now), '2026-02-28');
  for (const wrong of ['0d', '24h', '-1d', '7', '', '2026-13-01', 'yesterday', '2026-11-1'])
    assert.throws(() => firstDay(wrong, now), UsageError, wrong);
  assert.equal(dayBefore(new Date(2026, 2, 1, 0, 30).getTime(), 1), '2026-02-28');
  assert.deepEqual(daysBetween('2026-02-27', '2026-03-01'), ['2026-02-27', '2026-02-28', '2026-03-01']);
});

test('a bar is full only at the whole, and never empty where there is something', () => {
  for (const [share, full] of [
    [0, 0],
    [0.001, 1],
    [0.5, 5],
    [0.96, 9],
    [1, 10],
    [7, 10],
  ] as const)
    assert.equal(fullSigns(share, 10), full, `${share}`);
  assert.equal(fullSigns(0.5, 0), 0);
  assert.equal(fullSigns(0.5, 1), 1);
  assert.equal(sparkline([0, 1, 4, 8]), '·▁▄█');
  assert.equal(sparkline([0, 0]), '··');
  assert.equal(sparkline([]), '');
});

test('rows of every breakdown add up to the total, in JSON and in CSV', () => {
  for (const by of BREAKDOWNS) {
    const report = reportOf(spent, by, '2026-11-17', TODAY, NOW);
    const sum = report.rows.reduce((usd, row) => usd + row.pricedUsd, 0);
    assert.ok(Math.abs(sum - report.total.pricedUsd) < 1e-9, by);
    assert.equal(
      report.rows.reduce((all, { tokens }) => all + tokens.fresh, 0),
      report.total.tokens.fresh,
      by,
    );
    const [header, ...records] = readCsv(csvOf(report));
    assert.equal(header?.join(), `${by},usd,pricedUsd,provenance,fresh,input,cacheRead,cacheWrite,output,reasoning`);
    assert.equal(records.length, report.rows.length);
    assert.ok(Math.abs(records.reduce((usd, record) => usd + Number(record[2]), 0) - sum) < 1e-9, by);
  }
});

test('what has no price is null, never a number, and is named', () => {
  const report = reportOf(spent, 'model', '2026-11-17', TODAY, NOW);
  const row = report.rows.find(({ key }) => key === 'grok-5-code');
  assert.equal(row?.usd, null);
  assert.equal(row?.provenance, 'estimated');
  assert.equal(report.total.usd, null);
  assert.ok(report.total.pricedUsd > 0 && report.total.unpricedTokens > 0);
  assert.equal(report.prices['grok-5-code'], null);
  assert.equal(report.prices['claude-opus-5-5']?.by, 'table');
});

test('people see shares, how it is known, the course, the rate, the forecast and what triage saves', async () => {
  const lines = await spendLines(reportOf(spent, 'loop', '2026-11-17', TODAY, NOW), spent, NOW, 100);
  const text = lines.join('\n');
  assert.match(text, /^spent from 2026-11-17 to 2026-11-23, by loop/);
  assert.match(text, /^LOOP +SHARE +USD +FRESH +CACHED +KNOWN$/m);
  assert.match(text, /^refactor +█+░+ +\d\d % +\$\d+\.\d\d +[\d.]+M +\d+M +exact$/m);
  assert.match(text, /^docs +░+ +0 % +unpriced +\d+k +3M +estimated ≈$/m);
  assert.match(text, /^total +≥ \$\d+\.\d\d/m);
  assert.match(text, /^unpriced {2}\d+k fresh tokens of grok-5-code$/m);
  assert.match(text, /^7 days {4}[▁-█]{7} {2}most \$\d+\.\d\d on 2026-11-\d\d$/m);
  assert.match(text, /^now +\$0\.\d+\/min \(\d+k tokens\), over the hour /m);
  assert.match(text, /^forecast +at this rate the day’s \$25\.00 are used up at 15:\d\d, in 1h\d\d$/m);
  assert.match(text, /^triage +\$1\.\d\d; by the makers it would have been \$8\.\d\d: \$6\.\d\d saved$/m);
  assert.match(text, /^prices +\d by our table \(oldest row 20\d\d-\d\d-\d\d\), 1 unpriced$/m);
  for (const line of lines) assert.ok(line.length <= 100, line);
});

test('no name that an agent gave itself steers the terminal', async () => {
  const spender = new Spender();
  spender.spend({ loop: 'a', model: 'x\u001b]0;pwned\u0007\u001b[2J', tokens: { input: 5 }, usd: null, at: NOW });
  const lines = await spendLines(reportOf(spender.state, 'model', TODAY, TODAY, NOW), spender.state, NOW, 80);
  assert.doesNotMatch(lines.join(''), /\u001b|\u0007|pwned/);
});

test('nothing spent says so, and where to look', async () => {
  const lines = await spendLines(reportOf(emptyFleet(), 'loop', TODAY, TODAY, NOW), emptyFleet(), NOW, 80);
  assert.deepEqual(lines, [`nothing was spent since ${TODAY}: looptop spend --since 90d looks further back`]);
});

test('the time in which a fleet’s tokens would be spent twice is not told as a time of today', async () => {
  const roomy = spentFleet({ settings: { ...spent.settings, daily: { tokens: 1e9, usd: 1e6 } } });
  const lines = await spendLines(reportOf(roomy, 'loop', TODAY, TODAY, NOW), roomy, NOW, undefined);
  assert.ok(
    lines.some((line) => line === 'forecast  at this rate the day’s 1000M tokens last until midnight'),
    lines.join('\n'),
  );
});

let at: Bench;
before(async () => {
  at = await bench();
});
after(() => at[Symbol.asyncDispose]());

test('spend prints to a pipe what it prints to a person, JSON and CSV, and refuses what it does not know', async () => {
  const nowhere = await at.looptop('spend', '--json');
  assert.deepEqual(JSON.parse(nowhere.out).rows, []);
  const supervised = await at.supervise(spent);
  const json = JSON.parse((await at.looptop('spend', '--json', '--by', 'model', '--since', '2026-11-01')).out);
  assert.deepEqual(Object.keys(json), [
    'since',
    'until',
    'by',
    'rows',
    'total',
    'burn',
    'forecast',
    'today',
    'hours',
    'withoutTriage',
    'prices',
  ]);
  assert.equal(json.rows[0].model, 'claude-opus-5-5');
  assert.deepEqual(Object.keys(json.rows[0]), ['model', 'usd', 'pricedUsd', 'tokens', 'provenance']);
  const { out } = await at.looptop('--since', '2026-11-01', 'spend', '--csv');
  assert.match(out, /^loop,usd,/);
  assert.equal(out.split('\r\n').length, 7);
  assert.match((await at.looptop('spend', '--since', '2026-11-01')).out, /^total /m);
  for (const wrong of [
    ['--by', 'moon'],
    ['--since', '24h'],
    ['--csv', '--json'],
  ]) {
    const { code, err } = await at.looptop('spend', ...wrong);
    assert.equal(code, 2, wrong.join(' '));
    assert.equal(err.trim().split('\n').length, 1, err);
  }
  await supervised.close();
});
