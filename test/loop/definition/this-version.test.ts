import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLoop } from '../../../source/loop/definition/parse.ts';
import { formatProblem } from '../../../source/loop/definition/problem.ts';
import { LEGAL, loop } from './loops.ts';

const head = LEGAL.slice(0, 3);

const STOPS: readonly [lines: readonly string[], said: string][] = [
  [
    ['isolation: none'],
    '6: isolation: found "none", not in this version: every run works in a worktree of its own, but for a triage alone',
  ],
  [
    ['isolation: { type: none }'],
    '6: isolation.type: found "none", not in this version: every run works in a worktree of its own, but for a triage alone',
  ],
  [
    ['fan-out: { run: ls, key: a, merge: stack }'],
    '6: fan-out.merge: found "stack", not in this version: items come together one after the other (queue), or by hand (none)',
  ],
  [
    ['fan-out: { run: "ls {{run.id}}", key: a }'],
    '6: fan-out.run: found "ls {{run.id}}", not in this version: only {{item.field}} is filled in here',
  ],
  [
    ['isolation: { type: worktree, base: "{{run.branch}}" }'],
    '6: isolation.base: found "{{run.branch}}", not in this version: only {{item.field}} is filled in here',
  ],
  [
    ['agents: { maker: { engine: shell, run: "echo {{item.id}}" } }'],
    '6: agents.maker.run: found "echo {{item.id}}", not in this version: nothing fills in {{...}} here; the command has the item in LOOPTOP_ITEM',
  ],
  [
    ['isolation: none', 'agents: { triage: { permission: acceptEdits } }'],
    '7: agents.triage.permission: found "acceptEdits", expected plan, because isolation: none lets the agent into the main checkout',
  ],
  [
    ['agents: { triage: {}, maker: {} }'],
    '6: agents.triage: beside a maker it ranks what discover finds, and this loop has none',
  ],
  [
    ['agents: { triage: { permission: acceptEdits }, maker: {} }', 'discover: { run: ls, key: a }'],
    '6: agents.triage.permission: found "acceptEdits", expected plan, because a triage beside a maker works in the main checkout',
  ],
  [
    ['on-success: { then: [docs, green] }'],
    '6: on-success.then[1]: found "green", expected another loop: after itself it would never rest',
  ],
  [
    ['agents: { triage: {} }', 'on-hit: { mode: auto }'],
    '7: on-hit.promote-to: missing, mode auto needs the loop that takes the hits',
  ],
];

for (const [lines, said] of STOPS) {
  test(`cannot run: ${lines.join(' ')}`, () => {
    const { problems, definition } = parseLoop(loop([...LEGAL, ...lines]), 'loops/green.md');
    assert.deepEqual(problems.map(formatProblem), [`loops/green.md:${said}`]);
    assert.equal(definition, null);
  });
}

const GATES: readonly [gate: string, said: string][] = [
  [
    '{ type: visual, render: x, reference: a.png, require: any }',
    '.require: found "any", not in this version: one measure alone passes a missing button or a recoloured page',
  ],
  [
    '{ type: visual, render: x, reference: a.png, baseline: updatable }',
    '.baseline: found "updatable", not in this version: a reference that the maker may change proves nothing',
  ],
  [
    '{ type: visual, render: "shot {{run.page}} {{gate.actual}}", reference: a.png }',
    '.render: found "shot {{run.page}} {{gate.actual}}", not in this version: only {{item.field}} is filled in here',
  ],
  [
    '"gh pr checks {{summary}}"',
    ': found "gh pr checks {{summary}}", not in this version: only {{item.field}} is filled in here',
  ],
];

for (const [gate, said] of GATES) {
  test(`cannot run with the gate ${gate}`, () => {
    const { problems } = parseLoop(loop([...head, `gates: [${gate}]`]), 'loops/green.md');
    assert.deepEqual(problems.map(formatProblem), [`loops/green.md:5: gates[0]${said}`]);
  });
}

test('what only landing runs turns nothing green, and there must be something that does', () => {
  const gates = 'gates: [npm test, { id: e2e, run: x, when: merge }, { type: human, question: Out?, when: merge }]';
  const { definition, warnings } = parseLoop(loop([...head, gates]), 'green.md');
  assert.deepEqual(warnings, []);
  assert.deepEqual(
    definition?.gates.map(({ id }) => id),
    ['npm-test'],
  );
  assert.deepEqual(
    definition?.onSuccess.gates.map(({ id }) => id),
    ['e2e'],
  );
  assert.deepEqual(definition?.onSuccess.asks, ['Out?']);
  const alone = parseLoop(loop([...head, 'gates: [{ run: x, when: merge }]']), 'green.md');
  assert.deepEqual(alone.problems.map(formatProblem), [
    'green.md:5: gates: at least one gate must be of when: pass or final',
  ]);
});

