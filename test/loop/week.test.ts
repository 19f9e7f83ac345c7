/** A week of twelve loops with crashes, sleeps, set clocks and two changes of summer time, in simulated time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import type { Heartbeat, LoopDefinition } from '../../source/loop/definition/definition.ts';
import { BY_HAND } from '../../source/loop/definition/heartbeat.ts';
import { agentIsAlive } from '../../source/loop/run-status.ts';
import { parseActive } from '../../source/loop/schedule/active.ts';
import { dueAt, nextInstant } from '../../source/loop/schedule/instants.ts';
import { localDay } from '../../source/loop/schedule/zone.ts';
import type { RunState } from '../../source/loop/state.ts';
import { fresh, NO_TOKENS } from '../../source/loop/tokens.ts';
import { madeLoop } from './made-loop.ts';
import { SimulatedWorld } from './simulated-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ZONE = 'Europe/Berlin';
/** Saturday night: Berlin puts its clocks forward on the 29th at 01:00 UTC, Sydney back on 4 April at 16:00 UTC. */
const FROM = Date.parse('2026-03-28T20:00:00Z');
const TO = FROM + 7 * DAY;

/** What one response of any agent costs at most here: a cap is passed by no more than that. */
const RESPONSE = { tokens: 2000, usd: 0.02 } as const;
const RESPONSES = 3;
const CAPS = { run: 50_000, hungryDay: 15_000, day: { tokens: 430_000, usd: 4.2 }, hourUsd: 0.5 } as const;

const LOOPS: Readonly<Record<string, [on: Partial<Heartbeat>, change?: Partial<LoopDefinition>]>> = {
  triage: [{ everyMs: HOUR }],
  hungry: [{ everyMs: HOUR, jitterMs: 10 * MINUTE }, { daily: { tokens: CAPS.hungryDay, usd: null } }],
  nightly: [{ cron: '30 2 * * *', timezone: ZONE }],
  sydney: [{ cron: '15,45 2 * * *', timezone: 'Australia/Sydney' }],
  office: [{ cron: '0 * * * *', timezone: ZONE, active: parseActive('08:00-19:00 mon-fri') }],
  lazy: [{ everyMs: 90 * MINUTE, catchUp: 'none' }],
  picky: [{ everyMs: 2 * HOUR, skipIf: 'test -f PAUSE' }],
  slow: [{ everyMs: 2 * HOUR }, { whenBusy: 'skip' }],
  queuer: [{ everyMs: 4 * HOUR }, { whenBusy: 'queue' }],
  hasty: [{ everyMs: 3 * HOUR }, { whenBusy: 'replace' }],
  fix: [{ after: { loop: 'nightly', outcome: 'success' } }],
  report: [{ after: { loop: 'office', outcome: 'any' }, cooldownMs: 3 * HOUR }],
};

/** Agents that take hours: what they are busy with is in the way of the next firing. */
const HOURS: Readonly<Record<string, number>> = { slow: 3, queuer: 13, hasty: 4 };

const ripe = (run: RunState): number => (run.startedAt ?? 0) + (HOURS[run.loop] ?? 0) * HOUR;

