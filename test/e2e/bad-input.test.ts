import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FIX, type Said, Stage } from './stage.ts';

const usage = { input: 100, cacheRead: 1000, cacheWrite: 200, output: 50 };
const fixes = { name: 'fix', scenario: { usage, passes: [[FIX, { done: 'Done.' }]] } };
const sleeps = { name: 'nap', scenario: { usage, passes: [[{ sleep: 60 }, { done: 'Done.' }]] } };

/** One line on stderr, with these words, no stack trace and no control character; and this exit code. */
function refused(said: Said, code: number, ...words: RegExp[]): void {
  assert.equal(said.code, code, said.stderr + said.stdout);
  assert.match(said.stderr, /^[^\n]+\n$/, 'one line');
  assert.doesNotMatch(said.stderr, /\n {4}at |node:internal|UnhandledPromise/);
  assert.doesNotMatch(said.stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  for (const word of words) assert.match(said.stderr, word);
}

/** Each of these, in any order, is refused with this code and these words. */
async function refuses(stage: Stage, cases: readonly (readonly [number, readonly string[], RegExp])[]): Promise<void> {
  await Promise.all(cases.map(async ([code, verb, words]) => refused(await stage.cli(...verb), code, words)));
}

const loopFile = (front: string): string => `---\n${front}\n---\nFix the answer.\n`;
const BODY = 'on: manual\ngoal: The answer is fixed.\ngates: [sh check.sh]';

test('broken loop files are named with line, key and what to write, and the loops beside them still run', async () => {
  await using stage = await Stage.set([fixes], {
    'loops/yaml.md': loopFile('name: yaml\non: [manual\ngoal: x'),
    'loops/open.md': '---\nname: open\non: manual\n',
    'loops/key.md': loopFile(`name: key\n${BODY}\nbugdet: { usd: 3 }`),
    'loops/engine.md': loopFile(`name: engine\n${BODY}\nagents: { maker: { engine: claud } }`),
    'loops/later.md': loopFile(`name: later\n${BODY}\nfan-out: { run: ls, key: a, merge: stack }`),
  });
  const checked = await stage.cli('check');
  assert.equal(checked.code, 2);
  assert.match(checked.stdout, /^loops\/fix.md: ok/m);
  for (const line of [
    /^loops\/yaml\.md:\d+: not valid YAML: /m,
    /^loops\/open\.md:\d+: .*---/m,
    /^loops\/key\.md:6: bugdet: unknown key \(did you mean budget\?\)$/m,
    /^loops\/engine\.md:6: agents\.maker\.engine: found "claud".*did you mean claude\?/m,
    /^loops\/later\.md:6: fan-out\.merge: found "stack", not in this version/m,
  ])
    assert.match(checked.stderr, line);
  refused(await stage.cli('run', 'yaml'), 2, /loops\/yaml\.md:\d+: not valid YAML/);
  refused(await stage.cli('run', 'key', '--wait'), 2, /did you mean budget/);
  refused(await stage.cli('run', 'engine'), 2, /did you mean claude/);
  refused(await stage.cli('run', 'later', '--json'), 2, /not in this version/);
  assert.equal((await stage.cli('run', 'fix', '--wait')).code, 0);
  assert.deepEqual(
    (await stage.ls()).map(({ id, state }) => `${id} ${state}`),
    ['fix-1 review'],
  );
});

test('a loop file that is broken while its run goes on does not disturb that run', async () => {
  const steps = [{ shell: 'until [ -e ../go ]; do sleep 0.1; done' }, FIX, { done: 'Done.' }];
  await using stage = await Stage.set([{ name: 'fix', scenario: { usage, passes: [[{ done: 'Hm.' }], steps] } }]);
  await stage.must('run', 'fix');
  const { worktree } = await stage.until('fix-1', (run) => run.pass === 2 && run.session !== null);
  await stage.write({ 'loops/fix.md': '---\nname: [fix\n' });
  refused(await stage.cli('run', 'fix'), 2, /loops\/fix\.md/);
  await writeFile(join(worktree ?? '', '..', 'go'), '');
  await stage.until('fix-1', (run) => run.state === 'review');
});

test('an engine that is not installed: exit 8, how to get it, and the record of the run stays', async () => {
  await using stage = await Stage.set([
    { name: 'real', front: { agents: { maker: { engine: 'claude', model: 'standard' } } } },
  ]);
  const bin = join(stage.folder, 'bin');
  await mkdir(bin);
  for (const tool of ['git', 'sh', 'node', 'setsid', 'mkdir', 'mv', 'mkfifo', 'cat'])
    await writeFile(
      join(bin, tool),
      `#!/bin/sh\nexec ${execFileSync('which', [tool], { encoding: 'utf8' }).trim()} "$@"\n`,
      {
        mode: 0o755,
      },
    );
  stage.env.PATH = bin;
  const said = await stage.cli('run', 'real', '--wait');
  refused(said, 8, /claude is not on the PATH/, /looptop doctor/);
  const doctor = await stage.cli('doctor');
  assert.match(doctor.stdout, /claude.*\n?.*(install|npm)/i);
  const [run] = await stage.ls();
  assert.equal(run?.state, 'failed:config');
  assert.match(run?.reason ?? '', /claude is not on the PATH/);
});

test('no repository, no commit, a bare one and the inside of .git are refused with what to do', async () => {
  await using stage = await Stage.set();
  const { root } = stage;
  await rm(root, { recursive: true });
  refused(await stage.cli('ls'), 2, /not in a git repository: cd into one, or `git init`/);
  await mkdir(root);
  const verbs = [['ls'], ['run', 'fix'], ['check'], ['trust', '--yes'], ['up', '--foreground']];
  const none = /not in a git repository: cd into one, or `git init`/;
  await refuses(
    stage,
    verbs.map((verb) => [2, verb, none]),
  );
  assert.ok(!existsSync(join(root, '.looptop')), 'nothing was left there');
  await stage.git('init', '--quiet');
  for (const verb of [['run', 'fix'], ['up'], ['up', '--foreground']])
    refused(await stage.cli(...verb), 2, /no commit yet.*git add \. && git commit/);
  await rm(root, { recursive: true });
  await stage.git('init');
  execFileSync('git', ['init', '--quiet', '--bare', root]);
  for (const verb of [['ls'], ['run', 'fix'], ['up', '--foreground']])
    refused(await stage.cli(...verb), 2, /bare repository/, /clone/);
});

test('a detached HEAD works and is shown as such', async () => {
  await using stage = await Stage.set([fixes]);
  await stage.git('checkout', '--quiet', '--detach');
  const head = (await stage.git('rev-parse', 'HEAD')).stdout;
  assert.equal((await stage.cli('run', 'fix', '--wait')).code, 0);
  const started = (await stage.events()).find(({ event }) => event.type === 'supervisor-started')?.event;
  assert.match(started?.type === 'supervisor-started' ? started.branch : '', /^\(detached [0-9a-f]{7}\)$/);
  assert.equal((await stage.git('rev-parse', 'HEAD')).stdout, head);
});

test('a second supervisor ends with the pid of the first, which goes on', async () => {
  await using stage = await Stage.set([sleeps]);
  await stage.must('run', 'nap');
  const pid = await stage.supervisorPid();
  const { pid: agent } = await stage.until('nap-1', (run) => run.pid !== null);
  refused(await stage.cli('up', '--foreground'), 2, new RegExp(`supervisor \\(pid ${pid}\\)`), /looptop down/);
  assert.equal(await stage.supervisorPid(), pid);
  assert.equal((await stage.ls())[0]?.pid, agent);
});

test('ten people look at once after the supervisor was killed: one new supervisor, the same agent', async () => {
  await using stage = await Stage.set([sleeps]);
  await stage.must('run', 'nap');
  const { pid: agent } = await stage.until('nap-1', (run) => run.pid !== null);
  process.kill(await stage.supervisorPid(), 'SIGKILL');
  const looks = await Promise.all(Array.from({ length: 10 }, () => stage.cli('ls', '--json')));
  for (const look of looks) {
    assert.equal(look.code, 0, look.stderr);
    assert.equal((JSON.parse(look.stdout) as { pid: number }[])[0]?.pid, agent);
  }
  // Those that lost the race for the lock need a moment to find out.
  const pid = await stage.supervisorPid();
  for (let tries = 0; (await supervisors(stage)).length > 1 && tries < 100; tries++) await sleep(100);
  assert.deepEqual(await supervisors(stage), [pid]);
  const starts = (await stage.events()).filter(({ event }) => event.type === 'supervisor-started');
  assert.equal(starts.length, 2, 'one before, one after');
});

/** Pids of living supervisors of this repository, from what /proc says. */
async function supervisors(stage: Stage): Promise<number[]> {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  const found: number[] = [];
  for (const line of lines.filter((each) => each.includes('up --foreground'))) {
    const pid = Number.parseInt(line, 10);
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.includes(stage.env.XDG_STATE_HOME ?? '-')) found.push(pid);
  }
  return found;
}

