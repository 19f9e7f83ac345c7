import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { commandOf } from '../../../source/loop/definition/gates.ts';
import { BY_HAND } from '../../../source/loop/definition/heartbeat.ts';
import { parseLoop } from '../../../source/loop/definition/parse.ts';
import { formatProblem } from '../../../source/loop/definition/problem.ts';
import { USUAL_SUCCESS } from '../../../source/loop/definition/success.ts';
import { LEGAL, loop } from './loops.ts';

const problems = (text: string, path = 'loops/green.md') => parseLoop(text, path).problems.map(formatProblem);
const warnings = (text: string, path = 'loops/green.md') => parseLoop(text, path).warnings.map(formatProblem);

function definition(text: string, path = 'loops/green.md') {
  const parsed = parseLoop(text, path);
  assert.deepEqual(parsed.problems.map(formatProblem), []);
  assert.ok(parsed.definition);
  return parsed.definition;
}

test('the smallest legal file gets every default', () => {
  const green = definition(loop(LEGAL, 'Make the tests pass.'));
  const maker = {
    engine: 'claude',
    model: 'standard',
    effort: null,
    turns: null,
    permission: 'acceptEdits',
    tools: { allow: [], deny: [] },
    run: null,
    scenario: null,
  };
  assert.deepEqual(green, {
    name: 'green',
    description: '',
    enabled: true,
    kind: 'closed',
    on: BY_HAND,
    goal: '`npm test` exits 0.',
    maker,
    escalate: [{ when: 'same-failure', count: 2, maker: { ...maker, model: 'strong' } }],
    gates: [
      {
        id: 'npm-test',
        type: 'shell',
        run: 'npm test',
        when: 'pass',
        required: true,
        guards: false,
        timeoutMs: 300_000,
        repeat: 1,
        hint: null,
        expect: null,
        wait: null,
      },
    ],
    budget: { tokens: 400_000, usd: 5, wallMs: 2_700_000, passes: 8 },
    stuck: {},
    daily: { tokens: null, usd: null },
    usdPerMinute: null,
    leads: 'maker',
    triage: null,
    followedBy: [],
    discover: null,
    fanOut: null,
    onHit: {
      minPriority: 'p2',
      minConfidence: 0.5,
      promoteTo: null,
      mode: 'ask',
      expiresMs: 86_400_000,
      maxPerDay: 5,
    },
    checker: null,
    reflector: null,
    reserve: {},
    keepBest: null,
    onExhausted: 'pause',
    meter: null,
    notify: { success: null, failure: null },
    warnAt: [0.8, 0.9, 0.95],
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
      rules: { file: 'RULES.md', max: 25, tokens: 1500, scope: false },
    },
    commit: 'loop(green): `npm test` exits 0.',
    onSuccess: USUAL_SUCCESS,
    concurrency: { max: 1 },
    group: null,
    whenBusy: 'skip',
    prompts: { maker: 'Make the tests pass.', checker: '', triage: '', reflect: '' },
  });
  assert.deepEqual(warnings(loop(LEGAL)), []);
});

test('a role that may only read has no tool that writes, in the words of its engine', () => {
  const of = (agents: string) => definition(loop([...LEGAL, `agents: ${agents}`])).maker;
  const claude = of(
    '{ maker: { read-only: true, permission: bypassPermissions, tools: { allow: [Read, "Edit(src/**)"], deny: [WebFetch] } } }',
  );
  assert.equal(claude.permission, 'plan');
  assert.deepEqual(claude.tools, { allow: ['Read'], deny: ['WebFetch', 'Edit', 'Write', 'NotebookEdit'] });
  assert.deepEqual(of('{ maker: { engine: opencode, read-only: true } }').tools.deny, ['edit']);
  assert.equal(of('{ maker: { engine: codex, read-only: true } }').permission, 'plan');
  assert.equal(of('{ maker: { read-only: false } }').permission, 'acceptEdits');
});

