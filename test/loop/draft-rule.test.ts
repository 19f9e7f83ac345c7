import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseLoop } from '../../source/loop/definition/parse.ts';
import { draftRule } from '../../source/loop/draft-rule.ts';
import { pendingResult } from '../../source/loop/fold/result.ts';
import { NOT_STUCK } from '../../source/loop/fold/stuck.ts';
import { checkRuleScope, checkRuleText } from '../../source/loop/rules.ts';
import type { GateResult, RunState } from '../../source/loop/state.ts';
import { NO_TOKENS } from '../../source/loop/tokens.ts';
import type { RunId } from '../../source/loop/units.ts';

const LOOP = `---
name: green
on: manual
goal: All gates are green.
gates:
  - { id: lint, run: npm run lint, required: false }
  - { id: unit, run: npm test }
---
Do it.`;

function red(id: string, over: Partial<GateResult> = {}): GateResult {
  const failed = { status: 'red', ms: 1, exit: 1, fingerprint: `print-${id}`, summary: 'boom' } as const;
  return { ...pendingResult(id), ...failed, ...over };
}

function run(...passes: (readonly GateResult[])[]): RunState {
  const { definition } = parseLoop(LOOP, 'loops/green.md');
  assert.ok(definition);
  const spend = { tokens: NO_TOKENS, usd: 0, unpriced: false, estimated: false };
  return {
    id: 'green-1' as RunId,
    review: null,
    loop: 'green',
    definition,
    item: null,
    trust: 'trusted',
    fan: null,
    follows: null,
    followed: [],
    nonce: 'ab',
    status: { tag: 'open', phase: 'reflecting', hold: null },
    queuedAt: 0,
    startedAt: 0,
    wall: { ms: 0, since: null },
    lastEventAt: 0,
    worktree: '/w/green-1',
    branch: 'loop/green-1',
    base: null,
    target: null,
    commit: null,
    landing: null,
    unlanded: null,
    conflicts: [],
    pushed: null,
    tornDown: false,
    bars: {},
    references: {},
    kept: null,
    budget: definition.budget,
    warned: {},
    rung: 0,
    maker: definition.maker,
    model: 'sonnet',
    pass: passes.length,
    passes: passes.map((gates, index) => ({
      n: index + 1,
      rung: 0,
      engine: 'claude',
      model: 'sonnet',
      startedAt: 0,
      endedAt: 1,
      gates,
      why: '',
      spentBefore: spend,
      tree: null,
      falseDone: false,
    })),
    agent: null,
    agents: 0,
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
    meter: { live: {}, total: spend, perModel: {}, loose: false, hidden: [] },
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
  };
}

const green: GateResult = { ...red('unit'), status: 'green', summary: '', fingerprint: null };

test('a red gate suggests a rule that names it, its command and its failure', () => {
  const tail = [
    'FAIL packages/queue/src/retry.test.ts',
    '    at Object.<anonymous> (/w/green-1/packages/queue/src/retry.ts:12:3)',
    '    at node:internal/process/task_queues.js:95:5 (node_modules/vitest/dist/a.js:1:1)',
    '  see https://example.com/docs/retry.html',
  ].join('\n');
  assert.deepEqual(draftRule(run([red('unit', { summary: 'retry.test.ts: timed out', tail })])), {
    text: 'Before you finish, make gate unit green: run `npm test`; it failed with: retry.test.ts: timed out',
    scope: 'packages/queue/src/**',
    gate: 'unit',
    fingerprint: 'print-unit',
    pass: 1,
  });
});

test('the last red pass counts, and in it a required gate', () => {
  const draft = draftRule(run([red('unit')], [red('lint'), red('unit', { summary: 'second' })], [green]));
  assert.deepEqual([draft?.gate, draft?.pass], ['unit', 2]);
  assert.match(draft?.text ?? '', /second$/);
  assert.equal(draftRule(run([red('lint')]))?.gate, 'lint');
});

test('where no gate was red there is nothing to learn', () => {
  assert.equal(draftRule(run()), null);
  assert.equal(draftRule(run([green])), null);
});

test('a gate that took too long says so', () => {
  const draft = draftRule(run([red('unit', { status: 'timeout', fingerprint: null, summary: '' })]));
  assert.equal(draft?.text, 'Before you finish, make gate unit green: run `npm test` and see that it ends in time.');
  assert.equal(draft?.fingerprint, 'unit:timeout');
});

test('files in several folders have the scope of what they share, or all', () => {
  const scope = (tail: string) => draftRule(run([red('unit', { tail })]))?.scope;
  assert.equal(scope('src/a/x.ts\nsrc/b/y.ts'), 'src/**');
  assert.equal(scope('src/a/x.ts\ntest/b/y.ts'), '**');
  assert.equal(scope('../elsewhere/x.ts'), '**');
  assert.equal(scope('/etc/x/y.conf'), '**');
  assert.equal(scope('nothing'), '**');
});

test('whatever a gate printed, the draft can be a rule', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.string({ maxLength: 200 }), (summary, tail) => {
      const draft = draftRule(run([red('unit', { summary: `\u001b[31m${summary}`, tail })]));
      assert.ok(draft);
      assert.equal(checkRuleText(draft.text), null, draft.text);
      assert.equal(checkRuleScope(draft.scope), null, draft.scope);
    }),
  );
});