test('an untrusted loop runs nothing, and one changed byte takes the trust away', async () => {
  const front = {
    agents: { maker: { engine: 'shell', run: 'touch ../maker-ran; echo fixed > answer.txt' } },
    gates: [{ id: 'check', run: 'touch ../gate-ran; sh check.sh' }],
    isolation: { type: 'worktree', setup: 'touch ../setup-ran' },
  };
  await using stage = await Stage.set([{ name: 'fix', front }]);
  await stage.must('trust', '--revoke');
  refused(await stage.cli('run', 'fix', '--wait'), 7, /not trusted/, /looptop trust/);
  refused(await stage.cli('trust'), 7, /--yes/);
  assert.deepEqual(await stage.ls(), []);
  const worktrees = join(stage.folder, 'state', 'looptop', 'worktrees');
  assert.ok(!existsSync(worktrees), 'not even a worktree was made');
  await stage.must('trust', '--yes');
  const file = join(stage.root, 'loops', 'fix.md');
  await writeFile(file, `${await readFile(file, 'utf8')} `);
  refused(await stage.cli('run', 'fix'), 7, /not trusted/);
  await stage.must('trust', '--yes');
  assert.equal((await stage.cli('run', 'fix', '--wait')).code, 0, 'and setup, maker and gate run once it is trusted');
  const [run] = await stage.ls();
  for (const mark of ['setup-ran', 'maker-ran', 'gate-ran'])
    assert.ok(existsSync(join(run?.worktree ?? '', '..', mark)), mark);
});