test('every key that this version knows reaches the definition', () => {
  const full = definition(
    loop([
      'schema: 1',
      'name: green',
      'description: All of it.',
      'enabled: false',
      'on: { manual: true }',
      'goal: All gates are green.',
      'agents:',
      '  maker: { engine: claude, model: opus, effort: high, turns: 60, agent: fixer, permission: plan, tools: { allow: [Read, "Bash(git diff:*)"], deny: [Write] } }',
      'escalate:',
      '  - { when: passes, count: 4, maker: { model: strong } }',
      '  - { when: stuck, maker: { engine: shell, run: npm run fix } }',
      '  - { when: exhausted, to: human }',
      'gates:',
      '  - npm test',
      '  - { run: npm test, when: final, repeat: 3, timeout: 1.5h, hint: "Look at the seed." }',
      '  - { id: lint, run: npm run lint, required: false }',
      'budget: { tokens: 1.5M, usd: $6.50, wall: 2h, passes: 12, warn-at: [0.9, 0.5, 0.9], daily: { usd: 20 }, usd-per-minute: 1.5, on-exhausted: wrap-up, reserve: { checker: 0.2, triage: 0.1 } }',
      'isolation: { type: worktree, base: origin/main, branch: "loop/fix/{{item.key}}", setup: npm ci, setup-timeout: 20m, teardown: npm stop, copy: [.env.test], keep: always, ttl: 3d }',
      'context: { skills: [minimal-fix], mcp: [github, looptop], state: .loops/state.json, progress: .loops/progress.md, files: [docs/api.md], rules: { file: docs/RULES.md, max: 10, tokens: 500 } }',
      'on-success: { commit: "fix: {{summary}}" }',
      'concurrency: { max: 3 }',
      'x-team: { anything: [1, { goes: here }] }',
    ]),
  );
  assert.equal(full.enabled, false);
  assert.equal(full.maker.agent, 'fixer');
  assert.deepEqual(full.maker.tools, { allow: ['Read', 'Bash(git diff:*)'], deny: ['Write'] });
  assert.deepEqual(
    full.escalate.map(({ when, count, maker }) => [
      when,
      count,
      maker?.engine,
      maker?.model,
      maker?.effort,
      maker?.run,
      maker?.permission,
    ]),
    [
      ['passes', 4, 'claude', 'strong', 'high', null, 'plan'],
      ['stuck', 1, 'shell', 'standard', null, 'npm run fix', 'plan'],
      ['exhausted', 1, undefined, undefined, undefined, undefined, undefined],
    ],
  );
  assert.deepEqual(
    full.gates.map(({ id, when, repeat, timeoutMs, required }) => [id, when, repeat, timeoutMs, required]),
    [
      ['npm-test', 'pass', 1, 300_000, true],
      ['npm-test-2', 'final', 3, 5_400_000, true],
      ['lint', 'pass', 1, 300_000, false],
    ],
  );
  assert.deepEqual(full.budget, { tokens: 1_500_000, usd: 6.5, wallMs: 7_200_000, passes: 12 });
  assert.deepEqual(full.warnAt, [0.5, 0.9]);
  assert.deepEqual(full.daily, { tokens: null, usd: 20 });
  assert.equal(full.usdPerMinute, 1.5);
  assert.equal(full.onExhausted, 'wrap-up');
  assert.deepEqual(full.reserve, {}, 'nothing is kept for roles that nobody plays');
  assert.deepEqual(full.isolation, {
    type: 'worktree',
    base: 'origin/main',
    branch: 'loop/fix/{{item.key}}',
    setup: 'npm ci',
    setupTimeoutMs: 1_200_000,
    teardown: 'npm stop',
    copy: ['.env.test'],
    keep: 'always',
    ttlMs: 259_200_000,
  });
  assert.deepEqual(full.context, {
    skills: ['minimal-fix'],
    mcp: ['github', 'looptop'],
    state: '.loops/state.json',
    progress: '.loops/progress.md',
    files: ['docs/api.md'],
    rules: { file: 'docs/RULES.md', max: 10, tokens: 500, scope: false },
  });
  assert.equal(full.commit, 'fix: {{summary}}');
  assert.equal(full.concurrency.max, 3);
});