test('what becomes of green work is the file’s to say, but not of open kinds, and not two things at once', () => {
  const of = (...lines: string[]) => parseLoop(loop([...LEGAL, ...lines]), 'loops/green.md');
  const usual = { push: false, pr: null, merge: 'ask', gates: [], asks: [] };
  assert.deepEqual(of().definition?.onSuccess, usual);
  assert.deepEqual(of('on-success: { push: true, merge: auto }').definition?.onSuccess, {
    ...usual,
    push: true,
    merge: 'auto',
  });
  assert.deepEqual(of('on-success: { pr: true, merge: never }').definition?.onSuccess.pr, { draft: true, labels: [] });
  assert.deepEqual(of('on-success: { pr: { draft: false, labels: [a, a] } }').definition?.onSuccess.pr, {
    draft: false,
    labels: ['a'],
  });
  assert.equal(of('on-success: { pr: false }').definition?.onSuccess.pr, null);
  assert.deepEqual(of('on-success: { pr: true, merge: auto }').problems.map(formatProblem), [
    'loops/green.md:6: on-success.merge: auto contradicts pr: keep one of them',
  ]);
  for (const key of ['push: true', 'pr: true', 'merge: auto'])
    assert.match(
      of('kind: open', 'budget: { usd: 1 }', `on-success: { ${key} }`).problems.map(formatProblem).join(),
      /a loop of kind open can never push or merge/,
      key,
    );
});

test('braces that are not ours stay in a command', () => {
  const text = loop([...head, `gates: ["docker inspect --format '{{.State.Status}}' db"]`]);
  assert.deepEqual(parseLoop(text, 'loops/green.md').problems, []);
});

const COMFORTS: readonly [lines: readonly string[], said: string][] = [
  [
    ['agents: { maker: { engine: gemini } }', 'context: { mcp: [github] }'],
    '7: context.mcp: gemini starts these only where its own settings have servers of these names: gemini mcp add',
  ],
  [
    ['agents: { maker: { engine: grok } }', 'context: { mcp: [] }'],
    '7: context.mcp: grok is not told of these in this version: it has the servers of its own settings',
  ],
  [
    ['agents: { maker: { engine: acp } }', 'context: { mcp: [github] }'],
    '7: context.mcp: an acp agent has the servers of its own settings besides these',
  ],
  [['on-hit: { mode: ask }'], '6: on-hit: does nothing: only a loop with agents.triage has hits'],
  [
    ['agents: { maker: { vision: true } }'],
    '6: agents.maker.vision: found true, does nothing yet in this version: the maker sees no pictures but those it opens',
  ],
  [
    ['review: { quiz: offer }'],
    '6: review.quiz: found "offer", does nothing yet in this version: nobody asks questions about the work',
  ],
  [
    ['on-success: { pr: { stack: true } }'],
    '6: on-success.pr.stack: found true, does nothing yet in this version: every request is of its own',
  ],
  [
    ['escalate: [{ when: checker-rejects, to: human }]'],
    '6: escalate[0].when: found "checker-rejects", never happens: this loop has no checker',
  ],
];

for (const [lines, said] of COMFORTS) {
  test(`runs with a warning: ${lines.join(' ')}`, () => {
    const { definition, warnings } = parseLoop(loop([...LEGAL, ...lines]), 'loops/green.md');
    assert.ok(definition);
    assert.equal(warnings.map(formatProblem)[0], `loops/green.md:${said}`);
  });
}

test('every trigger is heard', () => {
  const warned = (on: string) => {
    const { definition, warnings } = parseLoop(loop([...LEGAL.slice(0, 1), on, ...LEGAL.slice(2)]), 'loops/green.md');
    assert.ok(definition, on);
    return warnings.map(formatProblem);
  };
  for (const on of [
    'on: every 15m',
    'on: { every: 15m, skip-if: test -f PAUSE, cooldown: 5m, jitter: 1m, catch-up: none, expires: 30d }',
    'on: { cron: "0 9 * * 1-5", timezone: Europe/Berlin, active: "08:00-19:00 mon-fri", manual: true }',
    'on: { watch: { paths: [src/**] } }',
    'on: { event: { run: watch-ci, match: failure } }',
    'on: { after: { loop: triage, outcome: any } }',
    'on: { after: { loop: triage, outcome: promoted } }',
  ])
    assert.deepEqual(warned(on), [], on);
});

test('a triage that leads needs neither gates nor a worktree, and says what becomes of its hits', () => {
  const lines = [...LEGAL.slice(0, 3), 'agents: { triage: {} }', 'isolation: none', 'discover: { run: ls, key: id }'];
  const { definition, warnings, problems } = parseLoop(loop(lines), 'loops/green.md');
  assert.deepEqual([...warnings, ...problems], []);
  assert.equal(definition?.leads, 'triage');
  assert.deepEqual(definition.maker, { ...definition.maker, engine: 'claude', model: 'cheap', permission: 'plan' });
  assert.deepEqual(definition.escalate, []);
  assert.deepEqual(definition.discover, {
    run: 'ls',
    key: 'id',
    changedBy: [],
    limit: 20,
    forgetAfterMs: 14 * 86_400_000,
    trust: 'untrusted',
  });
  assert.equal(definition.isolation.type, 'none');
});

test('asking for what happens anyway is no warning', () => {
  const lines = [
    'on-success: { push: false, merge: never }',
    'on-failure: { reflect: { approve: ask, max: 1 }, then: pause, notify: none }',
    'budget: { on-exhausted: pause }',
  ];
  const { warnings, problems } = parseLoop(loop([...LEGAL, ...lines]), 'loops/green.md');
  assert.deepEqual([...warnings, ...problems], []);
});

test('how a loop calls its operator is said without a warning', () => {
  const lines = ['on-success: { notify: desktop }', 'on-failure: { notify: none }'];
  const { definition, warnings, problems } = parseLoop(loop([...LEGAL, ...lines]), 'loops/green.md');
  assert.deepEqual([...warnings, ...problems], []);
  assert.deepEqual(definition?.notify, { success: 'desktop', failure: 'none' });
});