test('what a repository’s own configuration wants to execute is not executed', async () => {
  await using stage = await Stage.set([fixes]);
  const mark = join(stage.folder, 'owned');
  const evil = join(stage.root, '.git', 'evil');
  await writeFile(evil, `#!/bin/sh\necho "$0 $*" >> ${mark}\n`);
  await chmod(evil, 0o755);
  const hooks = join(stage.root, '.git', 'evil-hooks');
  await mkdir(hooks);
  for (const hook of [
    'post-checkout',
    'pre-commit',
    'post-commit',
    'reference-transaction',
    'post-index-change',
    'commit-msg',
  ])
    await writeFile(join(hooks, hook), await readFile(evil, 'utf8'), { mode: 0o755 });
  await stage.git('config', 'core.fsmonitor', evil);
  await stage.git('config', 'core.hooksPath', hooks);
  await stage.git('config', 'core.pager', evil);
  await stage.git('config', 'core.editor', evil);
  await stage.git('config', 'diff.external', evil);
  await stage.git('config', 'gpg.program', evil);
  await stage.git('config', 'commit.gpgSign', 'true');
  await rm(mark, { force: true });
  await stage.git('status');
  assert.ok(existsSync(mark), 'git itself would');
  await rm(mark);
  await stage.must('ls');
  await stage.must('status');
  assert.equal((await stage.cli('run', 'fix', '--wait')).code, 0);
  await stage.must('diff', 'fix-1');
  await stage.must('show', 'fix-1');
  assert.equal(await readFile(mark, 'utf8').catch(() => 'nothing'), 'nothing');
});

const ESCAPE = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e';