/** Numbers that look random and are the same in every run of this test. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

const bill = (key: string): AgentEvent => ({
  type: 'usage',
  key,
  model: 'm',
  tokens: { ...NO_TOKENS, output: RESPONSE.tokens },
  usd: RESPONSE.usd,
  final: true,
});

class Week {
  readonly world: SimulatedWorld;
  readonly counts = { awake: 0, crashes: 0, sleeps: 0, set: 0 };
  /** Instants that came round while somebody was awake, by loop. */
  readonly expected = new Map<string, Set<number>>();
  /** Highest spend seen against each cap. */
  readonly most = { run: 0, hungryDay: 0, dayTokens: 0, dayUsd: 0, hourUsd: 0 };

  constructor() {
    this.world = new SimulatedWorld({
      agent: (run, tick) => this.#agent(run, tick),
      // It spends at once, and then thinks for hours.
      rests: (run) => (fresh(run.meter.total.tokens) < RESPONSES * RESPONSE.tokens ? null : ripe(run)),
      gate: () => '',
      skips: (_loop, now) => Math.floor(now / HOUR) % 4 < 2,
    });
    this.world.now = FROM;
    this.world.dayOf = (at) => localDay(ZONE, at);
    this.world.day = localDay(ZONE, FROM);
    this.started();
    this.world.happen({
      type: 'settings-read',
      settings: {
        tiers: {},
        daily: CAPS.day,
        hourly: { tokens: null, usd: CAPS.hourUsd },
        usdPerMinute: null,
        maxAgents: 6,
        meter: 'events',
        hooks: [],
      },
    });
    for (const [name, [on, change]] of Object.entries(LOOPS)) {
      const definition = madeLoop({
        name,
        gates: madeLoop().gates.slice(0, 1),
        on: { ...BY_HAND, expiresMs: 30 * DAY, ...on },
        budget: { tokens: CAPS.run, usd: 1, wallMs: DAY, passes: 2 },
        // Whoever thinks for hours says nothing in them.
        stuck: { silent: 'off' },
        ...change,
      });
      this.world.happen({ type: 'loop-read', name, path: name, trusted: true, definition, problems: [] });
    }
  }

  started(): void {
    this.world.happen({
      type: 'supervisor-started',
      pid: 1,
      version: '1',
      root: '/r',
      name: 'r',
      branch: 'main',
      timezone: ZONE,
    });
  }

  /** Awake until the clock shows `until`; supervisors die on the way as often as `crashes` says, wherever they are. */
  awake(until: number, crashes: () => boolean): void {
    const from = this.world.now;
    for (; this.world.now < until; ) {
      if (!this.world.settleOnce(until)) this.world.now = until;
      this.#read();
      this.#measure();
      if (crashes()) {
        this.counts.crashes++;
        this.world.crash();
        this.started();
      }
    }
    this.#expect(from, this.world.now);
  }

  jump(ms: number): void {
    this.world.now += ms;
    this.world.happen({ type: 'clock-jumped', jumpMs: ms });
  }

  #expect(from: number, to: number): void {
    for (const [name, [change]] of Object.entries(LOOPS)) {
      const on = { ...BY_HAND, ...change };
      const anchor = this.world.state.beats[name]?.grid.anchor ?? Number.NaN;
      const table = { on, zone: on.timezone ?? ZONE, anchor };
      const seen = this.expected.get(name) ?? new Set();
      this.expected.set(name, seen);
      for (let next = nextInstant(table, from - 10 * MINUTE); next !== null; next = nextInstant(table, next.at)) {
        const due = dueAt(name, table, next);
        // What is due in the last seconds may be dealt with after them.
        if (due > to - MINUTE) break;
        if (due <= from) continue;
        seen.add(next.at);
        this.counts.awake++;
      }
    }
  }

  /** Whoever reads finished work: an agent's hour in the week is short, a review is not ours to test. */
  #read(): void {
    for (const run of Object.values(this.world.state.runs)) {
      if (run.status.tag !== 'open' || agentIsAlive(run)) continue;
      if (run.status.phase === 'review') this.world.happen({ type: 'run-ended', run: run.id, end: { kind: 'landed' } });
      else if (run.status.hold?.kind === 'paused')
        this.world.happen({
          type: 'run-ended',
          run: run.id,
          end: { kind: 'exhausted', detail: run.status.hold.detail },
        });
    }
  }

  #measure(): void {
    const { state, now } = this.world;
    const day = state.days[state.today];
    this.most.dayTokens = Math.max(this.most.dayTokens, day ? fresh(day.tokens) : 0);
    this.most.dayUsd = Math.max(this.most.dayUsd, day?.usd ?? 0);
    const hour = state.spending.minutes.filter(({ at }) => at > now - HOUR && at <= now);
    this.most.hourUsd = Math.max(
      this.most.hourUsd,
      hour.reduce((sum, { spend }) => sum + spend.usd, 0),
    );
    const cells = state.spending.days[state.today]?.cells ?? [];
    const hungry = cells
      .filter(({ loop }) => loop === 'hungry')
      .reduce((sum, { spend }) => sum + fresh(spend.tokens), 0);
    this.most.hungryDay = Math.max(this.most.hungryDay, hungry);
    for (const run of Object.values(state.runs)) this.most.run = Math.max(this.most.run, fresh(run.meter.total.tokens));
  }

  #agent(run: RunState, tick: number): readonly AgentEvent[] | 'ends' {
    if (tick < RESPONSES) return [bill(`${run.id}-${tick}`)];
    return 'ends';
  }
}

