/** Agents that make progress, many of them in ways that look like going in circles. */
import type { Kind } from '../kinds.ts';
import {
  bash,
  call,
  edit,
  fail,
  fails,
  grep,
  hangs,
  healthy,
  operator,
  print,
  read,
  retrying,
  say,
  silence,
  spend,
  type Trace,
  think,
  times,
  together,
} from '../trace.ts';

export const healthyAtWork = (k: Kind): Trace[] => [
  healthy(`${k.name}: edit and rerun, the same red output each time`, [
    ...times(9, (i) => [edit(k.source, `a${i}`, `a${i + 1}`), fails(k.test, k.failing('adds up', i))]),
    edit(k.source, 'a9', 'right'),
    bash(k.test, k.passing(0)),
  ]),
  healthy(`${k.name}: edit and rerun, green each time`, [
    ...times(8, (i) => [edit(i % 2 ? k.source : k.other, `b${i}`, `b${i + 1}`), bash(k.test, k.passing(i))]),
  ]),
  healthy(`${k.name}: edits that do not say what they write (codex), then the same test`, [
    ...times(8, (i) => [
      call('file_change', { changes: [{ path: k.source, kind: 'update' }] }, 'completed'),
      call('shell', k.test, i === 7 ? k.passing(i) : k.failing('adds up', i), i === 7),
    ]),
  ]),
  healthy(`${k.name}: patches through one tool (codex), then the same test`, [
    ...times(7, (i) => [
      call('apply_patch', { input: `*** Update File: ${k.source}\n-a${i}\n+a${i + 1}` }, 'Success'),
      call('shell', k.test, k.failing('adds up', i), i === 6),
    ]),
  ]),
  healthy(`${k.name}: reads its way through the project`, [
    ...times(24, (i) => read(`${k.source}.${i}`)),
    edit(k.source, 'a', 'b'),
    bash(k.test, k.passing(1)),
  ]),
  healthy(`${k.name}: one search, many places`, [
    ...times(12, (i) => grep('retry', `packages/p${i}`, 'No matches found')),
    edit(k.source, 'a', 'b'),
  ]),
  healthy(`${k.name}: the source again after each edit`, [
    ...times(7, (i) => [read(k.source, `version ${i}`), edit(k.source, `version ${i}`, `version ${i + 1}`)]),
    bash(k.test, k.passing(0)),
  ]),
  healthy(`${k.name}: looks three times whether a test is flaky`, [
    fails(k.test, k.failing('adds up', 0)),
    bash(k.test, k.passing(1)),
    fails(k.test, k.failing('adds up', 2)),
    edit(k.source, 'a', 'b'),
    bash(k.test, k.passing(3)),
    bash(k.test, k.passing(4)),
  ]),
  healthy(`${k.name}: with and without the change, twice`, [
    ...times(2, (i) => [
      bash('git stash', 'Saved'),
      fails(k.test, k.failing('adds up', i)),
      bash('git stash pop', 'Dropped'),
      bash(k.test, k.passing(i)),
    ]),
    edit(k.source, 'a', 'b'),
  ]),
  healthy(`${k.name}: bisects`, [
    bash('git bisect start', ''),
    ...times(7, (i) => [
      i % 2 ? fails(k.test, k.failing('adds up', i)) : bash(k.test, k.passing(i)),
      bash(`git bisect ${i % 2 ? 'bad' : 'good'}`, `Bisecting: ${64 >> i} revisions left (commit ${i * 7919})`),
    ]),
    edit(k.source, 'a', 'b'),
  ]),
  healthy(`${k.name}: a long build`, [edit(k.source, 'a', 'b'), hangs('Bash', k.build, 4), bash(k.test, k.passing(0))]),
  healthy(`${k.name}: builds that take three minutes each, after different edits`, [
    ...times(6, (i) => [edit(k.source, `c${i}`, `c${i + 1}`), bash(k.build, 'built', 180_000)]),
  ]),
  healthy(`${k.name}: the same procedure on six packages`, [
    ...times(6, (i) => [
      read(`packages/p${i}/index`),
      edit(`packages/p${i}/index`, 'old', 'new'),
      bash(`cd packages/p${i} && ${k.test}`, k.passing(i)),
      bash('git add -A', ''),
      bash('git status --short', `M packages/p${i}/index`),
    ]),
  ]),
  healthy(`${k.name}: git status between everything`, [
    ...times(8, (i) => [
      edit(k.source, `d${i}`, `d${i + 1}`),
      bash('git status --short', ` M ${k.source}`),
      i % 2 ? read(k.spec, `part ${i}`) : think('next'),
    ]),
  ]),
  healthy(`${k.name}: an edit refused twice, then read and made`, [
    ...times(2, () =>
      call(
        'Edit',
        { file_path: k.source, old_string: 'x', new_string: 'y' },
        'String to replace not found in file.',
        false,
      ),
    ),
    read(k.source),
    edit(k.source, 'right x', 'y'),
    bash(k.test, k.passing(0)),
  ]),
  healthy(`${k.name}: one test at a time`, [
    ...times(10, (i) => [
      fails(`${k.test} -- -t case${i}`, k.failing(`case ${i}`, i)),
      edit(k.source, `e${i}`, `e${i + 1}`),
      bash(`${k.test} -- -t case${i}`, k.passing(i)),
    ]),
  ]),
  healthy(`${k.name}: tries a line both ways and goes on`, [
    ...times(2, (i) => [
      edit(k.source, 'return a', 'return b'),
      fails(k.test, k.failing('adds up', i)),
      edit(k.source, 'return b', 'return a'),
      fails(k.test, k.failing('subtracts', i)),
    ]),
    read(k.other),
    edit(k.other, 'z', 'y'),
    bash(k.test, k.passing(0)),
  ]),
];