test('hostile text in a loop’s goal, file name and output, and in arguments, prints as nothing but text', async () => {
  const hostile = { name: 'fix', front: { goal: `The answer ${ESCAPE} is fixed.`, description: ESCAPE } };
  const say = { passes: [[{ say: `hello ${ESCAPE} world` }, FIX, { done: `Done ${ESCAPE}.` }]] };
  await using stage = await Stage.set([{ ...hostile, scenario: say }], {
    'loops/bad\u001b]0;owned\u0007.md': loopFile(`name: x\n${BODY}`),
    'loops/key.md': loopFile(`name: key\n${BODY}\n"k\\e]0;owned\\a": 1`),
  });
  const said = [
    await stage.cli('check'),
    await stage.cli('run', 'fix', '--wait'),
    await stage.cli('run', `no${ESCAPE}`),
    await stage.cli('run', 'key'),
    await stage.cli('show', `no${ESCAPE}`),
    await stage.cli('ls', '--all'),
    await stage.cli('show', 'fix-1'),
    await stage.cli('log', 'fix-1'),
    await stage.cli('status'),
    await stage.cli('trust'),
    await stage.cli('--plain'),
  ];
  for (const [at, { stdout, stderr }] of said.entries()) {
    assert.doesNotMatch(
      stdout + stderr,
      /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/,
      `number ${at}: ${JSON.stringify(stdout + stderr)}`,
    );
  }
});

test('names that are not there, names that mean several, and values that are none', async () => {
  await using stage = await Stage.set([{ ...sleeps, front: { concurrency: { max: 2 } } }]);
  await refuses(stage, [
    [2, ['frobnicate'], /unknown command 'frobnicate'.*--help/],
    [2, ['--frobnicate'], /unknown option.*--help/],
    [2, ['freeze'], /name a run.*--all/],
    [2, ['run', 'nap', '--item', '{'], /not JSON/],
    [2, ['note', 'nap', 'hello'], /nothing has run.*looptop run/],
  ]);
  await stage.must('run', 'nap');
  await stage.must('run', 'nap');
  await stage.until('nap-2', (run) => run.pid !== null);
  const verbs = [['show'], ['freeze'], ['log'], ['diff'], ['escalate'], ['stop', '--yes'], ['kill', '--yes']];
  await refuses(stage, [
    ...verbs.map((verb) => [2, [...verb, 'nap'], /nap has 2 open runs: name one of nap-1, nap-2/] as const),
    ...verbs.slice(0, 2).map((verb) => [2, [...verb, 'nap-9'], /no run nap-9: see looptop ls/] as const),
    [2, ['run', 'frob'], /no loop frob: there is nap/],
    [2, ['run', 'nap', '--set', 'budget.usd=lots'], /not understood: keys are/],
    [2, ['note', 'nap-1', '  '], /empty/],
    [2, ['note', 'nap-1'], /missing required argument 'text'/],
    [2, ['budget', 'nap-1'], /--tokens, --usd, --wall or --passes/],
    [2, ['budget', 'nap-1', '--tokens', 'lots'], /--tokens lots is no amount: write \+200k/],
    [2, ['budget', 'nap-1', '--usd=-3'], /--usd -3 is no amount: write \+2/],
    [2, ['budget', 'nap-1', '--passes', '+1.5'], /--passes \+1\.5 is no number: write \+2/],
    [2, ['rule', 'retire', 'r999'], /no active rule r999/],
  ]);
  assert.deepEqual(
    (await stage.ls()).map(({ id, state }) => `${id} ${state}`),
    ['nap-1 making', 'nap-2 making'],
    'nothing of that touched the runs',
  );
});

test('escalating from the top rung is refused with the way out', async () => {
  const front = { agents: { maker: { engine: 'scripted', scenario: 'scenarios/nap.yaml', model: 'strong' } } };
  await using stage = await Stage.set([{ ...sleeps, front }]);
  await stage.must('run', 'nap');
  await stage.until('nap-1', (run) => run.pid !== null);
  refused(await stage.cli('escalate', 'nap-1'), 1, /strongest rung \(strong\): name a model with --to/);
  assert.equal((await stage.ls())[0]?.state, 'making');
});
