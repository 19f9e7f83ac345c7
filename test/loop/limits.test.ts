import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentEvent, Limit } from '../../source/loop/agent-event.ts';
import { attention } from '../../source/loop/attention.ts';
import { decide } from '../../source/loop/decide.ts';
import { credentialOf } from '../../source/loop/limits.ts';
import { isSettled, stateWord } from '../../source/loop/run-status.ts';
import { NO_TOKENS } from '../../source/loop/tokens.ts';
import type { RunId } from '../../source/loop/units.ts';
import { madeLoop, queued } from './made-loop.ts';
import { type Script, SimulatedWorld } from './simulated-world.ts';

const refuses = (why: Limit, inMs: number | null): AgentEvent => ({
  type: 'limited',
  why,
  inMs,
  detail: `refused: ${why}`,
});
const answers = (key: string): AgentEvent => ({
  type: 'usage',
  key,
  model: 'm',
  tokens: { ...NO_TOKENS, output: 10 },
  usd: 0,
  final: true,
});

const PLENTY = { tokens: 1e9, usd: 1e6, wallMs: 1e12, passes: 8 };

/** `runs` runs on one credential; each gets a mark of its own, as real ones do. */
function fleet(runs: number, script: Partial<Script>, engine: 'scripted' | 'claude' = 'scripted') {
  const w = new SimulatedWorld({
    agent: (_run, tick) => (tick < 3 ? [answers(`r${tick}`)] : 'ends'),
    gate: () => '',
    ...script,
  });
  const definition = madeLoop({ maker: { ...madeLoop().maker, engine }, concurrency: { max: 20 }, budget: PLENTY });
  for (let n = 1; n <= runs; n++)
    w.happen({
      ...queued(definition, `fix-${n}` as RunId),
      nonce: (n * 0x1357_9bdf).toString(16).padStart(8, '0'),
    } as never);
  return w;
}

test('one refusal parks everybody on that credential, and they come back one by one, each a different while apart', () => {
  let refusals = 0;
  const w = fleet(6, {
    agent: (run, tick) => {
      if (run.id === 'fix-1' && tick === 1 && refusals++ === 0) return [refuses('rate', 20_000)];
      return tick < 40 ? [answers(`r${tick}`)] : 'ends';
    },
  });
  for (let step = 0; step < 60 && refusals === 0; step++) w.settleOnce();
  const at = w.now;
  while (w.now < at + 15_000) w.settleOnce();
  for (const run of Object.values(w.state.runs)) {
    assert.equal(stateWord(run), 'paused:rate-limit');
    assert.equal(run.agent?.fact.is, 'frozen', 'a short wait keeps the agent where it is');
    assert.equal(isSettled(w.state, run), false, 'it goes on by itself');
    assert.equal(attention(run)?.level, 'look');
  }
  const back: number[] = [];
  for (let step = 0; step < 300; step++) {
    const before = w.history.length;
    w.settleOnce();
    for (const event of w.history.slice(before)) if (event.type === 'unparked') back.push(w.now);
  }
  assert.equal(back.length, 6);
  assert.ok((back[0] ?? 0) >= at + 19_000, 'nobody before the time');
  const gaps = back.slice(1).map((time, index) => time - (back[index] ?? 0));
  assert.ok(
    gaps.every((gap) => gap >= 5_000 && gap <= 12_000),
    gaps.join(),
  );
  w.settle();
  for (const run of Object.values(w.state.runs)) assert.equal(stateWord(run), 'review');
  assert.deepEqual(w.state.limits, {});
});

test('a refusal while they come back parks those that were on their way again, for longer', () => {
  let refusals = 0;
  const w = fleet(3, {
    agent: (_run, tick) => {
      if (refusals < 3 && tick === 1 + refusals) {
        refusals++;
        return [refuses('overloaded', null)];
      }
      return tick < 10 ? [answers(`r${tick}`)] : 'ends';
    },
  });
  w.settle();
  const waits = w.history.flatMap((event) => (event.type === 'parked' ? [event.detail] : []));
  assert.ok(waits.length >= 5, `${waits.length}`);
  for (const run of Object.values(w.state.runs)) assert.equal(stateWord(run), 'review');
});

test('without a word from the provider each refusal in a row waits longer than the last', () => {
  const w = fleet(1, { agent: () => [refuses('rate', null)] });
  const waits: number[] = [];
  for (let step = 0; step < 200 && waits.length < 7; step++) {
    w.settleOnce();
    const limit = w.state.limits.scripted;
    if (limit?.until && limit.strikes > waits.length) waits.push(limit.until - limit.at);
  }
  assert.deepEqual(waits, [30_000, 60_000, 120_000, 300_000, 600_000, 600_000, 600_000]);
});

