/** Agents that go in circles while they are at work. */
import type { Kind } from '../kinds.ts';
import {
  bash,
  call,
  edit,
  fail,
  fails,
  grep,
  hangs,
  read,
  retrying,
  type Step,
  say,
  silence,
  spend,
  stuck,
  type Trace,
  think,
  times,
  together,
} from '../trace.ts';

export const stuckAtWork = (k: Kind): Trace[] => [...repeats(k), ...errors(k), ...cycles(k)];

function repeats(k: Kind): Trace[] {
  return [
    stuck(
      `${k.name}: runs the red test again and again without a change`,
      ['repeat'],
      [read(k.source), ...times(9, (i) => [fails(k.test, k.failing('adds up', i))])],
    ),
    stuck(
      `${k.name}: announces another try each time and changes nothing`,
      ['repeat'],
      [
        edit(k.source, 'a', 'b'),
        ...times(8, (i) => [
          say(`Let me run the tests once more to see attempt ${i}.`),
          fails(k.test, k.failing('adds up', i)),
        ]),
      ],
    ),
    stuck(
      `${k.name}: reads one file for ever`,
      ['repeat'],
      [...times(10, (i) => [think(`I need to understand ${k.source} (${i}).`), read(k.source)])],
    ),
    stuck(
      `${k.name}: an edit whose old text is not in the file, unchanged`,
      ['repeat', 'repeat-error'],
      [
        read(k.source),
        ...times(8, () =>
          call(
            'Edit',
            { file_path: k.source, old_string: 'x', new_string: 'y' },
            'String to replace not found in file.',
            false,
          ),
        ),
      ],
    ),
    stuck(
      `${k.name}: asks whether the pipeline is through, without a pause`,
      ['repeat'],
      [bash('git push', 'ok'), ...times(14, () => bash('gh run view 4711 --json status', '{"status":"in_progress"}'))],
    ),
  ];
}

function errors(k: Kind): Trace[] {
  return [
    stuck(
      `${k.name}: a build that fails with another request id every time`,
      ['repeat-error'],
      [
        ...times(8, (i) =>
          fails(k.build, `error: registry answered 502 (request ${(i * 7919 + 13).toString(16)}-${i})`),
        ),
      ],
    ),
    stuck(
      `${k.name}: starts a server on a taken port again and again`,
      ['repeat-error'],
      [
        ...times(7, (i) =>
          fails(
            'node server.js --port 3000',
            `pid ${4000 + i * 17}: Error: listen EADDRINUSE: address already in use :::3000`,
          ),
        ),
      ],
    ),
  ];
}

function cycles(k: Kind): Trace[] {
  const there = edit(k.source, 'return a', 'return b');
  const back = edit(k.source, 'return b', 'return a');
  return [
    stuck(
      `${k.name}: edits a line back and forth, testing in between`,
      ['cycle'],
      [
        ...times(7, (i) => [
          there,
          fails(k.test, k.failing('adds up', i)),
          back,
          fails(k.test, k.failing('subtracts', i)),
        ]),
      ],
    ),
    stuck(`${k.name}: two files, in turns`, ['cycle'], [...times(9, () => [read(k.source), read(k.spec)])]),
    stuck(
      `${k.name}: test, source, test file, and again`,
      ['cycle'],
      [...times(8, (i) => [fails(k.test, k.failing('adds up', i)), read(k.source), read(k.spec)])],
    ),
    stuck(
      `${k.name}: stash, test, pop, test`,
      ['cycle'],
      [
        ...times(7, (i) => [
          bash('git stash', 'Saved working directory'),
          fails(k.test, k.failing('adds up', i)),
          bash('git stash pop', 'Dropped refs/stash@{0}'),
          fails(k.test, k.failing('subtracts', i)),
        ]),
      ],
    ),
  ];
}

