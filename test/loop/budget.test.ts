import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import { over, room } from '../../source/loop/budget.ts';
import type { LoopDefinition } from '../../source/loop/definition/definition.ts';
import { spentAt, usdPerMinute } from '../../source/loop/pace.ts';
import { stateWord } from '../../source/loop/run-status.ts';
import type { Settings } from '../../source/loop/state.ts';
import { fresh, NO_TOKENS } from '../../source/loop/tokens.ts';
import type { RunId } from '../../source/loop/units.ts';
import { madeLoop, queued } from './made-loop.ts';
import { type Script, SimulatedWorld } from './simulated-world.ts';

const spends = (key: string, tokens: number, usd = tokens / 1e5): AgentEvent => ({
  type: 'usage',
  key,
  model: 'm',
  tokens: { ...NO_TOKENS, output: tokens },
  usd,
  final: true,
});

const SETTINGS: Settings = {
  tiers: {},
  daily: { tokens: 1e9, usd: 1e6 },
  hourly: { tokens: null, usd: null },
  usdPerMinute: null,
  meter: 'wire',
  hooks: [],
  maxAgents: 12,
};
const PLENTY: LoopDefinition['budget'] = { tokens: 1e9, usd: 1e6, wallMs: 1e12, passes: 8 };

function world(change: Partial<LoopDefinition>, settings: Partial<Settings> = {}, script: Partial<Script> = {}) {
  const made = new SimulatedWorld({
    agent: (_run, tick) => [spends(`r${tick}`, 4_000)],
    gate: () => '',
    ...script,
  });
  made.happen({ type: 'settings-read', settings: { ...SETTINGS, ...settings } });
  made.happen(queued(madeLoop({ budget: PLENTY, ...change })));
  return made;
}
const lastWords = (w: SimulatedWorld) => w.run().trace.at(-1)?.text ?? '';

test("a loop's day is capped over all its runs, and other loops go on", () => {
  const w = world({ daily: { tokens: 20_000, usd: null }, concurrency: { max: 2 } });
  w.happen(
    queued(
      madeLoop({ budget: PLENTY, daily: { tokens: 20_000, usd: null }, concurrency: { max: 2 } }),
      'fix-2' as RunId,
    ),
  );
  w.happen(queued(madeLoop({ name: 'other', budget: { ...PLENTY, tokens: 40_000 } }), 'other-1' as RunId));
  w.settle();
  for (const id of ['fix-1', 'fix-2']) assert.equal(stateWord(w.run(id)), 'paused:budget');
  assert.match(lastWords(w), /the day of fix: 20k of 20k tokens/);
  const spent = fresh(w.run('fix-1').meter.total.tokens) + fresh(w.run('fix-2').meter.total.tokens);
  assert.ok(spent <= 20_000 + 4_000, `one response over at most: ${spent}`);
  assert.equal(fresh(w.run('other-1').meter.total.tokens), 40_000);
});

test('a run that is queued while the day is used up stays queued, and begins when the next day has come', () => {
  const w = world({}, { daily: { tokens: 8_000, usd: 100 } });
  w.settle();
  assert.equal(stateWord(w.run()), 'paused:budget');
  w.happen(queued(madeLoop({ name: 'next' }), 'next-1' as RunId));
  w.settle();
  assert.equal(stateWord(w.run('next-1')), 'queued');
  w.day = '2026-11-24';
  w.happen({ type: 'day-began' });
  w.settleOnce();
  assert.equal(stateWord(w.run('next-1')), 'preparing');
  assert.equal(stateWord(w.run()), 'paused:budget', 'what a cap stopped waits for a person');
  assert.equal(w.command({ do: 'resume', run: 'fix-1' }), null, 'the new day has room');
});

