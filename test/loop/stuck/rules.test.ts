/** Single rules, where precision and recall say too little: thresholds, patience, silence, what a person's word changes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StuckRule } from '../../../source/loop/definition/definition.ts';
import { chants } from '../../../source/loop/stuck/chants.ts';
import { thresholds } from '../../../source/loop/stuck/rule.ts';
import { NOTHING_SEEN, withCall, withResult } from '../../../source/loop/stuck/watch.ts';
import { madeLoop } from '../made-loop.ts';
import { replay } from './replay.ts';
import {
  bash,
  edit,
  fails,
  hangs,
  operator,
  read,
  type Step,
  say,
  silence,
  spend,
  stuck,
  type Trace,
  think,
  times,
} from './trace.ts';

const judged = (steps: readonly Step[], rest: Partial<Trace> = {}) => replay(stuck('x', [], steps, rest));
const trips = (steps: readonly Step[], rest: Partial<Trace> = {}): string[] =>
  [...judged(steps, rest).trips].map(([rule, how]) => `${rule} ${how}`);
const same = (n: number): Step[] => times(n, () => fails('npm test', 'not ok'));
const set = (rules: Trace['definition'] & object): Partial<Trace> => ({ definition: rules });

test('an agent that hears is told at 3 equal calls and stopped at 5, one that does not at 4', () => {
  assert.deepEqual(trips(same(2)), []);
  assert.deepEqual(trips(same(3)), ['repeat nudge']);
  assert.deepEqual(trips(same(4)), ['repeat nudge']);
  assert.deepEqual(trips(same(5)), ['repeat act']);
  assert.deepEqual(trips(same(4), { engine: 'shell' }), ['repeat act']);
});

test('the nudge and the reason are sentences with what repeats, how often, and the rule to set', () => {
  const { words, state } = judged(same(5));
  assert.equal(state, 'paused:stuck');
  assert.deepEqual(words, [
    'The same call with the same result 3 times in a row: Bash npm test. It will not change by asking again. Name the assumption behind it that is wrong, then try something else.',
    'the same call with the same result 5 times in a row: Bash npm test (repeat)',
  ]);
});

test('a loop file can switch a rule off, move it, or take its nudge', () => {
  assert.deepEqual(trips(same(30), set({ stuck: { repeat: 'off', burn: 'off' } })), []);
  assert.deepEqual(trips(same(10), set({ stuck: { repeat: { after: 20 } } })), []);
  assert.deepEqual(trips(same(16), set({ stuck: { repeat: { after: 20 } } })), ['repeat nudge']);
  assert.deepEqual(trips(same(4), set({ stuck: { repeat: { nudge: null } } })), ['repeat act']);
  assert.deepEqual(trips(same(40), set({ stuck: { repeat: { after: null }, burn: 'off' } })), ['repeat nudge']);
});

test('thresholds that are not set move with the one that is, and never past it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), (after) => {
      const rule = { name: 'repeat' as StuckRule, usual: { warn: null, nudge: 3, after: 4 } };
      const { nudge } = thresholds(madeLoop({ stuck: { repeat: { after } } }), rule);
      assert.ok(nudge === null || (nudge >= 1 && nudge < after), `${nudge} of ${after}`);
    }),
  );
});

test('a call that waits is given three times the patience', () => {
  const waits = (n: number) => times(n, () => bash('sleep 30; gh pr checks 7', 'pending', 30_000));
  assert.deepEqual(trips(waits(8)), []);
  assert.deepEqual(trips(waits(9)), ['repeat nudge']);
  assert.deepEqual(trips(waits(15)), ['repeat act']);
});

test("a person's note begins the count anew", () => {
  assert.deepEqual(trips([...same(2), operator('try again, the server is up'), ...same(2)]), []);
});

test('silence is shown after 5 minutes, asked about after 15 and ended after 30, by the clock alone', () => {
  assert.deepEqual(trips([silence(4.9), read('a.ts')]), []);
  assert.deepEqual(trips([silence(5.1), read('a.ts')]), ['silent warn']);
  assert.deepEqual(trips([silence(15.1), read('a.ts')]), ['silent nudge']);
  assert.deepEqual(trips([silence(30.1), read('a.ts')]), ['silent act']);
  assert.deepEqual(trips([silence(4), think('hm'), silence(4), read('a.ts')]), [], 'any sign of life counts');
  const { words } = judged([silence(30.1)]);
  assert.deepEqual(words.slice(-1), ['nothing from the agent for 30m (silent)']);
});

test('a tool at work is no silent agent: a long build is shown and never ended', () => {
  assert.deepEqual(trips([hangs('Bash', 'npm run build', 100)]), ['silent warn']);
  assert.match(judged([hangs('Bash', 'npm run build', 100)]).words[0] ?? '', /one call for 5m: Bash npm run build/);
});

test('spending without news is shown to the operator and ends nothing, unless the loop says so', () => {
  const idle = times(6, () => spend(20_000));
  assert.deepEqual(trips([read('a.ts'), ...idle]), ['burn warn']);
  assert.deepEqual(trips([read('a.ts'), ...idle], set({ stuck: { burn: { after: 0.25 } } })), ['burn act']);
  assert.deepEqual(trips(times(6, (i) => [spend(20_000), read(`${i}.ts`)])), []);
});

test('a monologue ends the pass, and the gates judge what there is', () => {
  const { trips: found, state } = judged(times(9, () => say('Continuing.')));
  assert.deepEqual([...found], [['monologue', 'act']]);
  assert.equal(state, 'making', 'the gate was red, the next pass has begun');
});

test('equal calls of one response are one', () => {
  const call = { type: 'acted', tool: 'Read', input: 'a', hash: 'k' } as const;
  const answer = { type: 'observed', ok: true, output: 'text', hash: 'v' } as const;
  const at = { fresh: 0, usd: 0 };
  let calls: Parameters<typeof withCall>[0] = [];
  let watch = NOTHING_SEEN;
  for (const id of ['1', '2', '3', '4', '5', '6']) ({ calls, watch } = withCall(calls, watch, { ...call, id }));
  for (const id of ['1', '2', '3', '4', '5', '6']) ({ calls, watch } = withResult(calls, watch, { ...answer, id }, at));
  assert.equal(watch.repeats, 1);
});

test('an edit in between is progress, whatever the test says', () => {
  assert.deepEqual(trips(times(20, (i) => [edit('a.ts', `${i}`, `${i + 1}`), fails('npm test', 'not ok')])), []);
});

test('what has structure may repeat itself: tables, lists, fences, headings, lines of signs', () => {
  for (const line of [
    '| unit | passed in less than a second, as it did before |',
    '- Check the file once more and run the tests afterwards',
    '12. Check the file once more and run the tests afterwards',
    '## The same heading as before, which is quite a long one',
  ])
    assert.ok(chants(`${line}\n`.repeat(40)) < 10, line);
  assert.ok(chants(`\`\`\`\n${'worker idle, waiting for the next job in the queue\n'.repeat(30)}\`\`\``) < 10);
  assert.ok(chants('-'.repeat(500)) < 10);
});

test('the chunk test is quick on any text, and finds what ends in its own repetition', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 12, maxLength: 120 }).filter((text) => (text.match(/\p{L}/gu)?.length ?? 0) > 10),
      (text) => {
        const line = text.replace(/[^\p{L} ]/gu, 'x');
        assert.ok(chants(`${line} `.repeat(40).trimEnd()) >= 10, JSON.stringify(line));
      },
    ),
  );
  fc.assert(fc.property(fc.string({ maxLength: 5000 }), (text) => chants(text) >= 0));
});