test('every type of gate gets its defaults', () => {
  const { gates, keepBest } = definition(
    loop([
      ...LEGAL.slice(0, 3),
      'gates:',
      '  - { run: npm test, expect: { stdout: "/[1-9] passed/" }, wait: true, guards: true }',
      '  - { id: size, type: metric, run: wc -c out.js, ratchet: down, tolerance: 0.01, wait: { before: 5s, every: 1m } }',
      '  - { id: look, type: visual, render: "shot {{gate.actual}}", reference: design/home.png, ssim: { min: 0.9 } }',
      '  - { id: honest, type: diff, forbid-added: [eslint-disable] }',
      '  - { id: eyes, type: human }',
      'paths: { allow: [src/**], max-files: 12 }',
      'budget: { keep-best: look }',
    ]),
  );
  assert.equal(keepBest, 'look');
  const any = { required: true, guards: false, repeat: 1, hint: null, timeoutMs: 300_000 };
  const deny = ['loops/**', 'RULES.md', '.github/**'];
  assert.deepEqual(gates, [
    {
      ...any,
      ...{ id: 'npm-test', type: 'shell', run: 'npm test', when: 'pass', guards: true },
      expect: { exit: 0, stdout: '/[1-9] passed/', stderr: null },
      wait: { beforeMs: 0, everyMs: 10_000 },
    },
    {
      ...any,
      ...{ id: 'size', type: 'metric', run: 'wc -c out.js', when: 'pass', read: { from: 'last' } },
      ...{ min: null, max: null, ratchet: 'down', tolerance: 0.01, wait: { beforeMs: 5000, everyMs: 60_000 } },
    },
    {
      ...any,
      ...{ id: 'look', type: 'visual', render: 'shot {{gate.actual}}', reference: 'design/home.png', when: 'pass' },
      likeness: {
        ...{ maxDiffRatio: 0.01, threshold: 0.1, ignoreAntialiasing: true, minSsim: 0.9, downscale: 1, maxDeltaE: 4 },
        ignore: [],
      },
      wait: null,
    },
    {
      ...any,
      ...{ id: 'honest', type: 'diff', when: 'pass', protects: true, wait: null },
      // What `paths` says is held by the gate of that name.
      paths: { allow: null, deny: [], maxFiles: null, maxLines: null },
      ...{ forbidDeleted: [], forbidAdded: ['eslint-disable'], except: [] },
    },
    { ...any, id: 'eyes', type: 'human', when: 'final', question: 'Is it so? `npm test` exits 0.' },
    {
      ...any,
      ...{ id: 'paths', type: 'diff', when: 'pass', guards: true, timeoutMs: 60_000, protects: false, wait: null },
      paths: { allow: ['src/**'], deny, maxFiles: 12, maxLines: null },
      ...{ forbidDeleted: [], forbidAdded: [], except: [] },
    },
  ]);
});

test('the engines shell and scripted take what they need, and shell has no usual ladder', () => {
  const shell = definition(loop([...LEGAL, 'agents: { maker: { engine: shell, run: npm run fix } }'], ''));
  assert.equal(shell.maker.run, 'npm run fix');
  assert.deepEqual(shell.escalate, []);
  const scripted = definition(loop([...LEGAL, 'agents: { maker: { engine: scripted, scenario: demo/a.json } }']));
  assert.equal(scripted.maker.scenario, 'demo/a.json');
  assert.equal(scripted.escalate[0]?.maker?.scenario, 'demo/a.json');
  assert.deepEqual(definition(loop([...LEGAL, 'agents: { maker: { model: strong } }'])).escalate, []);
});

test('an exploration needs a budget of its own and no gate', () => {
  const open = ['name: green', 'on: manual', 'goal: Find three slow tests.', 'kind: open'];
  assert.equal(definition(loop([...open, 'budget: { usd: 1 }'])).budget.usd, 1);
  const complaint = 'a loop of kind open needs a budget of its own: tokens, usd, wall or passes';
  assert.deepEqual(problems(loop(open)), [`loops/green.md:1: budget: ${complaint}`]);
  assert.deepEqual(problems(loop([...open, 'budget: { warn-at: [0.5] }'])), [
    `loops/green.md:6: budget: found {"warn-at":[0.5]}, ${complaint}`,
  ]);
});

test('camelCase and snake_case are other spellings of the same key', () => {
  const kebab = definition(loop([...LEGAL, 'budget: { warn-at: [0.5] }', 'on-success: { commit: "fix: it" }']));
  assert.deepEqual(
    definition(loop([...LEGAL, 'budget: { warnAt: [0.5] }', 'onSuccess: { commit: "fix: it" }'])),
    kebab,
  );
  assert.deepEqual(
    definition(loop([...LEGAL, 'budget: { warn_at: [0.5] }', 'on_success: { commit: "fix: it" }'])),
    kebab,
  );
  assert.deepEqual(problems(loop([...LEGAL, 'budget:', '  warn-at: [0.5]', '  warnAt: [0.6]'])), [
    'loops/green.md:8: budget.warn-at: found "warnAt", the key stands twice, first on line 7',
  ]);
});

test('line ends and a byte order mark change nothing', () => {
  const text = loop(LEGAL, 'One.\n\nTwo.');
  const plain = definition(text);
  assert.deepEqual(definition(text.replaceAll('\n', '\r\n')), plain);
  assert.deepEqual(definition(text.replaceAll('\n', '\r')), plain);
  assert.deepEqual(definition(`\uFEFF${text}`), plain);
  const crlf = loop([...LEGAL, 'budgett: 1']).replaceAll('\n', '\r\n');
  assert.deepEqual(problems(crlf), ['loops/green.md:6: budgett: unknown key (did you mean budget?)']);
});