const fence = (line: string, n: number): string => `\`\`\`\n${`${line}\n`.repeat(n)}\`\`\``;

export const healthyAnywhere: readonly Trace[] = [
  // waiting
  healthy('a pipeline that moves on', [
    bash('git push', 'ok'),
    ...times(12, (i) => bash('sleep 60 && gh pr checks 12', `${i} of 12 checks done`, 61_000)),
  ]),
  healthy('a pipeline that stands still for eight looks and then ends', [
    bash('git push', 'ok'),
    ...times(8, () => bash('sleep 60; gh pr checks 12', 'pending: 1', 61_000)),
    bash('sleep 60; gh pr checks 12', 'all checks passed', 61_000),
  ]),
  healthy('percentages', [...times(20, (i) => bash('tail -1 train.log', `epoch ${i}, loss ${1 / (i + 1)}`, 20_000))]),
  healthy('output of a background task, six times nothing', [
    call('Bash', { command: 'npm run build', run_in_background: true }, 'started as bash_1'),
    ...times(6, () => call('BashOutput', { bash_id: 'bash_1' }, '(no new output)', true, 20_000)),
    call('BashOutput', { bash_id: 'bash_1' }, 'built in 140 s'),
    edit('a.ts', '1', '2'),
  ]),
  healthy('a server that takes its time', [
    call('Bash', { command: 'npm start', run_in_background: true }, 'started'),
    ...times(5, () =>
      fails('sleep 2 && curl -sf localhost:3000/health', 'curl: (7) Failed to connect to localhost port 3000'),
    ),
    bash('sleep 2 && curl -sf localhost:3000/health', 'ok'),
    edit('a.ts', '1', '2'),
  ]),
  healthy('a server asked twice without a pause', [
    ...times(2, () => fails('curl -sf localhost:3000', 'curl: (7) Failed to connect')),
    bash('npm start &', ''),
    bash('curl -sf localhost:3000', 'ok'),
  ]),
  healthy('waits in the terminal it has open (codex)', [
    call('exec_command', 'cargo build', 'running'),
    ...times(8, () => call('write_stdin', { session: 1, chars: '' }, '', true, 10_000)),
    call('write_stdin', { session: 1, chars: '' }, 'Finished', true),
    bash('cargo test', 'ok'),
  ]),
  healthy('gh run watch, again after its timeout', [
    ...times(5, () => fails('gh run watch 4711', 'The command timed out after 2m', 120_000)),
    bash('gh run watch 4711', 'completed', 60_000),
  ]),
  // time
  healthy('thinks for four minutes', [read('a.ts'), silence(4), edit('a.ts', '1', '2')]),
  healthy('a test run of 25 minutes, wished for', [
    edit('a.ts', '1', '2'),
    bash('npm run e2e -- --headed', 'ok', 240_000),
    bash('npm run e2e -- --slow', 'ok', 280_000),
  ]),
  healthy('told to come back in ten minutes', [read('a.ts'), retrying(600), silence(9.5), edit('a.ts', '1', '2')]),
  healthy('a shell maker without a word', [silence(4.5), print('fixed 3 files')], { engine: 'shell' }),
  healthy('a shell maker that says the same line', [...times(80, () => print('still compiling …'))], {
    engine: 'shell',
  }),
  healthy('a shell maker with dots', [...times(60, (i) => print('.'.repeat(i + 1)))], { engine: 'shell' }),
  healthy('fails once, is tried again', [
    read('a.ts'),
    fail('API Error: 529 overloaded'),
    edit('a.ts', '1', '2'),
    bash('npm test', 'ok'),
  ]),
  healthy('fails twice, is tried again', [
    fail('socket hang up'),
    fail('socket hang up', 'failed'),
    read('a.ts'),
    edit('a.ts', '1', '2'),
  ]),
  // the same answer to different questions, and the other way round
  healthy('todo list after todo list', [
    ...times(9, (i) => [
      call('TodoWrite', { todos: [{ content: 'a', status: `step ${i}` }] }, 'Todos have been modified'),
      edit('a.ts', `${i}`, `${i + 1}`),
    ]),
  ]),
  healthy('pages of a listing', [
    ...times(10, (i) => call('mcp__tracker__list', { page: i }, `issues ${i * 10} to ${i * 10 + 9}`)),
    edit('a.ts', '1', '2'),
  ]),
  healthy('a long file in pieces', [
    ...times(12, (i) => call('Read', { file_path: 'big.ts', offset: i * 200, limit: 200 }, `lines ${i * 200} on`)),
  ]),
  healthy('one command, six folders', [
    ...times(6, (i) => call('shell', { command: 'npm test', cwd: `packages/p${i}` }, '12 passed')),
  ]),
  healthy('python by the screen', [...times(8, (i) => bash(`python - <<'X'\nprint(f(${i}))\nX`, `${i * i}`))]),
  healthy('a replacement in forty files', [
    ...times(40, (i) =>
      call('Edit', { file_path: `f${i}.ts`, old_string: 'var', new_string: 'let', replace_all: true }, 'ok'),
    ),
  ]),
  healthy('lint, fix, lint', [
    ...times(4, (i) => [fails('npx eslint .', `${8 - 2 * i} problems`), edit(`l${i}.ts`, 'a', 'b')]),
    bash('npx eslint .', ''),
  ]),
  healthy('formats and tests, file after file', [
    ...times(6, (i) => [bash(`npx prettier -w f${i}.ts`, `f${i}.ts`), bash('npm test', '12 passed')]),
  ]),
  healthy('five sub-agents begin with the same file', [
    together(...[1, 2, 3, 4, 5].map(() => read('CONTRIBUTING.md'))),
    ...times(5, (i) => read(`area${i}.ts`)),
    edit('a.ts', '1', '2'),
  ]),
  healthy('the same batch twice', [
    ...times(2, () => together(read('a.ts'), read('b.ts'), grep('x', '.', 'none'))),
    edit('a.ts', '1', '2'),
  ]),
  healthy('reads the rules before each of five files', [
    ...times(5, (i) => [read('RULES.md'), edit(`r${i}.ts`, 'a', 'b')]),
  ]),
  healthy('undo, redo, settle', [
    edit('a.ts', 'x', 'y'),
    edit('a.ts', 'y', 'x'),
    edit('a.ts', 'x', 'z'),
    bash('npm test', 'ok'),
  ]),
  healthy('snapshot update, look, update', [
    ...times(3, (i) => [
      bash('npm test -- -u', `${3 - i} snapshots updated`),
      bash('git diff --stat', `${3 - i} files`),
    ]),
  ]),
  healthy('npm ci on the third try', [
    ...times(3, () => fails('npm ci', 'npm error ECONNRESET')),
    bash('npm ci', 'added 812 packages'),
    bash('npm test', 'ok'),
  ]),
  healthy('asks the database until the row is there', [
    ...times(4, () => bash('sleep 5; psql -c "select count(*) from jobs"', '0')),
    bash('sleep 5; psql -c "select count(*) from jobs"', '1'),
    edit('a.sql', '1', '2'),
  ]),
  healthy('measures a flaky test ten times', [
    ...times(10, (i) =>
      i % 3 ? bash('npm test -- flaky', `ok ${i}`) : fails('npm test -- flaky', `not ok at step ${i}`),
    ),
    edit('a.ts', '1', '2'),
  ]),
  // not allowed
  healthy('refused once, another way', [
    fails('rm -rf dist', 'Permission to use Bash has been denied by the user.'),
    bash('npm run clean', ''),
    edit('a.ts', '1', '2'),
  ]),
  healthy('two refused at once, goes on with edits', [
    together(
      fails('npm test', "Claude requested permissions to use Bash, but you haven't granted it yet."),
      fails('npx tsc', "Claude requested permissions to use Bash, but you haven't granted it yet."),
    ),
    read('a.ts'),
    edit('a.ts', '1', '2'),
  ]),
  healthy('refused three times over an hour of work', [
    ...times(3, (i) => [
      fails(`curl x${i}`, 'The user rejected permission to use this specific tool call.'),
      read(`w${i}.ts`),
      edit(`w${i}.ts`, '1', '2'),
    ]),
  ]),
  healthy("the system's own refusals", [
    fails('mkdir /opt/x', "mkdir: cannot create directory '/opt/x': Permission denied"),
    fails('npm link', 'npm error EACCES: permission denied, symlink'),
    fails('touch /etc/x', "touch: cannot touch '/etc/x': Permission denied"),
    bash('mkdir -p tmp/x', ''),
    edit('a.ts', '1', '2'),
  ]),
  // words
  healthy('a table of equal rows', [
    edit('a.ts', '1', '2'),
    say(
      `Result:\n\n| test | state |\n| --- | --- |\n${'| unit | passed in less than a second, as before |\n'.repeat(30)}`,
    ),
  ]),
  healthy('a log in a fence', [
    edit('a.ts', '1', '2'),
    say(`It printed:\n${fence('2 workers idle, waiting for the next job in the queue', 40)}`),
  ]),
  healthy('a log in a fence, cut off before its end', [
    edit('a.ts', '1', '2'),
    say(
      `It printed:\n\`\`\`\n${'worker idle, waiting for the next job in the queue\n'.repeat(12)}\`\`\`\nThe workers are never woken.`,
    ),
  ]),
  healthy('a line of dashes', [edit('a.ts', '1', '2'), say(`Summary\n${'-'.repeat(400)}\n`)]),
  healthy('a long list that begins alike', [
    edit('a.ts', '1', '2'),
    say(
      [...Array(30).keys()].map((n) => `- Checked that the handler of route ${n} returns the right status`).join('\n'),
    ),
  ]),
  healthy('sentences that begin alike', [
    edit('a.ts', '1', '2'),
    say(
      [...Array(14).keys()]
        .map((n) => `The function number ${n} is called by the module ${n * 3} and returns ${n * n}.`)
        .join(' '),
    ),
  ]),
  healthy('a sentence four times, for emphasis', [
    edit('a.ts', '1', '2'),
    say('Do not change the public interface of the queue, ever. '.repeat(4)),
  ]),
  healthy('long prose', [
    say(
      [...Array(60).keys()]
        .map(
          (n) =>
            `Point ${n} of the analysis concerns ${['caching', 'retry', 'order', 'types'][n % 4]} in part ${n * 17}.`,
        )
        .join(' '),
    ),
    edit('a.ts', '1', '2'),
  ]),
  healthy('two remarks and a call, all day', [
    ...times(9, (i) => [say('Good.'), say('Now the next one.'), edit(`m${i}.ts`, 'a', 'b')]),
  ]),
  healthy('held back by a hook twice, then does it', [
    edit('a.ts', '1', '2'),
    say('Finished.'),
    say('The hook wants the tests to be run.'),
    bash('npm test', 'ok'),
  ]),
  healthy('answers its operator four times', [
    read('a.ts'),
    ...times(4, (i) => [operator(`question ${i}`), say(`Answer ${i}.`)]),
    edit('a.ts', '1', '2'),
  ]),
  // money
  healthy('dear, and each step shows something', [...times(18, (i) => [spend(12_000), read(`v${i}.ts`)])]),
  healthy('one thought of a tenth of the budget', [
    think('All of it, from the beginning.', 40_000),
    edit('a.ts', '1', '2'),
    bash('npm test', 'ok'),
  ]),
  healthy('a sweep by sub-agents', [
    ...times(6, (i) => [spend(30_000), call('Task', { prompt: `area ${i}` }, `finding ${i}`)]),
  ]),
  healthy('rests between bursts', [
    ...times(5, (i) => [edit(`n${i}.ts`, 'a', 'b'), silence(3), bash('npm test', `ok ${i}`)]),
  ]),
];
