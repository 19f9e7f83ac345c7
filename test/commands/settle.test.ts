/** When `run --wait` ends, and the exit code it ends with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fanVerdict, verdict } from '../../source/commands/settle.ts';
import type { End, Hold, Phase, RunState } from '../../source/loop/state.ts';
import { fan, fanFleet } from '../pane/fan-fixture.ts';
import { NOW, run } from '../pane/fleet-fixture.ts';

const code = (run: RunState, noEngine = false) => verdict({ fans: {} }, run, noEngine)?.code ?? null;
/** The fixture's agent is alive; here it is one that has ended. */
const { agent } = run('a', 1);
const dead = agent && ({ ...agent, fact: { is: 'dead', code: 0, signal: null } } as const);
const open = (phase: Phase, hold: Hold | null = null) =>
  run('a', 1, { status: { tag: 'open', phase, hold }, agent: dead });
const ended = (end: End) => run('a', 1, { status: { tag: 'ended', end, at: NOW } });

test('a run that is under way has no verdict, also not while it is green but not committed', () => {
  for (const phase of ['queued', 'preparing', 'making', 'gating', 'reflecting', 'green'] as const) {
    assert.equal(code(open(phase)), null, phase);
  }
});

test('review and landed are 0', () => {
  assert.equal(code(open('review')), 0);
  assert.equal(code(ended({ kind: 'landed' })), 0);
});

test('each way of not getting green has its own code', () => {
  assert.equal(code(ended({ kind: 'exhausted', detail: '8 passes' })), 3);
  const paused = (why: Extract<Hold, { kind: 'paused' }>['why']) =>
    open('making', { kind: 'paused', why, detail: '', since: NOW });
  assert.equal(code(paused('budget')), 4);
  assert.equal(code(paused('stuck')), 5);
  assert.equal(code(ended({ kind: 'killed', by: 'cli:me' })), 6);
  assert.equal(code(ended({ kind: 'failed', why: 'agent', detail: '' })), 1);
  assert.equal(code(ended({ kind: 'failed', why: 'config', detail: '' })), 2);
  assert.equal(code(ended({ kind: 'failed', why: 'config', detail: '' }), true), 8);
  assert.equal(code(paused('agent'), true), 8);
  assert.equal(code(ended({ kind: 'lost', detail: '' })), 1);
  assert.equal(code(ended({ kind: 'discarded', by: 'cli:me' })), 1);
});

test('a cap on passes, where a red pass ended, is 3; a cap while it works is 4', () => {
  const hold = { kind: 'paused', why: 'budget', detail: '', since: NOW } as const;
  assert.equal(code(open('reflecting', hold)), 3);
  assert.equal(code(open('making', hold)), 4);
});

test('a paused run has its verdict when its agent is dead, not while that is being ended', () => {
  const hold = { kind: 'paused', why: 'budget', detail: '', since: NOW } as const;
  assert.equal(agent?.fact.is, 'alive');
  assert.equal(code(run('a', 1, { status: { tag: 'open', phase: 'making', hold } })), null);
  assert.equal(code(open('making', hold)), 4);
});

test('what a person or the clock may lift is waited for', () => {
  for (const why of ['operator', 'rate-limit', 'unread', 'approval', 'disk'] as const) {
    assert.equal(code(open('making', { kind: 'paused', why, detail: '', since: NOW })), null, why);
  }
  assert.equal(code(open('making', { kind: 'frozen', by: 'cli:me', since: NOW })), null);
  assert.equal(code(open('making', { kind: 'waiting', ask: '1', question: 'why?', since: NOW })), null);
});

test('a fan has its verdict when it has ended, or stands still at its cap', () => {
  const of = (changes: Parameters<typeof fanFleet>[0]) => {
    const fleet = fanFleet(changes);
    return fanVerdict(fleet, fan(changes), NOW)?.code ?? null;
  };
  assert.equal(of({}), null, 'its pilot waits for the operator, who may come');
  assert.equal(of({ endedAt: NOW }), 3);
  assert.equal(of({ endedAt: NOW, items: fan().items.slice(0, 1) }), 0);
  assert.equal(of({ endedAt: NOW, items: [] }), 3, 'nothing was done');
  const capped = { budget: { ...fan().budget, usd: 1 } };
  assert.equal(of(capped), 4);
});
