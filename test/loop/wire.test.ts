/** No request gets room that another one has, whatever the order in which they come and end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Event } from '../../source/loop/event.ts';
import { emptyFleet, fold } from '../../source/loop/fold.ts';
import type { FleetState, WireBound } from '../../source/loop/state.ts';
import { fresh, NO_TOKENS } from '../../source/loop/tokens.ts';
import type { RunId } from '../../source/loop/units.ts';
import { AMPLE_OUTPUT, admission, answersInPlace, LEAST_OUTPUT } from '../../source/loop/wire.ts';
import { agentId, madeLoop, queued } from './made-loop.ts';

const AGENT = agentId('1-maker');
const NOW = 1_000_000;
const id = (n: number) => `fix-${n}` as RunId;
const CLAUDE = { ...madeLoop().maker, engine: 'claude', model: 'sonnet', scenario: null } as const;

class World {
  state: FleetState = emptyFleet();
  #seq = 0;

  constructor(runs: number, tokens: number, day: number, usdDay = 1e9) {
    const { settings } = this.state;
    this.happen({ type: 'settings-read', settings: { ...settings, daily: { tokens: day, usd: usdDay } } });
    const definition = madeLoop({ maker: CLAUDE, budget: { tokens, usd: 1e9, wallMs: 1e9, passes: 8 } });
    for (let n = 0; n < runs; n++) this.begin(n, definition);
  }

  begin(n: number, definition = madeLoop()) {
    const run = id(n);
    const planned = { role: 'maker', engine: 'claude', model: 'sonnet', resumes: null, guidance: true } as const;
    this.happen(queued(definition, run));
    this.happen({ type: 'prepare-started', run });
    this.happen({ type: 'prepared', run, worktree: '/w', branch: 'b', base: 'c' });
    this.happen({
      type: 'agent-planned',
      run,
      agent: AGENT,
      ...planned,
      promptHash: '',
      rules: [],
      notes: [],
      wire: true,
    });
    const process = { pid: 1, startTime: '1', bootId: '1' };
    this.happen({ type: 'agent-started', run, agent: AGENT, process, containment: 'marked', adopted: false });
  }

  happen(event: Event) {
    this.#seq++;
    this.state = fold(this.state, { seq: this.#seq, at: NOW, day: '2026-11-23', event });
  }

  run(n = 0) {
    const run = this.state.runs[id(n)];
    assert.ok(run);
    return run;
  }

  ask(n: number, bound: WireBound, shortest: number | null = 0) {
    return admission(this.state, this.run(n), bound, NOW, shortest);
  }

  send(n: number, key: string, bound: WireBound, own = true) {
    this.happen({ type: 'wire-sent', run: id(n), agent: AGENT, key, model: 'm', own, bound });
  }

  bill(n: number, key: string, input: number, output: number, closed = true) {
    const tokens = { ...NO_TOKENS, input, output };
    const usage = { type: 'usage', key, model: 'm', tokens, usd: (input + output) / 1e6, final: closed } as const;
    this.happen({ type: 'wire-read', run: id(n), agent: AGENT, key, closed, events: [usage] });
  }

  get day() {
    return fresh(this.state.days['2026-11-23']?.tokens ?? NO_TOKENS);
  }
}

const bound = (input: number, output: number, warm = input): WireBound => ({
  input,
  warm,
  output,
  usd: { input: input / 1e6, warm: warm / 1e6, output: output / 1e6 },
});

test('however requests come and end, no cap is ever crossed, of a run or of the fleet', () => {
  const step = fc.record({
    n: fc.nat(7),
    input: fc.integer({ min: 1, max: 40_000 }),
    output: fc.integer({ min: 1, max: 60_000 }),
    /** Shares of what was reserved that it costs in the end; 1 is all of it. */
    cost: fc.constantFrom(0, 0.3, 1),
    /** How many requests are left under way before one ends. */
    under: fc.nat(9),
    half: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(100_000, 300_000), (steps, day) => {
      const world = new World(8, 90_000, day, 0.25);
      const open: { n: number; key: string; bound: WireBound; cost: number }[] = [];
      const end = () => {
        const [first] = open.splice(0, 1);
        if (first)
          world.bill(
            first.n,
            first.key,
            Math.floor(first.bound.input * first.cost),
            Math.floor(first.bound.output * first.cost),
          );
      };
      steps.forEach(({ n, input, output, cost, under, half }, index) => {
        const key = `k${index}`;
        const verdict = world.ask(n, bound(input, output));
        if (verdict.verdict === 'go') {
          world.send(n, key, verdict.bound);
          open.push({ n, key, bound: verdict.bound, cost });
          if (half) world.bill(n, key, Math.floor(verdict.bound.input * cost), 0, false);
        }
        while (open.length > under) end();
      });
      while (open.length > 0) end();
      assert.ok(world.day <= day, `${world.day} of ${day}`);
      assert.ok((world.state.days['2026-11-23']?.usd ?? 0) <= 0.25 + 1e-9);
      for (let n = 0; n < 8; n++) assert.ok(fresh(world.run(n).meter.total.tokens) <= 90_000);
    }),
    { numRuns: 60 },
  );
});