/** What does not depend on a language. */
export const stuckAnywhere: readonly Trace[] = [
  // repeat
  stuck(
    'searches for a name that is nowhere, with the same words',
    ['repeat'],
    [...times(9, () => grep('parseHeader', 'src', 'No matches found'))],
  ),
  stuck(
    'looks at git status until the budget is gone',
    ['repeat'],
    [
      edit('a.ts', '1', '2'),
      ...times(12, (i) => [think(`Checking the state (${i}).`), bash('git status --short', ' M a.ts')]),
    ],
  ),
  stuck(
    'waits half an hour for a job that hangs, sixty looks long',
    ['repeat'],
    [...times(60, () => bash('sleep 30 && gh run view 4711 --json status', '{"status":"queued"}', 31_000))],
  ),
  stuck(
    'lists one folder, whose listing has the time in it',
    ['repeat'],
    [...times(9, (i) => bash('date +%T; ls dist', `1${i % 10}:0${i % 10}:11\nindex.js\nindex.d.ts`))],
  ),
  stuck(
    'starts the same job each time under a new id, and it works each time',
    ['repeat'],
    [...times(10, (i) => bash('npm run report', `job ${(i * 7919).toString(16)} done, 0 findings`))],
  ),
  // repeat-error
  stuck(
    'a tool of an MCP server that is down',
    ['repeat-error', 'repeat'],
    [
      ...times(8, (i) =>
        call('mcp__tracker__get', { id: 12 }, `request 9f${i}c failed: upstream connect error`, false),
      ),
    ],
  ),
  stuck(
    'fetches a page that wants a login, with another nonce in every answer',
    ['repeat-error'],
    [
      ...times(7, (i) =>
        call('WebFetch', { url: 'https://docs.example.com/x' }, `403 Forbidden (ray ${i}a${i * 3}f)`, false),
      ),
    ],
  ),
  stuck(
    'npm ci against a registry that is gone, each time another package first',
    ['repeat-error'],
    [...times(7, (i) => fails('npm ci', `npm error code ECONNREFUSED fetching package number ${i * 31 + 5}`))],
  ),
  stuck(
    'the failing command and its log, in turns, with new ids in both',
    ['cycle', 'repeat-error'],
    [
      ...times(8, (i) => [
        fails('make deploy', `deploy ${i * 77 + 1} rejected`),
        bash('tail -1 deploy.log', `deploy ${i * 77 + 1} rejected: quota`),
      ]),
    ],
  ),
  // cycle
  stuck(
    'turns a flag on and off',
    ['cycle'],
    [
      ...times(8, () => [
        edit('config.json', '"strict": true', '"strict": false'),
        fails('npm run build', 'error TS2322'),
        edit('config.json', '"strict": false', '"strict": true'),
        fails('npm run build', 'error TS7006'),
      ]),
    ],
  ),
  stuck(
    'five documents, round and round',
    ['cycle'],
    [...times(8, () => ['a', 'b', 'c', 'd', 'e'].map((name) => read(`docs/${name}.md`)))],
  ),
  stuck(
    'search, read, search, read',
    ['cycle'],
    [
      ...times(8, () => [
        grep('timeout', 'src', 'src/a.ts:3'),
        read('src/a.ts'),
        grep('retry', 'src', 'src/b.ts:9'),
        read('src/b.ts'),
      ]),
    ],
  ),
  stuck(
    'writes a file, deletes it, writes it',
    ['cycle'],
    [
      ...times(8, () => [
        call('Write', { file_path: 'notes.md', content: 'plan' }, 'File created'),
        bash('rm notes.md'),
      ]),
    ],
  ),
  stuck(
    'round and round with a stray look in every third round',
    ['cycle'],
    [
      ...times(12, (i) => [
        ...(i % 3 === 2 ? [bash('ls', 'src test')] : []),
        edit('a.ts', 'x', 'y'),
        fails('npm test', 'not ok 1'),
        edit('a.ts', 'y', 'x'),
        fails('npm test', 'not ok 2'),
      ]),
    ],
  ),
  stuck(
    'seven files in the same order, a dear reading each round',
    ['burn', 'cycle'],
    [
      ...times(6, () =>
        ['a', 'b', 'c', 'd', 'e', 'f', 'g'].flatMap((name): Step[] => [spend(3_000), read(`src/${name}.ts`)]),
      ),
    ],
  ),
  // monologue
  stuck(
    'says that it continues, and does not',
    ['monologue'],
    [read('a.ts'), ...times(9, () => say('Continuing with the implementation.'))],
  ),
  stuck(
    'asks nobody whether it shall go on',
    ['monologue'],
    [...times(8, (i) => say(`Shall I proceed with step ${i + 1}? Please confirm.`))],
  ),
  stuck(
    'sums up again every time a hook will not let it stop',
    ['monologue'],
    [
      edit('a.ts', '1', '2'),
      ...times(9, (i) => [
        think('The hook says that I am not finished.'),
        say(`Summary (${i + 1}): I changed a.ts so that the sum is right.`),
      ]),
    ],
  ),
  stuck(
    'plans and plans',
    ['monologue'],
    [...times(7, (i) => say(`Plan, version ${i + 1}: first look at the tests, then at the code.`, 2_500))],
  ),
  stuck(
    'apologises',
    ['monologue'],
    [fails('npm test', 'not ok'), ...times(7, () => say('You are right, I apologise. I will fix it now.'))],
  ),
  // chant
  stuck(
    'one sentence, sixty times',
    ['chant'],
    [read('a.ts'), say(`Looking at it. ${'I will now check the file again and fix the problem. '.repeat(60)}`)],
  ),
  stuck(
    'a paragraph of two lines, over and over',
    ['chant'],
    [
      think(
        'The queue drains before the retry is scheduled, so the counter is one short.\nThat means the retry must be scheduled first, which the queue does not allow.\n'.repeat(
          20,
        ),
      ),
    ],
  ),
  stuck('three words', ['chant'], [say(`So: ${'and then we '.repeat(120)}`)]),
  stuck(
    'one line for ever, a newline each',
    ['chant'],
    [say('Wait, that is not right, let me look at it again.\n'.repeat(50))],
  ),
  stuck(
    'a good beginning that tips over',
    ['chant'],
    [
      say(
        `The failure is in the parser: it reads the header twice and keeps the second. ${'Therefore the parser has to be changed so that it reads the header once. '.repeat(30)}`,
      ),
    ],
  ),
  stuck(
    'the same point of a list, forty times',
    ['chant'],
    [say(`To do:\n${'- Check the file once more and run the tests afterwards\n'.repeat(40)}`)],
  ),
  // denied
  stuck(
    'one command after the other, none allowed (claude, dontAsk)',
    ['denied'],
    [
      ...times(6, (i) =>
        fails(
          ['npm test', 'npx vitest run', 'node --test', 'yarn test', 'pnpm test', 'make test'][i] ?? '',
          "Permission to use Bash has been denied because Claude Code is running in don't ask mode.",
        ),
      ),
    ],
  ),
  stuck(
    'asks for leave that nobody gives (claude, default)',
    ['denied'],
    [
      ...times(5, (i) =>
        fails(`npm run step${i}`, "Claude requested permissions to use Bash, but you haven't granted it yet."),
      ),
    ],
  ),
  stuck(
    'the operator refuses, and it asks again (opencode)',
    ['denied'],
    [
      ...times(5, (i) =>
        call('bash', `echo ${i} > out.txt`, 'The user rejected permission to use this specific tool call.', false),
      ),
    ],
  ),
  stuck(
    'a policy without a person (gemini)',
    ['denied'],
    [...times(5, (i) => call('run_shell_command', `npm run ${i}`, 'Tool execution denied by policy.', false))],
  ),
  stuck(
    'a sandbox that lets nothing through (codex)',
    ['denied'],
    [
      ...times(5, (i) =>
        call(
          'shell',
          `curl -s https://example.com/${i}`,
          'command rejected by sandbox: network access is disabled',
          false,
        ),
      ),
    ],
  ),
  stuck(
    'a hook that blocks each try',
    ['denied'],
    [
      ...times(5, (i) => [
        think('Perhaps another way.'),
        fails(`rm -rf build${i}`, 'PreToolUse hook blocked this call: rm is not allowed'),
      ]),
    ],
  ),
  // silent
  stuck('begins and is never heard of again', ['silent'], [silence(40)]),
  stuck('falls silent after an answer', ['silent'], [read('a.ts'), fails('npm test', 'not ok'), silence(35)]),
  stuck(
    'falls silent in the middle of a thought',
    ['silent'],
    [think('The queue is drained by two workers, which means'), silence(45)],
  ),
  stuck(
    'a server that was started in the foreground',
    ['silent'],
    [edit('a.ts', '1', '2'), hangs('Bash', 'npm start', 42)],
  ),
  stuck('is told to retry and then says nothing', ['silent'], [retrying(30), silence(40)]),
  // api-error
  stuck(
    'the provider fails three times',
    ['api-error'],
    [...times(3, () => [spend(500), fail('API Error: 500 internal')])],
  ),
  stuck('a model that does not exist', ['api-error'], [...times(3, () => fail('model not found: opus-99'))]),
  stuck(
    'a context that is full each time it is resumed',
    ['api-error'],
    [...times(3, () => [spend(20), fail('prompt is too long: 212341 tokens > 200000')])],
  ),
  stuck('crashes on start', ['api-error'], [...times(3, () => fail('Segmentation fault', 'failed'))]),
  // burn
  stuck(
    'thinks for a quarter of the budget',
    ['burn', 'monologue'],
    [read('a.ts'), ...times(8, (i) => think(`On reflection (${i}) the other way is better.`, 15_000))],
  ),
  stuck('long responses of which nothing is seen', ['burn'], [...times(7, () => spend(18_000))]),
  stuck(
    'dear looks at what it has seen already',
    ['burn'],
    [
      ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => read(`${name}.ts`)),
      ...times(14, (i) => [
        spend(8_000),
        read(`${['c', 'a', 'h', 'b', 'g', 'd', 'f', 'e', 'a', 'h', 'c', 'd', 'b', 'g'][i]}.ts`),
      ]),
    ],
  ),
  stuck(
    'sub-agents that come back with nothing',
    ['burn'],
    [
      call('Task', { prompt: 'find the cause' }, 'no finding'),
      ...times(6, () => [spend(20_000), call('Task', { prompt: 'find the cause' }, 'no finding')]),
    ],
  ),
  stuck(
    'a batch that it makes anew, six times',
    ['repeat', 'cycle'],
    [...times(6, () => together(read('a.ts'), read('b.ts'), grep('x', '.', 'none')))],
  ),
];
