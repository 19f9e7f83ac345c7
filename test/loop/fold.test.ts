import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import { decide } from '../../source/loop/decide.ts';
import type { Event, RunEvent } from '../../source/loop/event.ts';
import { emptyFleet, fold } from '../../source/loop/fold.ts';
import { phaseOf } from '../../source/loop/run-status.ts';
import type { FleetState } from '../../source/loop/state.ts';
import { fresh } from '../../source/loop/tokens.ts';
import type { RunId } from '../../source/loop/units.ts';
import { agentId, madeLoop, queued, RUN, stamp } from './made-loop.ts';

const run = fc.constantFrom<RunId>(RUN, 'fix-2' as RunId);
const agent = fc.constantFrom(agentId('1-maker'), agentId('1-maker.2'), agentId('2-maker'));
const text = fc.string({ maxLength: 12 });
const count = fc.integer({ min: 0, max: 60_000 });
const pass = fc.integer({ min: 0, max: 3 });
const gate = fc.constantFrom('lint', 'unit', 'full', 'unknown');
const by = fc.constant('you');

const tokens = fc.record({ input: count, cacheRead: count, cacheWrite: count, output: count, reasoning: count });
const usage = fc.record({
  type: fc.constant('usage' as const),
  key: fc.constantFrom('a', 'b'),
  model: fc.constantFrom('m', 'n'),
  tokens,
  usd: fc.option(fc.double({ min: 0, max: 9, noNaN: true })),
  final: fc.boolean(),
});
const agentEvent: fc.Arbitrary<AgentEvent> = fc.oneof(
  usage,
  fc.record({ type: fc.constant('started' as const), session: text, model: text }),
  fc.record({ type: fc.constantFrom('thought' as const, 'said' as const), text }),
  fc.record({
    type: fc.constant('acted' as const),
    id: text,
    tool: text,
    input: text,
    hash: fc.constantFrom('x', 'y'),
  }),
  fc.record({
    type: fc.constant('observed' as const),
    id: text,
    ok: fc.boolean(),
    output: text,
    hash: fc.constantFrom('x', 'y'),
  }),
  fc.record({ type: fc.constant('asked' as const), id: fc.constantFrom('q'), question: text }),
  fc.record({ type: fc.constant('answered' as const), id: fc.constantFrom('q') }),
  fc.record({
    type: fc.constant('ended' as const),
    outcome: fc.constantFrom('done' as const, 'failed' as const, 'interrupted' as const, 'refused' as const),
  }),
  fc.record({ type: fc.constant('unknown' as const), raw: text }),
);

const process = { pid: 1, startTime: '1', bootId: 'b' };
const of = <T extends object>(event: fc.Arbitrary<T>) =>
  fc.tuple(run, event).map(([id, rest]) => ({ run: id, ...rest }) as unknown as RunEvent);
const simple = (...types: string[]) => of(fc.record({ type: fc.constantFrom(...types), by }));