test('a long wait ends the process and resumes its session afterwards', () => {
  let refused = false;
  const w = fleet(1, {
    agent: (_run, tick) => {
      if (tick === 1 && !refused) {
        refused = true;
        return [refuses('usage', 5 * 3_600_000)];
      }
      return tick < 4 ? [answers(`r${tick}`)] : 'ends';
    },
  });
  const begin = w.now;
  for (let step = 0; step < 40 && stateWord(w.run()) !== 'paused:rate-limit'; step++) w.settleOnce();
  w.settleOnce();
  assert.equal(w.run().agent?.fact.is, 'dead');
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
  assert.ok(w.now - begin >= 5 * 3_600_000);
  const plans = w.history.flatMap((event) => (event.type === 'agent-planned' ? [event.resumes] : []));
  assert.deepEqual(plans.length, 2);
  assert.ok(plans[1]?.startsWith('s-'), 'the session is resumed');
});

test('an agent that dies of the refusal has not failed: it is parked and tried again', () => {
  let tries = 0;
  const w = fleet(1, {
    agent: (_run, tick) => {
      if (tries < 4) {
        if (tick === 0) return [refuses('rate', 30_000)];
        tries++;
        return 'crashes';
      }
      return tick < 2 ? [answers(`r${tick}`)] : 'ends';
    },
  });
  w.settle();
  assert.equal(stateWord(w.run()), 'review');
  assert.ok(!w.history.some((event) => event.type === 'paused'));
});

test('an expired login waits for a person, and one key lets all of them go on one by one', () => {
  let loggedIn = false;
  const w = fleet(3, {
    agent: (_run, tick) => (loggedIn ? (tick < 6 ? [answers(`r${tick}`)] : 'ends') : [refuses('login', null)]),
  });
  for (let step = 0; step < 40; step++) w.settleOnce();
  const all = () => Object.values(w.state.runs).map(stateWord);
  assert.deepEqual(all(), ['paused:login', 'paused:login', 'paused:login']);
  assert.equal(attention(w.run())?.level, 'act');
  w.now += 10 * 86_400_000;
  for (let step = 0; step < 10; step++) w.settleOnce();
  assert.deepEqual(all(), ['paused:login', 'paused:login', 'paused:login'], 'time alone does not log in');
  loggedIn = true;
  assert.equal(w.command({ do: 'resume', run: 'fix-2' }), null);
  w.settle();
  assert.deepEqual(all(), ['review', 'review', 'review']);
});

test('nothing new starts on a refused credential, and others are not touched', () => {
  const w = fleet(1, {
    agent: (run, tick) =>
      run.loop === 'fix' ? [refuses('usage', 3_600_000)] : tick < 2 ? [answers(`r${tick}`)] : 'ends',
  });
  for (let step = 0; step < 10 && stateWord(w.run()) !== 'paused:rate-limit'; step++) w.settleOnce();
  w.happen(queued(madeLoop({ concurrency: { max: 20 } }), 'fix-9' as RunId));
  const shell = { ...madeLoop().maker, engine: 'shell' as const, run: 'true' };
  w.happen(queued(madeLoop({ name: 'other', maker: shell, escalate: [] }), 'other-1' as RunId));
  for (let step = 0; step < 30 && stateWord(w.run('other-1')) !== 'review'; step++) w.settleOnce();
  assert.equal(stateWord(w.run('fix-9')), 'queued');
  assert.equal(stateWord(w.run('other-1')), 'review');
});

test('a login belongs to an engine; opencode has one per provider', () => {
  assert.equal(credentialOf('claude', 'opus'), 'claude');
  assert.equal(credentialOf('opencode', 'anthropic/claude-opus-5-5'), 'opencode/anthropic');
  assert.notEqual(credentialOf('opencode', 'openai/gpt-6-sol'), credentialOf('opencode', 'anthropic/x'));
});

test('agents of one engine start one after the other', () => {
  const w = fleet(5, {}, 'claude');
  const starts: number[] = [];
  for (let step = 0; step < 100 && starts.length < 5; step++) {
    const { effects } = decide(w.state, w.now);
    assert.ok(effects.filter((effect) => effect.do === 'plan').length <= 1, 'one at a time');
    const before = w.history.length;
    w.settleOnce();
    for (const event of w.history.slice(before)) if (event.type === 'agent-planned') starts.push(w.now);
  }
  assert.equal(starts.length, 5);
  assert.ok(
    starts.slice(1).every((at, index) => at - (starts[index] ?? 0) >= 400),
    starts.join(),
  );
});