test('a cap can be used up to the last token, and not by one more', () => {
  const world = new World(1, 10_000, 1e9);
  assert.equal(world.ask(0, bound(7000, 3000)).verdict, 'go');
  assert.equal(world.ask(0, bound(7000, 3001), null).verdict, 'refuse');
});

test('where others are under way it waits or is shortened; alone it takes what is left; without use it is refused', () => {
  const world = new World(2, 1e9, 200_000);
  world.send(0, 'a', bound(50_000, 100_000));
  const less = world.ask(1, bound(20_000, 128_000));
  assert.deepEqual(less.verdict === 'go' && less.bound.output, AMPLE_OUTPUT);
  assert.equal(world.ask(1, bound(40_000, 128_000)).verdict, 'wait');
  assert.equal(world.ask(1, bound(40_000, 128_000), null).verdict, 'wait', 'it fits when the other one has ended');
  world.bill(0, 'a', 100_000, 90_000);
  const last = world.ask(1, bound(7000, 128_000));
  assert.deepEqual(last.verdict === 'go' && last.bound.output, 3000);
  const none = world.ask(1, bound(9000, 128_000));
  assert.equal(none.verdict, 'refuse');
  assert.match(
    none.verdict === 'refuse' ? none.words : '',
    /the fleet's day: 190k of 200k tokens, and the next request could cost 11k tokens/,
  );
  assert.ok(10_000 - 9000 < LEAST_OUTPUT);
  assert.equal(world.ask(1, bound(5000, 128_000), 6000).verdict, 'refuse', 'it thinks for longer than that');
  assert.equal(world.ask(1, bound(9000, 500)).verdict, 'go', 'a small answer is whole at that');
});

test('what the provider has cached counts for the run’s own cap and not for the fleet’s', () => {
  const own = new World(1, 50_000, 1e9);
  assert.equal(own.ask(0, bound(100_000, 10_000, 2000), null).verdict, 'go');
  const fleet = new World(1, 1e9, 50_000);
  assert.equal(fleet.ask(0, bound(100_000, 10_000, 2000), null).verdict, 'refuse');
});

test('what was reported of a request under way is not reserved a second time', () => {
  const world = new World(1, 10_000, 1e9);
  world.send(0, 'a', bound(6000, 1000));
  world.bill(0, 'a', 6000, 0, false);
  assert.equal(fresh(world.run().meter.total.tokens), 6000);
  assert.equal(world.ask(0, bound(2000, 1000), null).verdict, 'go');
  assert.equal(world.ask(0, bound(2001, 1000), null).verdict, 'wait');
});

const DEATH = { code: null, signal: 'SIGKILL', survivors: 0, stderr: '', tree: null, ms: 1 };

test('a bill that comes when the agent is dead, or the run has ended, still counts, once', () => {
  const world = new World(1, 1e9, 1e9);
  world.send(0, 'a', bound(100, 100));
  world.send(0, 'b', bound(100, 100));
  world.bill(0, 'a', 50, 1, false);
  world.happen({ type: 'agent-ended', run: id(0), agent: AGENT, ...DEATH });
  world.happen({ type: 'run-ended', run: id(0), end: { kind: 'discarded', by: 'test' } });
  world.bill(0, 'a', 50, 7);
  assert.equal(fresh(world.run().meter.total.tokens), 57);
  assert.equal(world.run().provenance, 'live', 'one more is to come, of which nothing is known');
  world.bill(0, 'b', 3, 4);
  assert.equal(fresh(world.run().meter.total.tokens), 64);
  assert.equal(fresh(world.state.days['2026-11-23']?.tokens ?? NO_TOKENS), 64);
  const { wire, meter, provenance } = world.run();
  assert.deepEqual([wire, meter.live, provenance], [{}, {}, 'exact']);
});

