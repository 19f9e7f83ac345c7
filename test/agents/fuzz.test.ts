import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Reader } from '../../source/agents/engine.ts';
import { engineOf } from '../../source/agents/engines.ts';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import { ENGINES } from '../../source/loop/definition/schema/agent.ts';
import { emptyMeter, hide, record, settle } from '../../source/loop/meter.ts';
import type { Meter } from '../../source/loop/state.ts';
import { fresh } from '../../source/loop/tokens.ts';
import { linesOf, recordingsOf } from './recordings.ts';

/** Lines an engine is fed. Together a million: LOOPTOP_FUZZ_LINES sets another number. */
const LINES = Number(process.env.LOOPTOP_FUZZ_LINES) || 1_000_000;
/** Lines one reader gets before a new one is made. */
const STREAM = 200;

const SEEDS = ['claude', 'codex', 'gemini', 'opencode', 'grok', 'acp'].flatMap((cli) =>
  recordingsOf(cli).flatMap(({ file }) => linesOf(file).map((line) => line.slice(0, 2000))),
);
const NUMBERS = [
  '-1',
  '0',
  '1e308',
  '-1e308',
  '1e999',
  '0.5',
  '9007199254740993',
  'null',
  '"7"',
  '[]',
  '{}',
  'true',
  '""',
];

/** One line: a recorded one, whole or hurt in a few places. Numbers are what a meter would believe. */
const line = fc
  .tuple(fc.nat(), fc.nat(9), fc.nat(), fc.nat(), fc.string({ maxLength: 8 }))
  .map(([pick, how, from, length, text]): string => {
    const seed = SEEDS[pick % SEEDS.length] ?? '';
    const at = seed.length === 0 ? 0 : from % seed.length;
    switch (how) {
      case 0:
      case 1:
        return seed;
      case 2:
        return seed.slice(0, at);
      case 3:
        return seed.slice(0, at) + text + seed.slice(at + (length % 9));
      case 4:
        return text;
      case 5:
        return seed.slice(0, at) + (SEEDS[length % SEEDS.length] ?? '').slice(at);
      case 6:
        return seed.replaceAll(/:\s*-?\d+(\.\d+)?/g, () => `:${NUMBERS[(from + length) % NUMBERS.length]}`);
      case 7:
        return seed.replace(/:\s*\d+/, `:${NUMBERS[length % NUMBERS.length]}`);
      case 8:
        return seed.replace(/"(\w+)":/, `"${text.replaceAll('"', '')}":`);
      default:
        return seed.replaceAll(/"[^"]{1,40}"/g, (word, offset: number) =>
          offset % 7 === from % 7 ? '"__proto__"' : word,
        );
    }
  });

/** The meter after an event; fails when anything in it fell, or is no number. */
function metered(before: Meter, event: AgentEvent): Meter {
  if (event.type === 'hidden') return hide(before, event.what);
  if (event.type !== 'usage') return before;
  const after = record(before, { ...event, usd: null });
  const [was, is] = [before.total.tokens, after.total.tokens];
  for (const bucket of ['input', 'cacheRead', 'cacheWrite', 'output', 'reasoning'] as const)
    assert.ok(
      is[bucket] >= was[bucket] && Number.isFinite(is[bucket]),
      `${bucket} fell from ${was[bucket]} to ${is[bucket]}`,
    );
  return after;
}

const engines = ENGINES.flatMap((name) => engineOf(name) ?? []);

for (const { name, reader } of engines) {
  test(`no line crashes the reader of ${name} or makes its spend fall`, () => {
    const share = Math.ceil(LINES / engines.length / STREAM);
    let read = 0;
    fc.assert(
      fc.property(fc.array(line, { minLength: STREAM, maxLength: STREAM }), fc.option(fc.nat(255)), (lines, code) => {
        const one: Reader = reader();
        let meter = emptyMeter;
        for (const text of lines) for (const event of one.read(text)) meter = metered(meter, event);
        read += lines.length;
        assert.equal(typeof one.finished, 'boolean');
        assert.equal(typeof one.idle, 'boolean');
        const last = one.end(code);
        for (const event of last) meter = metered(meter, event);
        assert.equal(fresh(settle(meter).total.tokens), fresh(meter.total.tokens));
        // A loop over nothing would prove nothing.
        assert.ok(last.length + read > 0);
      }),
      { numRuns: share },
    );
    assert.ok(read >= LINES / engines.length);
  });
}