test('each role gets its own section of the body', () => {
  const body = [
    'Fix it.',
    '```',
    '## Checker',
    '```',
    '## Checker',
    'Refute it.',
    '### Style',
    'None.',
    '## Notes',
    'For the maker.',
    '## reflect ##',
    'Why?',
  ].join('\n');
  const text = loop(LEGAL, body);
  assert.deepEqual(definition(text).prompts, {
    maker: 'Fix it.\n```\n## Checker\n```\n## Notes\nFor the maker.',
    checker: 'Refute it.\n### Style\nNone.',
    triage: '',
    reflect: 'Why?',
  });
  assert.deepEqual(warnings(text), [
    'loops/green.md:11: ## Checker: nobody reads this section: the loop has no such role',
    'loops/green.md:17: ## reflect: nobody reads this section: the loop has no such role',
  ]);
});

for (const [name, gates] of [
  ['ci-fix', 4],
  ['triage', 0],
] as const) {
  test(`loops/${name}.md, which ships, runs in this version without a word`, () => {
    const path = `loops/${name}.md`;
    const text = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
    assert.deepEqual(warnings(text, path), []);
    assert.equal(definition(text, path).gates.length, gates);
  });
}

test('YAML anchors work, bombs of them do not go off', () => {
  const shared = definition(
    loop([...LEGAL.slice(0, 3), 'gates:', '  - { id: a, run: &run npm test }', '  - { id: b, run: *run }']),
  );
  assert.deepEqual(shared.gates.map(commandOf), ['npm test', 'npm test']);
  const bomb = ['x: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]'];
  for (let level = 0; level < 9; level++) {
    const [from, to] = ['abcdefghij'[level], 'abcdefghij'[level + 1]];
    bomb.push(`y${level}: &${to} [${Array(10).fill(`*${from}`).join(', ')}]`);
  }
  assert.deepEqual(problems(loop(bomb)), ['loops/green.md:1: the front matter expands to more than 5000 values']);
  assert.deepEqual(problems(loop(['name: &a [*a]'])), [
    'loops/green.md:1: the front matter is nested more than 16 levels deep',
  ]);
});

test('hostile text costs no more than seconds', () => {
  const keys = Array.from({ length: 3500 }, (_, index) => `k${index}: 1`).join('\n');
  const deep = ['['.repeat(30_000), '- '.repeat(15_000), '? '.repeat(15_000), '{a: '.repeat(8000)];
  const texts = [...deep, 'k: &a 1\n'.repeat(4000), '-'.repeat(32_000), keys].map((yaml) => loop([yaml]));
  for (const text of [...texts, loop(LEGAL, `## ${'#'.repeat(200_000)}x`)]) {
    // Of the processor, not of the clock: the machine may be busy with other tests.
    const before = process.cpuUsage();
    parseLoop(text, 'loops/green.md');
    const { user } = process.cpuUsage(before);
    assert.ok(user < 3_000_000, `${text.slice(4, 24)}… took ${user / 1000} ms`);
  }
  for (const text of texts) assert.ok(problems(text).length > 0);
});

test('nothing that a file holds can steer the terminal it is reported on', () => {
  const said = problems(
    loop([...LEGAL, '"\\e[2J\u202e": 1', 'description: "\\e]0;x\\a"'.replace('description', 'kind')]),
  );
  assert.deepEqual(said, [
    'loops/green.md:6: \\u{1b}[2J\\u{202e}: unknown key',
    'loops/green.md:7: kind: found "\\u001b]0;x\\u0007", expected closed or open',
  ]);
});

test('reading never throws, whatever the text', () => {
  const whole = readFileSync(new URL('../../../loops/ci-fix.md', import.meta.url), 'utf8');
  const edited = fc
    .tuple(fc.nat(whole.length), fc.nat(40), fc.string({ unit: 'binary', maxLength: 20 }))
    .map(([at, cut, put]) => whole.slice(0, at) + put + whole.slice(at + cut));
  const word = fc.constantFrom(
    'name',
    'on',
    'goal',
    'gates',
    'budget',
    'agents',
    'maker',
    'run',
    '__proto__',
    'x-a',
    'isolation',
  );
  const built = fc
    .dictionary(word, fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('400k', '5m', 'npm test')))
    .map((value) => loop([JSON.stringify(value)]));
  const any = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string().map((text) => loop([text])),
    edited,
    built,
  );
  fc.assert(
    fc.property(any, fc.string(), (text, path) => {
      const parsed = parseLoop(text, path);
      assert.equal(parsed.definition === null, parsed.problems.length > 0);
      for (const problem of [...parsed.problems, ...parsed.warnings]) {
        assert.ok(problem.line >= 1);
        assert.doesNotMatch(formatProblem(problem), /[\n\r\u001b]/);
      }
    }),
    { numRuns: 400 },
  );
});