test('it is known which models were asked on the wire, and whether the agent’s own was', () => {
  const world = new World(1, 1e9, 1e9);
  world.send(0, 'a', bound(1, 1), false);
  world.send(0, 'b', bound(1, 1), false);
  assert.deepEqual(world.run().agent?.wire, { requests: 2, own: false, models: ['m'] });
  world.send(0, 'c', bound(1, 1));
  assert.deepEqual(world.run().agent?.wire, { requests: 3, own: true, models: ['m'] });
});

test('a late bill of one agent leaves those of the next one open', () => {
  const world = new World(1, 1e9, 1e9);
  const next = agentId('2-maker');
  world.send(0, 'a', bound(100, 100));
  world.happen({ type: 'agent-ended', run: id(0), agent: AGENT, ...DEATH });
  world.happen({
    type: 'agent-planned',
    run: id(0),
    agent: next,
    role: 'maker',
    engine: 'claude',
    model: 'sonnet',
    resumes: null,
    guidance: true,
    promptHash: '',
    rules: [],
    notes: [],
    wire: true,
  });
  const tokens = { ...NO_TOKENS, input: 10 };
  const usage = { type: 'usage', key: 'b', model: 'm', tokens, usd: null, final: false } as const;
  world.happen({ type: 'wire-sent', run: id(0), agent: next, key: 'b', model: 'm', own: true, bound: bound(9, 9) });
  world.happen({ type: 'wire-read', run: id(0), agent: next, key: 'b', closed: false, events: [usage] });
  world.bill(0, 'a', 50, 7);
  assert.deepEqual(Object.keys(world.run().meter.live), ['b']);
  world.happen({ type: 'agent-ended', run: id(0), agent: next, ...DEATH });
  const events = [{ ...usage, final: true, estimated: true }];
  world.happen({ type: 'wire-read', run: id(0), agent: next, key: 'b', closed: true, events });
  const { meter, provenance } = world.run();
  assert.equal(fresh(meter.total.tokens), 67);
  assert.deepEqual([meter.live, meter.total.estimated, provenance], [{}, true, 'estimated']);
});

test('another model of the same engine answers in place once the agent was heard to ask for its own', () => {
  const world = new World(1, 1e9, 1e9);
  const opus = { ...CLAUDE, model: 'opus' };
  assert.equal(answersInPlace(world.run(), opus, 'opus'), false, 'nothing was heard of it yet');
  world.send(0, 'a', bound(1, 1));
  assert.equal(answersInPlace(world.run(), opus, 'opus'), true);
  assert.equal(answersInPlace(world.run(), { ...opus, effort: 'high' }, 'opus'), false);
  assert.equal(answersInPlace(world.run(), { ...opus, engine: 'codex' }, 'opus'), false);
  assert.equal(answersInPlace(world.run(), opus, 'opus[1m]'), false);
  world.happen({ type: 'escalated', run: id(0), rung: 1, maker: opus, note: 'Look.', by: 'me' });
  const run = world.run();
  assert.deepEqual(run.agent?.wish, { to: 'run' });
  assert.equal(run.model, 'opus');
  assert.equal(run.agent?.model, 'sonnet');
  assert.match(run.trace.at(-1)?.text ?? '', /escalated to opus by me, from its next request on/);
  assert.equal(run.notes[0]?.state, 'waiting', 'the note is written into the living agent');
});

test('on event metering an escalation still ends the process', () => {
  const world = new World(1, 1e9, 1e9);
  world.happen({ type: 'escalated', run: id(0), rung: 1, maker: { ...CLAUDE, model: 'opus' }, note: '', by: 'me' });
  assert.deepEqual(world.run().agent?.wish, { to: 'end', cause: 'escalate', polite: true });
});