test("the fleet's hour is a sliding one", () => {
  const w = world({}, { hourly: { tokens: 12_000, usd: null } });
  w.settle();
  assert.match(lastWords(w), /the fleet's hour: 12k of 12k tokens/);
  assert.match(w.command({ do: 'resume', run: 'fix-1' }) ?? '', /the fleet's hour/);
  w.now += 62 * 60_000;
  assert.equal(w.command({ do: 'resume', run: 'fix-1' }), null);
});

test('money that goes too fast stops the run, however much is left of its budget', () => {
  const w = world(
    { usdPerMinute: 1 },
    {},
    { agent: (_run, tick) => (tick < 50 ? [spends(`r${tick}`, 10, 0.001)] : [spends(`r${tick}`, 100, 2)]) },
  );
  w.settle();
  assert.equal(stateWord(w.run()), 'paused:budget');
  assert.match(lastWords(w), /\$1\.\d+ a minute of \$1\.00/);
  assert.ok(w.run().meter.total.usd < 8, 'stopped after a few of the dear ones');
});

test('the fleet has a pace too', () => {
  const w = world({}, { usdPerMinute: 0.1 });
  w.settle();
  assert.match(lastWords(w), /the fleet: \$0\.\d+ a minute of \$0\.10/);
});

test('the maker leaves to the checker what is kept for it', () => {
  const w = world({ budget: { ...PLENTY, tokens: 100_000 }, reserve: { checker: 0.2 } });
  w.settle();
  assert.equal(fresh(w.run().meter.total.tokens), 80_000);
  assert.match(lastWords(w), /80k of 80k tokens \(20 % is kept for checker\)/);
});

test('wrap-up: the agent is told near the cap and stopped at it, and what it has made is judged', () => {
  for (const green of [true, false]) {
    const w = world(
      { budget: { ...PLENTY, tokens: 100_000 }, onExhausted: 'wrap-up' },
      {},
      { gate: () => (green ? '' : 'one test fails') },
    );
    w.settle();
    assert.equal(fresh(w.run().meter.total.tokens), 100_000);
    const note = w.run().notes.find(({ by }) => by === 'looptop');
    assert.match(note?.text ?? '', /96k of 100k tokens.*brin/);
    assert.equal(note?.state, 'written');
    assert.equal(stateWord(w.run()), green ? 'review' : 'paused:budget');
    assert.equal(w.history.filter(({ type }) => type === 'wrapped-up').length, 1);
    if (green) continue;
    assert.equal(w.command({ do: 'budget', run: 'fix-1', tokens: '+8k' }), null);
    w.settle();
    assert.equal(w.history.filter(({ type }) => type === 'wrapped-up').length, 2, 'a raised cap is wrapped up again');
  }
});

test('kill: at the cap the run ends, and nobody is asked', () => {
  const w = world({ budget: { ...PLENTY, tokens: 100_000 }, onExhausted: 'kill' });
  w.settle();
  assert.equal(stateWord(w.run()), 'exhausted');
  assert.equal(w.run().agent?.fact.is, 'dead');
});

test("shares of the fleet's day and of a loop's are told once each, and again on the next day", () => {
  const w = world({ daily: { tokens: 50_000, usd: null } }, { daily: { tokens: 100_000, usd: 1e6 } });
  const told = () =>
    w.history.flatMap((event) => (event.type === 'fleet-warned' ? [`${event.cap} ${event.share}`] : []));
  w.settle();
  assert.deepEqual(told(), ['loop:fix:loop-day-tokens 0.8', 'loop:fix:loop-day-tokens 0.95']);
  w.day = '2026-11-24';
  w.happen({ type: 'day-began' });
  w.command({ do: 'resume', run: 'fix-1' });
  w.settle();
  assert.equal(told().length, 4);
});

test('the room of a request is that of the nearest cap, and it is empty exactly when a cap is over', () => {
  fc.assert(
    fc.property(
      fc.record({
        spent: fc.nat(200_000),
        tokens: fc.integer({ min: 1, max: 200_000 }),
        day: fc.integer({ min: 1, max: 200_000 }),
        hour: fc.option(fc.integer({ min: 1, max: 200_000 })),
        loop: fc.option(fc.integer({ min: 1, max: 200_000 })),
      }),
      ({ spent, tokens, day, hour, loop }) => {
        const w = world(
          { budget: { ...PLENTY, tokens }, daily: { tokens: loop, usd: null } },
          { daily: { tokens: day, usd: 1e6 }, hourly: { tokens: hour, usd: null } },
          { agent: (_run, tick) => (tick === 0 ? [spends('r', spent, 0)] : []) },
        );
        for (let step = 0; step < 5 && fresh(w.run().meter.total.tokens) < spent; step++) w.settleOnce();
        const nearest = Math.min(tokens, day, hour ?? 1e9, loop ?? 1e9) - spent;
        assert.equal(room(w.state, w.run(), w.now).tokens, Math.max(0, nearest));
        assert.equal(over(w.state, w.run(), w.now) !== null, nearest <= 0);
      },
    ),
    { numRuns: 200 },
  );
});

test('the pace is what the last five minutes say, whatever the clock does', () => {
  const minute = 60_000;
  const pace = [0, 1, 2].reduce((all, n) => spentAt(all, n * minute, 5), spentAt([], 0, 0));
  assert.equal(usdPerMinute(pace, 2 * minute), 3);
  assert.equal(usdPerMinute(pace, 7 * minute), 0);
  const back = spentAt(pace, 0, 1);
  assert.deepEqual(back.at(-1), { minute: 2, usd: 6 });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(10_000_000), fc.double({ min: 0, max: 9, noNaN: true }))), (bills) => {
      const all = bills.reduce<ReturnType<typeof spentAt>>((sum, [at, usd]) => spentAt(sum, at, usd), []);
      assert.ok(all.length <= 5);
      assert.ok(all.every((each, at) => at === 0 || each.minute > (all[at - 1]?.minute ?? 0)));
    }),
  );
});
