import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attention, attentions } from '../../source/loop/attention.ts';
import type { Hold, RunState } from '../../source/loop/state.ts';
import { MINUTE, meter, NOW, nineRuns, pass, run } from '../pane/fleet-fixture.ts';

const paused = (why: Extract<Hold, { kind: 'paused' }>['why'], detail = '', changes: Partial<RunState> = {}) =>
  run('burn', 3, {
    status: { tag: 'open', phase: 'making', hold: { kind: 'paused', why, detail, since: NOW } },
    ...changes,
  });

test('a run that works needs nobody', () => {
  assert.equal(attention(run('ci-fix', 1)), null);
});

test('a run at its cap says so with what is spent by now, that gates are red, and what to press', () => {
  const needs = attention(
    paused('budget', 'stopped at its cap, 401k of 400k tokens', {
      meter: meter(420_000, 3.9),
      budget: { tokens: 400_000, usd: 5, wallMs: 45 * MINUTE, passes: 8 },
      passes: [pass(1, '+xx'), pass(2, '...')],
    }),
  );
  assert.equal(needs?.level, 'act');
  assert.equal(needs?.words, 'stopped at its cap, 420k of 400k tokens, gates still red');
  assert.deepEqual(
    needs?.keys.map(({ key, label }) => `${key} ${label}`),
    ['+ raise', 'e escalate', 'x end'],
  );
});

test('a cap that is not of its tokens or money is named in the words of the pause', () => {
  const words = (detail: string, changes: Partial<RunState> = {}) =>
    attention(paused('budget', detail, changes))?.words;
  assert.equal(words('', { meter: meter(10, 6.2) }), 'stopped at its cap, $6.20 of $6.00');
  assert.equal(words('stopped at its cap, 45m of 45m'), 'stopped at its cap, 45m of 45m');
  assert.equal(words(''), 'stopped at its cap');
});

test('a question outranks a draft, and a draft is shown when nothing is asked', () => {
  const draft = { text: 'Use fake timers', scope: '**', gate: 'unit', fingerprint: 'f', pass: 1 };
  const asking: Hold = { kind: 'waiting', ask: 'q1', question: 'Delete v1?', since: NOW };
  assert.equal(
    attention(run('docs', 1, { draft, status: { tag: 'open', phase: 'making', hold: asking } }))?.words,
    'asks: Delete v1?',
  );
  assert.match(attention(run('docs', 1, { draft }))?.words ?? '', /wrote a rule .* "Use fake timers"/);
});

test('every need names the key and the command line that answer it, and since when it waits', () => {
  const answers = (needs: ReturnType<typeof attention>) =>
    needs === null ? null : [needs.keys[0]?.key, needs.keys[0]?.label, needs.verb, needs.since];
  const asking = (hold: Omit<Extract<Hold, { kind: 'waiting' }>, 'kind' | 'ask' | 'since'>) =>
    run('docs', 1, {
      status: { tag: 'open', phase: 'making', hold: { kind: 'waiting', ask: 'q', since: NOW, ...hold } },
    });
  assert.deepEqual(answers(attention(asking({ question: 'Why?' }))), ['n', 'answer', 'looptop note docs-1 TEXT', NOW]);
  const label = (question: string, options?: string[]) =>
    attention(asking({ question, ...(options && { options }) }))?.keys[0]?.label;
  assert.equal(label('May I?', ['yes', 'no']), 'answer: 1 yes  2 no');
  assert.equal(label('Which?', ['a rather long answer', 'another long one', 'x\x1b[2J']), 'answer 1-3');
  assert.deepEqual(answers(attention(paused('approval'))), ['p', 'approve', 'looptop resume burn-3', NOW]);
  assert.deepEqual(answers(attention(paused('budget', '', { meter: meter(700_000, 1) }))), [
    ...['+', 'raise', 'looptop budget burn-3', NOW],
  ]);
  assert.deepEqual(answers(attention(paused('stuck'))), ['e', 'escalate', 'looptop escalate burn-3', NOW]);
  assert.match(attention(paused('login', '401'))?.words ?? '', /401; log in with claude$/);
});

test('a cap that is not the run’s own is not answered by raising its budget', () => {
  for (const cap of ["the fleet's day: $25 of $25", 'the day of burn: $5 of $5', '$2.10 a minute of $2.00'])
    assert.equal(attention(paused('budget', `stopped at its cap, ${cap}`))?.keys[0]?.key, 'p', cap);
  assert.equal(attention(paused('budget', 'stopped at its cap, 45m of 45m'))?.keys[0]?.key, '+');
});

test('what may be stuck is worth a look and rings nobody, and a hold says more than a suspicion', () => {
  const suspicion = { rule: 'silent', words: 'nothing from the agent for 5m (silent)', since: NOW };
  const stuck = { ...run('docs', 1).stuck, suspicion };
  const needs = attention(run('docs', 1, { stuck }));
  assert.deepEqual([needs?.level, needs?.words], ['look', 'may be stuck: nothing from the agent for 5m (silent)']);
  assert.equal(attention(paused('stuck', 'the same failure', { stuck }))?.words, 'stuck: the same failure');
});

test('what the operator did to a run does not ring', () => {
  for (const hold of [
    { kind: 'frozen', by: 'ada', since: NOW },
    { kind: 'drained', by: 'ada', since: NOW },
  ] as const)
    assert.equal(attention(run('a', 1, { status: { tag: 'open', phase: 'making', hold } })), null);
  assert.equal(attention(paused('operator'))?.level, 'look');
  assert.equal(attention(paused('rate-limit'))?.level, 'look');
  assert.equal(attention(run('a', 1, { status: { tag: 'ended', end: { kind: 'killed', by: 'ada' }, at: NOW } })), null);
});

test('what waits for a person comes first, the oldest at the top', () => {
  const found = attentions(nineRuns());
  assert.deepEqual(
    found.map(({ run: { id }, attention: { level } }) => `${id} ${level}`),
    ['ci-fix-12 act', 'burn-3 act', 'docs-9 act', 'spiral-1 look', 'docs-2 look'],
  );
});

test('every kind of pause and end has words', () => {
  for (const why of [
    'operator',
    'budget',
    'stuck',
    'rate-limit',
    'login',
    'unread',
    'approval',
    'disk',
    'agent',
    'unknown',
  ] as const) {
    const needs = attention(paused(why, 'because'));
    assert.ok(needs?.words.includes('because') && needs.keys.length > 0, why);
  }
  for (const end of [
    { kind: 'exhausted', detail: 'why' },
    { kind: 'failed', why: 'infra', detail: 'why' },
    { kind: 'lost', detail: 'why' },
  ] as const)
    assert.match(attention(run('a', 1, { status: { tag: 'ended', end, at: NOW } }))?.words ?? '', /why/);
});