/** Any event there is, in any order, sensible or not. */
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 2, arbitrary: run.map((id) => queued(madeLoop(), id)) },
  { weight: 2, arbitrary: of(fc.constant({ type: 'prepare-started' })) },
  { weight: 2, arbitrary: of(fc.constant({ type: 'prepared', worktree: '/w', branch: 'b', base: 'c' })) },
  {
    weight: 4,
    arbitrary: of(
      fc.record({
        type: fc.constant('agent-planned'),
        agent,
        role: fc.constant('maker'),
        engine: fc.constant('scripted'),
        model: text,
        resumes: fc.constant(null),
        guidance: fc.boolean(),
        promptHash: text,
        rules: fc.constant([]),
        notes: fc.constant([]),
      }),
    ),
  },
  {
    weight: 4,
    arbitrary: of(
      fc.record({
        type: fc.constant('agent-started'),
        agent,
        process: fc.constant(process),
        containment: fc.constant('marked'),
        adopted: fc.boolean(),
      }),
    ),
  },
  {
    weight: 8,
    arbitrary: of(
      fc.record({
        type: fc.constant('agent-read'),
        agent,
        offset: fc.integer({ min: 0, max: 5 }),
        events: fc.array(agentEvent, { maxLength: 4 }),
      }),
    ),
  },
  {
    weight: 4,
    arbitrary: of(
      fc.record({
        type: fc.constant('agent-ended'),
        agent,
        code: fc.constantFrom(0, 1, null),
        signal: fc.constant(null),
        survivors: fc.constant(0),
        stderr: text,
        tree: fc.option(text),
        ms: count,
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: of(fc.record({ type: fc.constantFrom('agent-frozen', 'agent-thawed'), agent, processes: count })),
  },
  {
    weight: 1,
    arbitrary: of(
      fc.record({
        type: fc.constant('agent-unstartable'),
        agent,
        why: fc.constantFrom('no-engine', 'infra'),
        detail: text,
      }),
    ),
  },
  {
    weight: 8,
    arbitrary: of(
      fc.record({
        type: fc.constant('gate-ended'),
        pass,
        gate,
        status: fc.constantFrom('green', 'green', 'red', 'timeout'),
        exit: fc.constant(0),
        ms: count,
        fingerprint: fc.option(text),
        summary: text,
        tail: text,
      }),
    ),
  },
  { weight: 1, arbitrary: of(fc.record({ type: fc.constant('gate-started'), pass, gate })) },
  { weight: 2, arbitrary: of(fc.constant({ type: 'committed', commit: 'c', files: 1, added: 1, removed: 1 })) },
  {
    weight: 1,
    arbitrary: of(fc.record({ type: fc.constant('paused'), why: fc.constantFrom('budget', 'stuck'), detail: text })),
  },
  {
    weight: 1,
    arbitrary: of(
      fc.record({ type: fc.constant('climbed'), rung: pass, maker: fc.constant(madeLoop().maker), because: text }),
    ),
  },
  {
    weight: 1,
    arbitrary: of(
      fc.record({ type: fc.constant('escalated'), rung: pass, maker: fc.constant(madeLoop().maker), note: text, by }),
    ),
  },
  { weight: 1, arbitrary: of(fc.record({ type: fc.constant('note-given'), note: text, text, by })) },
  {
    weight: 1,
    arbitrary: of(
      fc.record({ type: fc.constant('stop-asked'), cause: fc.constantFrom('stop', 'down'), polite: fc.boolean(), by }),
    ),
  },
  {
    weight: 1,
    arbitrary: of(
      fc.record({
        type: fc.constant('run-ended'),
        end: fc.constantFrom({ kind: 'landed' }, { kind: 'discarded', by: 'you' }),
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: of(
      fc.record({
        type: fc.constant('kill-confirmed'),
        processes: count,
        survivors: fc.constantFrom(0, 0, 1),
        ms: count,
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: of(
      fc.record({
        type: fc.constant('budget-raised'),
        budget: fc.constant({ tokens: 1e6, usd: 9, wallMs: 1e6, passes: 9 }),
        by,
      }),
    ),
  },
  { weight: 6, arbitrary: simple('freeze-asked', 'resume-asked', 'drain-asked', 'kill-asked', 'draft-dropped') },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Event>(
      { type: 'supervisor-closing' },
      { type: 'disk-full', detail: '' },
      { type: 'disk-freed' },
      { type: 'clock-jumped', jumpMs: 5000 },
      { type: 'loop-gone', name: 'fix' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('rule-added' as const),
      id: text,
      text,
      scope: text,
      by,
      run: fc.option(run),
    }),
  },
);

/** A run whose agent is at work; random histories hardly get that far by themselves. */
const BEGUN: readonly Event[] = [
  queued(),
  { type: 'prepared', run: RUN, worktree: '/w', branch: 'b', base: 'c' },
  {
    type: 'agent-planned',
    run: RUN,
    agent: agentId('1-maker'),
    role: 'maker',
    engine: 'scripted',
    model: 'm',
    resumes: null,
    guidance: true,
    promptHash: '',
    rules: [],
    notes: [],
    wire: false,
  },
  { type: 'agent-started', run: RUN, agent: agentId('1-maker'), process, containment: 'marked', adopted: false },
];

const history = fc
  .tuple(fc.boolean(), fc.array(event, { maxLength: 120, size: 'max' }))
  // As they come from a file: plain objects.
  .map(([begun, events]) => JSON.parse(JSON.stringify(begun ? [...BEGUN, ...events] : events)) as readonly Event[]);
const RUNS = { numRuns: 500 };

/** Folds one by one and shows each step. */
function walk(
  events: readonly Event[],
  see: (before: FleetState, after: FleetState, event: Event) => void,
): FleetState {
  return events.reduce((before, each, index) => {
    const after = fold(before, stamp(each, index + 1));
    see(before, after, each);
    return after;
  }, emptyFleet());
}

test('any events in any order fold and are decided upon without throwing', () => {
  fc.assert(
    fc.property(history, (events) => {
      const state = walk(events, () => {});
      decide(state, 1e6);
    }),
    RUNS,
  );
});

test('a replay, also one that starts at a snapshot, equals what was live', () => {
  fc.assert(
    fc.property(history, fc.nat(), (events, cut) => {
      const live = walk(events, () => {});
      const at = events.length === 0 ? 0 : cut % events.length;
      const snapshot = JSON.parse(JSON.stringify(walk(events.slice(0, at), () => {}))) as FleetState;
      const replayed = events
        .slice(at)
        .reduce((state, each, index) => fold(state, stamp(each, at + index + 1)), snapshot);
      assert.deepEqual(replayed, JSON.parse(JSON.stringify(live)));
    }),
    { numRuns: 200 },
  );
});

test('no event turns a run green but a gate’s', () => {
  let greens = 0;
  fc.assert(
    fc.property(history, (events) => {
      walk(events, (before, after, each) => {
        for (const run of Object.values(after.runs)) {
          const was = before.runs[run.id];
          if (phaseOf(run) !== 'green' || (was && phaseOf(was) === 'green')) continue;
          greens++;
          assert.equal(each.type, 'gate-ended');
        }
      });
    }),
    RUNS,
  );
  const agentWork: Event[] = [
    ...BEGUN,
    {
      type: 'agent-read',
      run: RUN,
      agent: agentId('1-maker'),
      offset: 1,
      events: [{ type: 'ended', outcome: 'done' }],
    },
    {
      type: 'agent-ended',
      run: RUN,
      agent: agentId('1-maker'),
      code: 0,
      signal: null,
      survivors: 0,
      stderr: '',
      tree: 't',
      ms: 1,
    },
  ];
  const gateEnded = fc.record({
    pass: fc.constant(1),
    gate: fc.constantFrom('lint', 'unit', 'full'),
    status: fc.constantFrom('green' as const, 'green' as const, 'green' as const, 'red' as const),
  });
  fc.assert(
    fc.property(fc.array(gateEnded, { maxLength: 8 }), (shown) => {
      const gates = shown.map(
        (each): Event => ({
          type: 'gate-ended',
          run: RUN,
          exit: 0,
          ms: 1,
          fingerprint: null,
          summary: '',
          tail: '',
          ...each,
        }),
      );
      const state = walk([...agentWork, ...gates], () => {});
      const first = (id: string) => shown.find((each) => each.gate === id)?.status;
      const isGreen = phaseOf(state.runs['fix-1'] ?? assert.fail()) === 'green';
      if (isGreen) {
        greens++;
        assert.deepEqual([first('lint'), first('unit'), first('full')], ['green', 'green', 'green']);
      }
    }),
    RUNS,
  );
  assert.ok(greens > 20, `the property was put to the test ${greens} times`);
});

test('spend never falls, of a run or of a day', () => {
  let rises = 0;
  fc.assert(
    fc.property(history, (events) => {
      walk(events, (before, after) => {
        for (const run of Object.values(before.runs)) {
          const now = after.runs[run.id];
          assert.ok(now, 'a run does not vanish');
          assert.ok(
            fresh(now.meter.total.tokens) >= fresh(run.meter.total.tokens) &&
              now.meter.total.usd >= run.meter.total.usd,
          );
          if (fresh(now.meter.total.tokens) > fresh(run.meter.total.tokens)) rises++;
        }
        const day = (state: FleetState) =>
          fresh(state.days['2026-11-23']?.tokens ?? { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 });
        assert.ok(day(after) >= day(before));
        const total = Object.values(after.runs).reduce((sum, run) => sum + fresh(run.meter.total.tokens), 0);
        assert.equal(day(after), total, 'the day is the sum of its runs');
      });
    }),
    RUNS,
  );
  assert.ok(rises > 10, `${rises} rises`);
});

test('an ended run never starts anything again', () => {
  let ends = 0;
  fc.assert(
    fc.property(history, (events) => {
      walk(events, (before, after) => {
        for (const run of Object.values(before.runs)) {
          if (run.status.tag !== 'ended') continue;
          ends++;
          const now = after.runs[run.id];
          assert.deepEqual(now?.status, run.status);
          const allowed = new Set(['attend', 'tear-down']);
          const mine = decide(after, 1e9).effects.filter((effect) => effect.run === run.id);
          assert.ok(
            mine.every((effect) => allowed.has(effect.do)),
            mine.map((effect) => effect.key).join(),
          );
        }
      });
    }),
    { numRuns: 200 },
  );
  assert.ok(ends > 20, `${ends} steps after an end`);
});
