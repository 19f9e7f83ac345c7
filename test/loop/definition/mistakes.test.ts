import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLoop } from '../../../source/loop/definition/parse.ts';
import { formatProblem } from '../../../source/loop/definition/problem.ts';
import { LEGAL, loop } from './loops.ts';

/** Lines put after the legal ones (they begin on line 6), and what is said about them. */
const MISTAKES: readonly [what: string, lines: readonly string[], ...said: string[]][] = [
  // what a value is
  [
    'an amount in words',
    ['budget:', '  tokens: lots'],
    '7: budget.tokens: found "lots", expected a number such as 400k',
  ],
  ['an amount below zero', ['budget: { tokens: -1 }'], '6: budget.tokens: found -1, expected a number such as 400k'],
  ['no amount', ['budget: { tokens: 0 }'], '6: budget.tokens: found 0, expected a number such as 400k'],
  [
    'an endless amount',
    ['budget: { tokens: .inf }'],
    '6: budget.tokens: found Infinity, expected a number such as 400k',
  ],
  ['a list for an amount', ['budget: { tokens: [1] }'], '6: budget.tokens: found [1], expected a number such as 400k'],
  ['no money', ['budget: { usd: 0 }'], '6: budget.usd: found 0, expected an amount in USD such as 5 or 0.50'],
  [
    'other money',
    ['budget: { usd: 5 EUR }'],
    '6: budget.usd: found "5 EUR", expected an amount in USD such as 5 or 0.50',
  ],
  ['a time without unit', ['budget: { wall: 45 }'], '6: budget.wall: found 45, expected a duration such as 45m'],
  ['a time in words', ['budget: { wall: soon }'], '6: budget.wall: found "soon", expected a duration such as 45m'],
  ['no time', ['budget: { wall: 0s }'], '6: budget.wall: found "0s", expected more than 0 and at most 7d'],
  ['a month', ['budget: { wall: 30d }'], '6: budget.wall: found "30d", expected more than 0 and at most 7d'],
  ['half a pass', ['budget: { passes: 8.5 }'], '6: budget.passes: found 8.5, expected a whole number'],
  ['no pass', ['budget: { passes: 0 }'], '6: budget.passes: found 0, expected at least 1'],
  [
    'a share over one',
    ['budget:', '  warn-at:', '    - 0.5', '    - 80'],
    '9: budget.warn-at[1]: found 80, expected at most 1',
  ],
  ['a number for a map', ['budget: 5'], '6: budget: found 5, expected a map of keys'],
  ['nothing for a map', ['budget:'], '6: budget: found nothing, expected a map of keys'],
  ['a yes that YAML does not know', ['enabled: yes'], '6: enabled: found "yes", expected true or false'],
  [
    'a kind that does not exist',
    ['kind: closd'],
    '6: kind: found "closd", expected closed or open (did you mean closed?)',
  ],
  ['a version to come', ['schema: 2'], '6: schema: found 2, expected 1'],
  [
    'a file outside',
    ['context: { files: [../../etc/passwd] }'],
    '6: context.files[0]: found "../../etc/passwd", expected a path inside the repository, such as docs/api.md',
  ],
  [
    'an absolute file',
    ['isolation: { type: worktree, copy: [/etc/passwd] }'],
    '6: isolation.copy[0]: found "/etc/passwd", expected a path inside the repository, such as docs/api.md',
  ],
  [
    "git's own files",
    ['context: { rules: { file: .git/hooks/pre-commit } }'],
    '6: context.rules.file: found ".git/hooks/pre-commit", expected a path inside the repository, such as docs/api.md',
  ],
  [
    'an option for a revision',
    ['isolation: { type: worktree, base: --upload-pack=x }'],
    '6: isolation.base: found "--upload-pack=x", expected a branch, tag or commit',
  ],
  [
    'an option for a model',
    ['agents: { maker: { model: --yolo } }'],
    '6: agents.maker.model: found "--yolo", expected a tier (cheap, standard, strong), an alias or a model id',
  ],
  [
    'an option for a tool',
    ['agents: { maker: { tools: { allow: [--yolo] } } }'],
    '6: agents.maker.tools.allow[0]: found "--yolo", expected a tool such as Read or Bash(git diff:*)',
  ],
  [
    'an engine that does not exist',
    ['agents: { maker: { engine: cloude } }'],
    '6: agents.maker.engine: found "cloude", expected claude, codex, gemini, grok, opencode, acp, shell or scripted (did you mean claude?)',
  ],
  // which keys there are
  ['an unknown key', ['budgett: 5'], '6: budgett: unknown key (did you mean budget?)'],
  ['an unknown key that resembles none', ['colour: red'], '6: colour: unknown key'],
  [
    'unknown keys below',
    ['budget:', '  token: 5', '  dollars: 5'],
    '7: budget.token: unknown key (did you mean tokens?)',
    '8: budget.dollars: unknown key',
  ],
  [
    'two letters swapped',
    ['agents: { maker: { modle: strong } }'],
    '6: agents.maker.modle: unknown key (did you mean model?)',
  ],
  ['an x- key below the top', ['budget: { x-a: 1 }'], '6: budget.x-a: unknown key'],
  ['a key twice', ['description: a', 'description: b'], '7: description: the key stands twice, first on line 6'],
  ['a key that is no word', ['1: a'], '6: found 1, a key must be a word'],
  ['the key of all objects', ['__proto__: { enabled: false }'], '6: found "__proto__", a key must be a word'],
  // what goes together
  [
    'a command for an engine that has none',
    ['agents: { maker: { run: npm run fix } }'],
    '6: agents.maker.run: found "npm run fix", belongs to engine shell, this is claude',
  ],
  [
    'the engine shell without a command',
    ['agents: { maker: { engine: shell } }'],
    '6: agents.maker.run: missing, engine shell needs a command',
  ],
  [
    'the engine scripted without a file',
    ['escalate:', '  - { when: stuck, maker: { engine: scripted } }'],
    '7: escalate[0].maker.scenario: missing, engine scripted needs a file',
  ],
  ['a rung to nobody', ['escalate: [{ when: stuck }]'], '6: escalate[0]: a rung needs either a maker or to: human'],
  [
    'a rung to two',
    ['escalate: [{ when: stuck, to: human, maker: { model: strong } }]'],
    '6: escalate[0]: a rung needs either a maker or to: human',
  ],
  // YAML itself
  ['a tab', ['budget:', '\ttokens: 5'], '7: a tab cannot indent YAML: use spaces'],
  ['a colon in a plain text', ['description: fix: it'], '6: a value with ": " in it must stand in "quotes"'],
  [
    'a backtick at the start',
    ['description: `it`'],
    '6: a value cannot begin with this character: put the value in "quotes"',
  ],
  ['an open quote', ['description: "it'], '6: not valid YAML: Missing closing "quote'],
  ['a tag', ['description: !!js/function "x"'], '6: tags such as !name have no meaning in a loop file'],
  ['an alias of nothing', ['description: *it'], '6: description: found "*it", no &it stands above it'],
  ['a second document', ['...', 'a: 1'], '7: the front matter holds a second YAML document: remove the line ...'],
];

