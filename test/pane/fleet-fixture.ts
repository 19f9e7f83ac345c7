/** Hand-made fleets that look like real ones: a builder for one run, and nine runs in every state that matters. Not a fold of events. */
import type { AgentDefinition, LoopDefinition } from '../../source/loop/definition/definition.ts';
import { BY_HAND } from '../../source/loop/definition/heartbeat.ts';
import { USUAL_SUCCESS } from '../../source/loop/definition/success.ts';
import { USUAL_HITS } from '../../source/loop/definition/triage.ts';
import { NOT_STUCK } from '../../source/loop/fold/stuck.ts';
import { NO_READING } from '../../source/loop/review/fold-reading.ts';
import { armed } from '../../source/loop/schedule/beat.ts';
import { NO_SPENDING } from '../../source/loop/spend/book.ts';
import type {
  FleetState,
  GateResult,
  GateStatus,
  LoopState,
  Pass,
  RunState,
  Spend,
  TraceLine,
} from '../../source/loop/state.ts';
import { NO_TOKENS } from '../../source/loop/tokens.ts';
import type { AgentId, RunId } from '../../source/loop/units.ts';

/** 2026-11-23 14:03:07 UTC. */
export const NOW = Date.UTC(2026, 10, 23, 14, 3, 7);
export const MINUTE = 60_000;

export const spend = (freshTokens: number, usd: number, unpriced = false): Spend => ({
  tokens: {
    ...NO_TOKENS,
    input: Math.round(freshTokens * 0.7),
    output: freshTokens - Math.round(freshTokens * 0.7),
    cacheRead: freshTokens * 6,
  },
  usd,
  unpriced,
  estimated: false,
});

export const agentDefinition = (model: string, engine: AgentDefinition['engine'] = 'claude'): AgentDefinition => ({
  engine,
  model,
  effort: null,
  turns: null,
  permission: 'acceptEdits',
  tools: { allow: [], deny: [] },
  run: null,
  scenario: null,
});

export function definition(name: string, changes: Partial<LoopDefinition> = {}): LoopDefinition {
  return {
    name,
    description: `the ${name} loop`,
    enabled: true,
    kind: 'closed',
    on: BY_HAND,
    goal: '`npm test` exits 0 and no test file is changed.',
    maker: agentDefinition('standard'),
    escalate: [
      { when: 'same-failure', count: 2, maker: agentDefinition('strong') },
      { when: 'stuck', count: 1, maker: null },
    ],
    gates: ['types', 'lint', 'unit'].map((id) => ({
      id,
      type: 'shell',
      run: `npm run ${id}`,
      when: 'pass',
      required: true,
      guards: false,
      timeoutMs: 600_000,
      repeat: 1,
      hint: null,
      expect: null,
      wait: null,
    })),
    budget: { tokens: 600_000, usd: 6, wallMs: 45 * MINUTE, passes: 8 },
    daily: { tokens: null, usd: null },
    usdPerMinute: null,
    leads: 'maker',
    triage: null,
    followedBy: [],
    discover: null,
    onHit: USUAL_HITS,
    fanOut: null,
    checker: null,
    reflector: null,
    onSuccess: USUAL_SUCCESS,
    reserve: {},
    stuck: {},
    onExhausted: 'pause',
    keepBest: null,
    notify: { success: null, failure: null },
    meter: null,
    warnAt: [0.8],
    review: { maxUnreadLines: null },
    isolation: {
      type: 'worktree',
      base: null,
      branch: null,
      setup: null,
      setupTimeoutMs: 600_000,
      teardown: null,
      copy: [],
      keep: 'on-failure',
      ttlMs: null,
    },
    context: {
      skills: [],
      mcp: null,
      state: null,
      progress: null,
      files: [],
      rules: { file: 'RULES.md', max: 20, tokens: 2000, scope: false },
    },
    commit: 'looptop: {{goal}}',
    concurrency: { max: 2 },
    group: null,
    whenBusy: 'skip',
    prompts: { maker: 'Make the tests pass with the smallest change to src/.', checker: '', triage: '', reflect: '' },
    ...changes,
  };
}

