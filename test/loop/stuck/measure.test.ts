/** How good the stuck rules are: precision and recall over made traces and the recorded streams, printed, with a floor under both. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineOf } from '../../../source/agents/engines.ts';
import { ENGINES } from '../../../source/loop/definition/schema/agent.ts';
import { linesOf, recordingsOf } from '../../agents/recordings.ts';
import { HEALTHY, STUCK } from './corpus.ts';
import { type Judged, replay, replayEvents } from './replay.ts';
import type { Trace } from './trace.ts';

/** Recorded runs of the real CLIs did what they were asked to; the readers of this version are those of its engines. */
function recorded(): { name: string; judged: Judged }[] {
  return ENGINES.flatMap((engine) => {
    const known = engineOf(engine);
    if (known === null || engine === 'scripted') return [];
    return recordingsOf(engine).map(({ file, exit }) => {
      const reader = known.reader();
      const lines = linesOf(file).map((line) => reader.read(line));
      return { name: `recorded ${file}`, judged: replayEvents(engine, [...lines, reader.end(exit.code)]) };
    });
  });
}

const said = ({ trips, state }: Judged): string =>
  `${[...trips].map(([rule, how]) => `${rule} ${how}`).join(', ') || 'nothing'}; ${state}`;
const percent = (part: number, whole: number): string =>
  whole === 0 ? '    -' : `${((100 * part) / whole).toFixed(1).padStart(5)}`;

test('stuck runs are found and working ones are left alone', (t) => {
  const stuck = STUCK.map((trace) => ({ trace, judged: replay(trace) }));
  const healthy = [...HEALTHY.map((trace) => ({ name: trace.name, judged: replay(trace) })), ...recorded()];
  assert.ok(stuck.length >= 60 && healthy.length >= 120, `${stuck.length} stuck, ${healthy.length} healthy`);
  assert.equal(new Set([...STUCK, ...HEALTHY].map(({ name }) => name)).size, STUCK.length + HEALTHY.length);

  const rules = [...new Set(STUCK.flatMap(({ label }) => label))];
  const own = (trace: Trace, judged: Judged) => trace.label.some((rule) => judged.trips.has(rule));
  const rows = rules.map((rule) => {
    const mine = stuck.filter(({ trace }) => trace.label[0] === rule);
    const found = mine.filter(({ trace, judged }) => own(trace, judged)).length;
    const tripped = stuck.filter(({ judged }) => judged.trips.has(rule)).length;
    const wrong = healthy.filter(({ judged }) => judged.trips.has(rule)).length;
    assert.ok(mine.length >= 4 && found >= 0.8 * mine.length, `${rule}: ${found} of ${mine.length} found`);
    return `${rule.padEnd(15)} ${String(mine.length).padStart(4)} ${percent(found, mine.length)} ${percent(tripped, tripped + wrong)} ${String(wrong).padStart(6)}`;
  });

  const tripped = (level: 'any' | 'act') => ({
    right: stuck.filter(({ judged }) => [...judged.trips.values()].some((how) => level === 'any' || how === 'act'))
      .length,
    wrong: healthy.filter(({ judged }) => [...judged.trips.values()].some((how) => level === 'any' || how === 'act'))
      .length,
  });
  const any = tripped('any');
  const acted = tripped('act');
  const recall = any.right / stuck.length;
  const precision = any.right / (any.right + any.wrong);
  const stopped = stuck.filter(({ judged }) => [...judged.trips.values()].includes('act'));
  const early = stopped.filter(({ judged }) => judged.spent < 0.3).length;
  t.diagnostic('rule           traces recall  prec. false alarms');
  for (const row of rows) t.diagnostic(row);
  t.diagnostic(
    `overall, ${stuck.length} stuck and ${healthy.length} healthy: precision ${percent(any.right, any.right + any.wrong)} %, recall ${percent(any.right, stuck.length)} % (warned, told or stopped)`,
  );
  t.diagnostic(
    `stopped: precision ${percent(acted.right, acted.right + acted.wrong)} %, recall ${percent(acted.right, stuck.length)} %; ${early} of the ${stopped.length} below 30 % of their tokens`,
  );
  for (const { trace, judged } of stuck)
    if (!own(trace, judged)) t.diagnostic(`missed (${trace.label[0]}): ${trace.name}: ${said(judged)}`);
  for (const { name, judged } of healthy)
    if (judged.trips.size > 0) t.diagnostic(`false alarm: ${name}: ${said(judged)}`);

  assert.ok(precision >= 0.95, `precision ${precision}`);
  assert.ok(recall >= 0.9, `recall ${recall}`);
});
