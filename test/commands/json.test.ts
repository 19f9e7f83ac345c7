/** The public JSON of a run: its exact keys, and what each is in every kind of state. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runJson } from '../../source/commands/json.ts';
import { MINUTE, meter, NOW, nineRuns, run } from '../pane/fleet-fixture.ts';

const KEYS =
  'id loop item fan state reason engine model rung pass passes gates scores kept tokens usd provenance budget wallMs worktree branch pid ' +
  'session startedAt endedAt lastEventAt landing attention';

test('a run has exactly the keys that are promised, in every state', () => {
  for (const each of nineRuns()) {
    const json = runJson(each, NOW);
    assert.equal(Object.keys(json).join(' '), KEYS, each.id);
    assert.deepEqual(Object.keys(json.tokens), ['input', 'cacheRead', 'cacheWrite', 'output', 'reasoning', 'fresh']);
    assert.deepEqual(Object.keys(json.budget), ['tokens', 'usd', 'wallMs', 'passes']);
    for (const gate of json.gates) assert.deepEqual(Object.keys(gate), ['id', 'status', 'ms', 'score', 'flags']);
    assert.deepEqual(JSON.parse(JSON.stringify(json)), json, 'survives JSON');
  }
});

test('times are ISO 8601, and null where there is none yet', () => {
  const json = runJson(run('ci-fix', 1, { startedAt: null }), NOW);
  assert.equal(json.startedAt, null);
  assert.equal(json.endedAt, null);
  assert.equal(new Date(json.lastEventAt).toISOString(), json.lastEventAt);
});

test('the clock of a run that is at work runs on, that of a held one stands', () => {
  const working = run('a', 1, { wall: { ms: MINUTE, since: NOW - MINUTE } });
  assert.equal(runJson(working, NOW).wallMs, 2 * MINUTE);
  const held = run('a', 2, { wall: { ms: MINUTE, since: null } });
  assert.equal(runJson(held, NOW).wallMs, MINUTE);
});

test('an unpriced run costs null, never a number that is too low', () => {
  assert.equal(runJson(run('a', 1, { meter: meter(1000, 0.5, true) }), NOW).usd, null);
  assert.equal(runJson(run('a', 1, { meter: meter(1000, 0.5) }), NOW).usd, 0.5);
});

test('a hold and an end are told by state and reason', () => {
  const hold = { kind: 'paused', why: 'stuck', detail: 'the same test failed 3 times', since: NOW } as const;
  const held = runJson(run('a', 1, { status: { tag: 'open', phase: 'making', hold } }), NOW);
  assert.equal(held.state, 'paused:stuck');
  assert.equal(held.reason, 'the same test failed 3 times');
  assert.equal(held.attention?.level, 'act');
  const end = { kind: 'failed', why: 'infra', detail: 'no space' } as const;
  const ended = runJson(run('a', 1, { status: { tag: 'ended', end, at: NOW } }), NOW);
  assert.equal(ended.state, 'failed:infra');
  assert.equal(ended.reason, 'no space');
  assert.equal(ended.endedAt, new Date(NOW).toISOString());
});