export const gate = (id: string, status: GateStatus, changes: Partial<GateResult> = {}): GateResult => ({
  id,
  status,
  ms: status === 'pending' ? 0 : 4200,
  exit: status === 'green' ? 0 : status === 'red' ? 1 : null,
  fingerprint: status === 'red' ? 'f00d' : null,
  summary: status === 'red' ? 'expected 3 calls, saw 2' : '',
  tail:
    status === 'red'
      ? ' FAIL  packages/queue/retry.test.ts\n  ● retries three times\n    expected 3 calls, saw 2\n'
      : '',
  score: null,
  measures: {},
  flags: [],
  ...changes,
});

const SIGNS: Readonly<Record<string, GateStatus>> = { '+': 'green', x: 'red', '.': 'pending', '~': 'running' };

/** One pass from signs, one per gate: `++x` is green, green, red. */
export function pass(n: number, signs: string, changes: Partial<Pass> = {}): Pass {
  const ids = ['types', 'lint', 'unit'];
  return {
    n,
    rung: 0,
    engine: 'claude',
    model: 'sonnet',
    startedAt: NOW - (20 - n * 5) * MINUTE,
    endedAt: signs.includes('.') || signs.includes('~') ? null : NOW - (15 - n * 5) * MINUTE,
    gates: [...signs].map((sign, at) => gate(ids[at] ?? `g${at}`, SIGNS[sign] ?? 'pending')),
    why: signs.includes('x') ? 'unit: expected 3 calls, saw 2' : '',
    spentBefore: spend((n - 1) * 80_000, (n - 1) * 0.7),
    tree: null,
    falseDone: false,
    ...changes,
  };
}

const KINDS: Readonly<Record<string, TraceLine['kind']>> = {
  '?': 'thought',
  '"': 'said',
  '>': 'act',
  ' ': 'ok',
  x: 'fail',
  n: 'note',
  g: 'gate',
  '.': 'system',
  '!': 'asked',
};

/** Trace lines from texts whose first character says the kind. */
export const trace = (n: number, ...lines: string[]): TraceLine[] =>
  lines.map((text, at) => ({
    at: NOW - (lines.length - at) * 4000,
    pass: n,
    kind: KINDS[text[0] ?? ''] ?? 'unknown',
    text: text.slice(1),
  }));

export function run(loop: string, number: number, changes: Partial<RunState> = {}): RunState {
  const made = changes.definition ?? definition(loop);
  return {
    id: `${loop}-${number}` as RunId,
    loop,
    definition: made,
    item: null,
    trust: 'trusted',
    fan: null,
    follows: null,
    followed: [],
    nonce: 'abcdef',
    status: { tag: 'open', phase: 'making', hold: null },
    queuedAt: NOW - 30 * MINUTE + number * 1000,
    startedAt: NOW - 18 * MINUTE,
    wall: { ms: 0, since: NOW - 18 * MINUTE },
    lastEventAt: NOW - 2000,
    worktree: `/home/ada/.local/state/looptop/worktrees/shop-1a2b/${loop}-${number}`,
    branch: `looptop/${loop}-${number}`,
    base: '0123456789abcdef',
    target: 'main',
    commit: null,
    review: null,
    landing: null,
    unlanded: null,
    conflicts: [],
    pushed: null,
    tornDown: false,
    bars: {},
    references: {},
    kept: null,
    budget: made.budget,
    warned: {},
    rung: 0,
    maker: made.maker,
    model: 'sonnet',
    pass: 1,
    passes: [pass(1, '...')],
    agent: {
      id: '1-maker' as AgentId,
      role: 'maker',
      pass: 1,
      engine: 'claude',
      model: 'sonnet',
      resumes: null,
      fact: { is: 'alive', process: { pid: 4242, startTime: '1', bootId: 'b' }, containment: 'marked' },
      wish: { to: 'run' },
      session: '6f1c2d3e-0000-4000-8000-000000000000',
      guidance: true,
      offset: 0,
      outcome: null,
      limited: false,
      wire: null,
      said: '',
      startedAt: NOW - 18 * MINUTE,
    },
    agents: 1,
    session: null,
    next: { how: 'fresh' },
    retry: null,
    drain: null,
    wrapUp: null,
    pace: [],
    wire: {},
    reflections: [],
    votes: [],
    findings: [],
    rankings: null,
    meter: { live: {}, total: spend(53_000, 0.4), perModel: {}, loose: false, hidden: [] },
    provenance: 'exact',
    trace: [],
    calls: [],
    stuck: NOT_STUCK,
    nudged: [],
    notes: [],
    draft: null,
    ruled: [],
    rulesShown: [],
    forgiven: 0,
    kill: null,
    ...changes,
  };
}