/** Why firings of this week come to nothing. */
const REASONS = ['is not done', 'waits already', 'no room under the cap', 'skip-if', 'cools down', 'missed'];

test('a week of twelve loops: no firing is missed or doubled, and every cap holds', (t) => {
  const week = new Week();
  const { world, counts } = week;
  const next = chance(7);
  let lasted = FROM;
  while (lasted < TO) {
    // Some hours on the average, then something happens to the clock or to the machine.
    const awake = Math.floor(next() * 14 * HOUR);
    lasted += awake;
    week.awake(world.now + awake, () => next() < 0.006);
    const what = next();
    const ms = Math.floor(next() * 4 * HOUR);
    if (what < 0.5) counts.sleeps++;
    else counts.set++;
    week.jump(what < 0.65 ? ms : -ms);
    lasted += what < 0.5 ? ms : 0;
  }
  week.awake(world.now + HOUR, () => false);

  const events = world.journal.map(({ event }) => event);
  const fired = events.flatMap((event) => (event.type === 'fired' ? [`${event.loop} ${event.key}`] : []));
  const skipped = events.flatMap((event) => (event.type === 'skipped' ? [event] : []));
  const runs = events.flatMap((event) => (event.type === 'run-queued' ? [`${event.loop} ${event.firing}`] : []));
  const settled = new Set(
    [...fired, ...skipped.map(({ loop, key }) => `${loop} ${key}`)].map((each) => each.replace(/(every|cron):/, '')),
  );
  const missed = [...week.expected].flatMap(([loop, instants]) =>
    [...instants].filter((at) => !settled.has(`${loop} ${at}`)).map((at) => `${loop} ${new Date(at).toISOString()}`),
  );
  const reasons = new Map<string, number>();
  for (const { why } of skipped) {
    const kind = REASONS.find((reason) => why.includes(reason)) ?? why;
    reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
  }
  t.diagnostic(
    `${counts.awake} instants awake, ${fired.length} firings, ${runs.length} runs, ${skipped.length} skipped, ${missed.length} missed, ` +
      `${fired.length - new Set(fired).size} doubled; ${counts.crashes} crashes, ${counts.sleeps} sleeps, ${counts.set} set clocks`,
  );
  t.diagnostic([...reasons].map(([why, count]) => `${count} ${why}`).join('; '));
  t.diagnostic(`spent at most: ${JSON.stringify(week.most)}`);

  assert.deepEqual(missed, []);
  assert.equal(new Set(fired).size, fired.length, 'fired twice');
  assert.equal(new Set(runs).size, runs.length, 'two runs of one firing');
  // Each firing has come to a run or a reason, but for those under way at the end.
  const under = Object.values(world.state.beats).flatMap(({ firings }) => firings);
  const reasoned = skipped.filter(({ loop, key }) => fired.includes(`${loop} ${key}`));
  assert.equal(fired.length, runs.length + reasoned.length + under.length);
  // At work, an agent is stopped by the response that passes the cap; those at work beside it have one each on the way.
  const beside = world.state.settings.maxAgents;
  assert.ok(week.most.run <= CAPS.run + RESPONSE.tokens);
  assert.ok(week.most.hungryDay <= CAPS.hungryDay + RESPONSE.tokens, `${week.most.hungryDay}`);
  assert.ok(week.most.dayTokens <= CAPS.day.tokens + beside * RESPONSE.tokens);
  assert.ok(week.most.dayUsd <= CAPS.day.usd + beside * RESPONSE.usd, `${week.most.dayUsd}`);
  assert.ok(week.most.hourUsd <= CAPS.hourUsd + beside * RESPONSE.usd, `${week.most.hourUsd}`);
  // The week had everything that it is about.
  assert.ok(counts.crashes > 12 && counts.sleeps > 3 && counts.set > 3);
  assert.deepEqual([...reasons.keys()].sort(), [...REASONS].sort());
  for (const loop of Object.keys(LOOPS))
    assert.ok(
      runs.some((run) => run.startsWith(`${loop} `)),
      `${loop} never ran`,
    );
});