for (const [what, lines, ...said] of MISTAKES) {
  test(`says where and what: ${what}`, () => {
    const { problems, definition } = parseLoop(loop([...LEGAL, ...lines]), 'loops/green.md');
    assert.deepEqual(
      problems.map(formatProblem),
      said.map((line) => `loops/green.md:${line}`),
    );
    assert.equal(definition, null);
  });
}

/** Whole files. */
const WRONG_FILES: readonly [what: string, text: string, ...said: string[]][] = [
  [
    'an empty file',
    '',
    '1: no front matter: the file must begin with a line ---, then name, on, goal and gates, then a line ---',
  ],
  [
    'a file without front matter',
    '# Fix it\n',
    '1: no front matter: the file must begin with a line ---, then name, on, goal and gates, then a line ---',
  ],
  ['a fence that names a language', '---js\nname: 1\n---\n', '1: found "---js", the first line must be exactly ---'],
  [
    'a fence that is not closed',
    '---\nname: green\n',
    '1: the front matter is not closed: put a line --- between it and the prompt',
  ],
  ['an empty front matter', '---\n---\n', '1: the front matter is empty: it needs at least name, on, goal and gates'],
  [
    'a text for front matter',
    '---\nhello\n---\n',
    '2: found "hello", the front matter must be a map of keys such as name: ci-fix',
  ],
  [
    'a list for front matter',
    '---\n- a\n---\n',
    '2: found ["a"], the front matter must be a map of keys such as name: ci-fix',
  ],
  ['a very long front matter', `---\n#${'x'.repeat(33_000)}\n---\n`, '2: the front matter is larger than 32 KiB'],
  [
    'a very long file',
    `---\n---\n${'ä'.repeat(140_000)}`,
    '1: the file is larger than 256 KiB: keep the contract here and long material in files that context.files names',
  ],
  [
    'a file that says nothing',
    '---\nx-a: 1\n---\n',
    '1: name: missing, expected a text',
    '1: on: missing, expected manual, a text such as every 15m, or a map with manual, every, cron, watch, event or after',
    '1: goal: missing, expected a text',
  ],
  [
    'a goal too short',
    loop(['name: green', 'on: manual', 'goal: green', 'gates: [x]']),
    '4: goal: found "green", expected at least 8 characters',
  ],
  [
    'a trigger in words',
    loop([...LEGAL.slice(0, 1), 'on: nightly', ...LEGAL.slice(2)]),
    '3: on: found "nightly", expected manual, a text such as every 15m, or a map with manual, every, cron, watch, event or after',
  ],
  [
    'no trigger',
    loop([...LEGAL.slice(0, 1), 'on: { manual: false }', ...LEGAL.slice(2)]),
    '3: on: found {"manual":false}, expected at least one of manual, every, cron, watch, event and after',
  ],
  [
    'a trigger with an unknown key',
    loop([...LEGAL.slice(0, 1), 'on:', '  evry: 5m', ...LEGAL.slice(2)]),
    '4: on.evry: unknown key (did you mean every?)',
  ],
  [
    'a name with capitals',
    loop(['name: Green', ...LEGAL.slice(1)]),
    '2: name: found "Green", expected small letters, digits and single hyphens, such as ci-fix',
  ],
  [
    "a name that is not the file's",
    loop(['name: blue', ...LEGAL.slice(1)]),
    '2: name: found "blue", expected "green", the name of the file',
  ],
  [
    'no gate',
    loop(LEGAL.slice(0, 3)),
    '1: gates: a loop of kind closed needs at least one gate, such as gates: [npm test]',
  ],
  [
    'an empty list of gates',
    loop([...LEGAL.slice(0, 3), 'gates: []']),
    '5: gates: found [], a loop of kind closed needs at least one gate, such as gates: [npm test]',
  ],
  [
    'an empty gate',
    loop([...LEGAL.slice(0, 3), 'gates: [""]']),
    '5: gates[0]: found "", expected a command, or a map with id and run',
  ],
  [
    'a gate that is a number',
    loop([...LEGAL.slice(0, 3), 'gates: [5]']),
    '5: gates[0]: found 5, expected a command, or a map with id and run',
  ],
  [
    'one gate in place of a list',
    loop([...LEGAL.slice(0, 3), 'gates: npm test']),
    '5: gates: found "npm test", expected a list',
  ],
  [
    'only gates that may stay red',
    loop([...LEGAL.slice(0, 3), 'gates: [{ run: npm test, required: false }]']),
    '5: gates: at least one gate must be required, or every run is green',
  ],
  [
    'a gate without a command',
    loop([...LEGAL.slice(0, 3), 'gates:', '  - { id: a }']),
    '6: gates[0].run: missing, a gate of type shell needs a command',
  ],
  ...(
    [
      ['{ type: metric, max: 0 }', '.run: missing, a gate of type metric needs a command'],
      ['{ type: metric, run: x }', '.max: missing, a gate of type metric needs min, max or ratchet'],
      ['{ type: metric, run: x, min: 5, max: 3 }', '.max: found 3, is below min (5): nothing could be green'],
      ['{ type: metric, run: x, max: 3, ratchet: up }', '.ratchet: found "up", contradicts max: ratchet down, or min'],
      ['{ type: metric, run: x, max: 0, pattern: "(", json: a }', '.pattern: found "(", expected a regular expression'],
      [
        '{ type: metric, run: x, max: 0, pattern: a, json: a }',
        '.json: found "a", says where the number stands, and so does pattern: keep one',
      ],
      ['{ type: visual, render: x }', '.reference: missing, a gate of type visual needs the picture it must look like'],
      [
        '{ type: visual, render: x, reference: ../a.png }',
        '.reference: found "../a.png", expected a path inside the repository, such as docs/api.md',
      ],
      ['{ type: diff, run: x }', '.run: found "x", means nothing in a gate of type diff: set the type it belongs to'],
      [
        '{ run: x, question: Well? }',
        '.question: found "Well?", means nothing in a gate of type shell: set the type it belongs to',
      ],
      [
        '{ run: x, expect: { stdout: "/(/" } }',
        '.expect.stdout: found "/(/", expected a text, or a regular expression such as /\\d+ passed/',
      ],
    ] as const
  ).map(([gate, said]): [string, string, string] => [
    `the gate ${gate}`,
    loop([...LEGAL.slice(0, 3), `gates: [${gate}]`]),
    `5: gates[0]${said}`,
  ]),
  [
    'a best pass by a gate that measures nothing',
    loop([...LEGAL, 'budget: { keep-best: unit }']),
    '6: budget.keep-best: found "unit", expected the id of a metric or visual gate, and this loop has none',
  ],
  [
    'two gates of one name',
    loop([...LEGAL.slice(0, 3), 'gates:', '  - { id: a, run: b }', '  - { id: a, run: c }']),
    '7: gates[1].id: found "a", two gates have this id',
  ],
  [
    'a key of another type of gate',
    loop([...LEGAL.slice(0, 3), 'gates:', '  - run: b', '    max: 5']),
    '7: gates[0].max: found 5, means nothing in a gate of type shell: set the type it belongs to',
  ],
  [
    'a mistyped key of a gate',
    loop([...LEGAL.slice(0, 3), 'gates:', '  - run: b', '    timout: 5m']),
    '7: gates[0].timout: unknown key (did you mean timeout?)',
  ],
  [
    'a timeout of a week',
    loop([...LEGAL.slice(0, 3), 'gates: [{ run: b, timeout: 7d }]']),
    '5: gates[0].timeout: found "7d", expected more than 0 and at most 1d',
  ],
];

for (const [what, text, ...said] of WRONG_FILES) {
  test(`says what is wrong with ${what}`, () => {
    const { problems } = parseLoop(text, 'loops/green.md');
    assert.deepEqual(
      problems.map(formatProblem),
      said.map((line) => `loops/green.md:${line}`),
    );
  });
}