export const meter = (freshTokens: number, usd: number, unpriced = false): RunState['meter'] => ({
  live: {},
  total: spend(freshTokens, usd, unpriced),
  perModel: {},
  loose: false,
  hidden: [],
});

export const loopState = (name: string, changes: Partial<LoopState> = {}): LoopState => ({
  name,
  path: `loops/${name}.md`,
  trusted: true,
  definition: definition(name),
  problems: [],
  ...changes,
});

export function fleet(runs: readonly RunState[], changes: Partial<FleetState> = {}): FleetState {
  return {
    schema: 1,
    repository: { root: '/home/ada/shop', name: 'shop', branch: 'main' },
    supervisor: { pid: 99, version: '0.1.0', startedAt: NOW - 60 * MINUTE },
    settings: {
      tiers: {},
      daily: { tokens: 20_000_000, usd: 25 },
      hourly: { tokens: null, usd: null },
      usdPerMinute: null,
      maxAgents: 8,
      meter: 'wire',
      hooks: [],
    },
    timezone: 'UTC',
    beats: {},
    loops: Object.fromEntries(['ci-fix', 'docs', 'refactor'].map((name) => [name, loopState(name)])),
    runs: Object.fromEntries(runs.map((each) => [each.id, each])),
    counters: {},
    reading: NO_READING,
    bests: {},
    hits: {},
    hitCount: 0,
    landings: [],
    keepsakes: {},
    triage: {},
    fans: {},
    fanCount: 0,
    rules: {
      r001: {
        id: 'r001',
        file: 'RULES.md',
        text: 'Do not edit generated files',
        scope: 'src/generated/**',
        status: 'active',
        by: 'ada',
        at: NOW,
        from: null,
        shown: 0,
        lastShown: null,
        helped: 0,
        hurt: 0,
        bumped: 0,
      },
      r002: {
        id: 'r002',
        file: 'RULES.md',
        text: 'Use fake timers in packages/queue tests',
        scope: 'packages/queue/**',
        status: 'active',
        by: 'ada',
        at: NOW,
        from: null,
        shown: 0,
        lastShown: null,
        helped: 0,
        hurt: 0,
        bumped: 0,
      },
    },
    days: { '2026-11-23': spend(1_900_000, 4.12) },
    spending: NO_SPENDING,
    prices: {},
    today: '2026-11-23',
    disk: 'ok',
    hookCalls: [],
    wirePort: null,
    limits: {},
    starts: {},
    turnedGreen: {},
    warned: {},
    closing: false,
    ...changes,
  };
}

