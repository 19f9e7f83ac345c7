import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneOf } from '../../../source/loop/definition/nearest.ts';
import { parseLoop } from '../../../source/loop/definition/parse.ts';
import { formatProblem } from '../../../source/loop/definition/problem.ts';
import { ENGINES_HERE } from '../../../source/loop/definition/this-version.ts';
import { LEGAL, loop } from './loops.ts';

const head = LEGAL.slice(0, 3);

const STOPS: readonly [lines: readonly string[], said: string][] = [
  [['isolation: none'], '6: isolation: found "none", not in this version: every run works in a worktree of its own'],
  [
    ['isolation: { type: none }'],
    '6: isolation.type: found "none", not in this version: every run works in a worktree of its own',
  ],
  [
    ['on-success: { push: true }'],
    '6: on-success.push: found true, not in this version: finished work stays on its branch until the operator lands it',
  ],
  [
    ['on-success: { merge: auto }'],
    '6: on-success.merge: found "auto", not in this version: only the operator lands finished work',
  ],
  [
    ['fan-out: { run: ls, key: a }'],
    '6: fan-out: not in this version: a run has one item: remove the key and start it once an item',
  ],
  [
    ['paths: { max-files: 3 }'],
    '6: paths.max-files: found 3, not in this version: nothing would hold the maker to it: make it a gate',
  ],
  [['paths:', '  deny: [x]'], '7: paths.deny: not in this version: nothing would hold the maker to it: make it a gate'],
  [
    ['budget: { per-item: { usd: 5 } }'],
    '6: budget.per-item: not in this version: nothing would hold this cap: the budget itself is that of one run',
  ],
  [
    ['agents: { maker: { engine: acp } }'],
    `6: agents.maker.engine: engine acp is not in this version: use ${oneOf(ENGINES_HERE)}`,
  ],
  [
    ['escalate:', '  - { when: stuck, maker: { engine: grok } }'],
    `7: escalate[0].maker.engine: engine grok is not in this version: use ${oneOf(ENGINES_HERE)}`,
  ],
  [
    ['isolation: { type: worktree, base: "{{run.branch}}" }'],
    '6: isolation.base: found "{{run.branch}}", not in this version: only {{item.field}} is filled in here',
  ],
  [
    ['agents: { maker: { engine: shell, run: "echo {{item.id}}" } }'],
    '6: agents.maker.run: found "echo {{item.id}}", not in this version: nothing fills in {{...}} here; the command has the item in LOOPTOP_ITEM',
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
    '{ id: a, type: metric, run: x, max: 0 }',
    '.type: found "metric", not in this version: gates are shell commands, green when they exit 0',
  ],
  [
    '{ id: a, type: visual, render: x }',
    '.type: found "visual", not in this version: gates are shell commands, green when they exit 0',
  ],
  ['{ run: x, when: merge }', '.when: found "merge", not in this version: use final, which comes before the review'],
  ['{ run: x, wait: true }', '.wait: found true, not in this version: wait inside the command'],
  ['{ run: x, expect: { json: 1 } }', '.expect: not in this version: only the exit code counts'],
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
    ['discover: { run: ls, key: a }'],
    '6: discover: does nothing yet in this version: hand the item over with looptop run --item',
  ],
  [
    ['agents: { maker: { vision: true } }'],
    '6: agents.maker.vision: found true, does nothing yet in this version: the maker sees no pictures but those it opens',
  ],
  [['review: { quiz: offer }'], '6: review: does nothing yet in this version: the review queue has no limit'],
  [
    ['on-success: { pr: { draft: true } }'],
    '6: on-success.pr: does nothing yet in this version: the work waits on its branch for the review',
  ],
  [
    ['concurrency: { when-busy: skip }'],
    '6: concurrency.when-busy: found "skip", does nothing yet in this version: a run waits in the queue',
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

test('a trigger other than by hand is a warning, and nothing more', () => {
  for (const on of [
    'on: every 15m',
    'on: { every: 15m }',
    'on: { cron: "0 9 * * 1-5", manual: true }',
    'on: { watch: { paths: [src/**] } }',
  ]) {
    const { definition, warnings } = parseLoop(loop([...LEGAL.slice(0, 1), on, ...LEGAL.slice(2)]), 'loops/green.md');
    assert.ok(definition, on);
    assert.match(
      warnings.map(formatProblem).join('\n'),
      /^loops\/green\.md:3: on(\.\w+)?: .*does nothing yet in this version: the loop starts only by hand/,
    );
  }
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