/** Nine runs, every state that looks different. */
export function nineRuns(): RunState[] {
  return [
    run('ci-fix', 12, {
      pass: 3,
      passes: [pass(1, '+xx'), pass(2, '++x', { why: 'same failure as pass 1' }), pass(3, '++.')],
      meter: meter(212_410, 1.84),
      rulesShown: ['r001', 'r002'],
      draft: {
        text: 'Use fake timers in packages/queue tests',
        scope: 'packages/queue/**',
        gate: 'unit',
        fingerprint: 'f00d',
        pass: 2,
      },
      trace: [
        ...trace(
          1,
          '?The retry test fails: look at its clock.',
          '>Read packages/queue/retry.ts',
          ' 1  import { setTimeout } from "node:timers/promises";',
        ),
        ...trace(
          3,
          '?The retry test still uses real timers.',
          '>Edit packages/queue/retry.test.ts',
          ' +4 -2',
          '>Bash npm test -w packages/queue',
          'xexpected 3 calls, saw 2',
          'nthe clock is injected in test/setup.ts',
        ),
      ],
    }),
    run('burn', 3, {
      status: {
        tag: 'open',
        phase: 'making',
        hold: {
          kind: 'paused',
          why: 'budget',
          detail: 'stopped at its cap, 400k of 400k tokens',
          since: NOW - 4 * MINUTE,
        },
      },
      budget: { tokens: 400_000, usd: 5, wallMs: 45 * MINUTE, passes: 8 },
      meter: meter(400_120, 3.9),
      pass: 4,
      passes: [pass(1, 'xxx'), pass(2, '+xx'), pass(3, '+xx'), pass(4, '...')],
      wall: { ms: 31 * MINUTE, since: null },
      agent: null,
    }),
    run('visual', 4, {
      status: { tag: 'open', phase: 'gating', hold: null },
      budget: { tokens: 400_000, usd: 5, wallMs: 45 * MINUTE, passes: 8 },
      pass: 5,
      passes: [pass(3, '+x.'), pass(4, '++x'), pass(5, '++~')],
      meter: meter(330_000, 3.1),
      provenance: 'live',
      trace: trace(5, '?The header is 12 px too tall.', '>Edit site/style.css', ' +1 -1', 'gunit running'),
    }),
    run('refactor', 7, {
      status: { tag: 'open', phase: 'making', hold: { kind: 'frozen', by: 'ada', since: NOW - 3 * MINUTE } },
      rung: 1,
      model: 'opus',
      budget: { tokens: 150_000, usd: 5, wallMs: 45 * MINUTE, passes: 4 },
      meter: meter(21_000, 0.4),
      wall: { ms: 4 * MINUTE, since: null },
      trace: trace(1, '?Split cart.ts by responsibility.', '>Bash rg -n "class Cart"', ' src/cart.ts:12: class Cart {'),
    }),
    run('docs', 9, {
      status: {
        tag: 'open',
        phase: 'making',
        hold: { kind: 'waiting', ask: 'q1', question: 'Should the guide for v1 be deleted too?', since: NOW - MINUTE },
      },
      meter: meter(18_000, 0, true),
      provenance: 'estimated',
      model: 'grok-5-code',
      trace: trace(1, '>Bash ls docs', ' v1 v2 index.md', '!Should the guide for v1 be deleted too?'),
    }),
    run('queue', 1, {
      status: { tag: 'open', phase: 'queued', hold: null },
      meter: meter(0, 0),
      passes: [],
      pass: 0,
      agent: null,
      wall: { ms: 0, since: null },
    }),
    run('docs', 2, {
      status: { tag: 'open', phase: 'review', hold: null },
      commit: '9f8e7d6c5b4a',
      passes: [pass(1, '+++')],
      meter: meter(64_000, 0.61),
      wall: { ms: 9 * MINUTE, since: null },
      agent: null,
      trace: trace(1, '"Both guides now name the new flag.'),
    }),
    run('ci-fix', 11, {
      status: { tag: 'ended', end: { kind: 'landed' }, at: NOW - 40 * MINUTE },
      passes: [pass(1, '+++')],
      agent: null,
      wall: { ms: 9 * MINUTE, since: null },
    }),
    run('spiral', 1, {
      status: {
        tag: 'ended',
        end: { kind: 'failed', why: 'agent', detail: 'exited 1: invalid API key' },
        at: NOW - 25 * MINUTE,
      },
      agent: null,
      wall: { ms: 2 * MINUTE, since: null },
    }),
  ];
}

/** A loop that starts by itself every `everyMs`, armed at NOW. */
export function beating(name: string, everyMs: number): Pick<FleetState, 'loops' | 'beats'> {
  const made = definition(name, { on: { ...BY_HAND, everyMs } });
  return {
    loops: { [name]: loopState(name, { definition: made }) },
    beats: { [name]: armed(undefined, '', made.on, NOW) },
  };
}
