import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { FIX, LAUNCHER, marked, type Said, Stage } from './stage.ts';

const usage = { input: 100, cacheRead: 1000, cacheWrite: 200, output: 50 };
const fixes = { name: 'fix', scenario: { usage, passes: [[FIX, { done: 'Done.' }]] } };

/** Null where this user may mount a file system of their own in a private namespace; else why not. */
const cannotMount =
  spawnSync('unshare', ['-rm', 'true'], { timeout: 5000 }).status === 0
    ? null
    : 'no private mount namespace (unshare -rm) here';

/** `sh -c script` with these arguments in a mount namespace of its own. */
function inNamespace(script: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<Said> {
  return new Promise((done) => {
    const options = { env, cwd, timeout: 90_000, maxBuffer: 64 * 1024 * 1024 };
    execFile('unshare', ['-rm', 'sh', '-c', script, 'sh', ...args], options, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : null, stdout, stderr });
    });
  });
}

test('a disk that fills up stands the runs still and, freed, lets them go on to green with nothing lost', async (t) => {
  if (cannotMount) return t.skip(cannotMount);
  const folder = await mkdtemp(join(tmpdir(), 'looptop-disk-'));
  try {
    const script = 'mount -t tmpfs -o size=24m none "$1" && TMPDIR=$1 exec "$2" --import tsx "$3"';
    const scene = resolve('test/fixtures/full-disk-scene.ts');
    const said = await inNamespace(script, [folder, process.execPath, scene], process.env, process.cwd());
    assert.equal(said.code, 0, said.stderr);
    const told = JSON.parse(said.stdout);
    assert.equal(told.saysFull, true, 'disk-full is journaled');
    assert.equal(told.freezes, true, 'the agent is frozen');
    assert.equal(told.standsStill, true, 'and starts nothing any more');
    assert.deepEqual(told.ls, {
      code: 0,
      stderr: 'looptop: the disk is full: everything stands still until there is room again\n',
    });
    assert.match(told.status, /disk full/);
    assert.deepEqual(told.run, { code: 1, stderr: 'looptop: The disk is full: free some space, then try again.\n' });
    assert.deepEqual(told.budget, { code: 0, stderr: '' }, 'a command is still acknowledged');
    assert.equal(told.supervisorLives, true);
    assert.equal(told.freedTooEarly, 0, 'it is not called free before it is');
    assert.equal(told.saysFreed, true);
    assert.deepEqual(told.done, { pass: 1 });
    assert.equal(told.agents, 1, 'the silent agent goes on as the same process');
    assert.deepEqual(told.story, ['disk-full', 'agent-frozen', 'disk-freed', 'agent-thawed']);
    assert.equal(told.chat, 1, 'one that could not write its output is started again, in the same pass');
    assert.equal(told.sameSupervisor, true);
    assert.deepEqual([told.damage, told.gaps], [[], 0], 'the journal is whole');
    assert.equal(told.raises, 2, 'what was acknowledged before and meanwhile is in it');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a read-only .looptop is refused with words and exit 1', async (t) => {
  if (cannotMount) return t.skip(cannotMount);
  await using stage = await Stage.set([fixes]);
  const script = 'mkdir -p .looptop && mount -t tmpfs -o ro none .looptop && shift && exec "$@"';
  for (const verb of [
    ['run', 'fix'],
    ['up', '--foreground'],
  ]) {
    const said = await inNamespace(script, ['', process.execPath, LAUNCHER, ...verb], stage.env, stage.root);
    assert.equal(said.code, 1, said.stderr + said.stdout);
    assert.match(
      said.stderr,
      /^looptop: cannot write into \S+\.looptop, .*: the file system is read-only; make it [^\n]*\n$/,
    );
  }
  const above = 'mount --bind . . && mount -o remount,ro,bind . && cd "$1" && shift && exec "$@"';
  await rm(join(stage.root, '.looptop'), { recursive: true });
  const said = await inNamespace(above, [stage.root, process.execPath, LAUNCHER, 'run', 'fix'], stage.env, stage.root);
  assert.equal(said.code, 1, said.stderr + said.stdout);
  assert.match(said.stderr, /^looptop: cannot write into [^\n]*read-only[^\n]*\n$/);
});

const journalOf = (stage: Stage): string => join(stage.root, '.looptop', 'journal', '000001.jsonl');

/** One finished run in the journal and nobody who has it open. */
async function finished(): Promise<Stage> {
  const stage = await Stage.set([fixes]);
  assert.equal((await stage.cli('run', 'fix', '--wait')).code, 0);
  await stage.must('down', '--yes');
  return stage;
}

test('a journal of a newer version is refused with words and left as it is', async () => {
  await using stage = await finished();
  const file = journalOf(stage);
  const [, ...records] = (await readFile(file, 'utf8')).split('\n');
  const header = '{"schema":99';
  const text = [`${header},"crc":"${crc32(header).toString(16).padStart(8, '0')}"}`, ...records].join('\n');
  await writeFile(file, text);
  for (const verb of [['ls'], ['run', 'fix'], ['up', '--foreground']]) {
    const said = await stage.cli(...verb);
    assert.equal(said.code, 1, said.stderr);
    assert.match(
      said.stderr,
      /^looptop: .*schema 99, .* reads schema 1: use the version that wrote it, or move [^\n]*\n$/,
    );
  }
  assert.equal(await readFile(file, 'utf8'), text);
  await rm(file);
});

test('garbage in the middle of the journal is reported and put aside, and the runs before it are known', async () => {
  await using stage = await finished();
  const second = await stage.cli('run', 'fix', '--wait');
  assert.equal(second.code, 0, second.stderr);
  await stage.must('down', '--yes');
  const file = journalOf(stage);
  const lines = (await readFile(file, 'utf8')).split('\n');
  const at = lines.findIndex((line) => line.includes('"run-queued"') && line.includes('"fix-2"'));
  assert.ok(at > 0);
  lines[at] = '\u0000 not a record { at all';
  await writeFile(file, lines.join('\n'));
  assert.deepEqual(
    (await stage.ls()).map(({ id, state }) => `${id} ${state}`),
    ['fix-1 review'],
  );
  assert.match(await stage.log(), /000001\.jsonl, byte \d+: damaged; .*moved to .*000001\.damaged/);
  assert.match(await readFile(file.replace('.jsonl', '.damaged'), 'utf8'), /fix-2/, 'nothing is thrown away');
  const again = await stage.cli('run', 'fix', '--wait');
  assert.equal(again.code, 0, again.stderr);
});

test('a worktree deleted under a running agent ends the run with words, and nothing is tried for ever', async () => {
  const steps = [{ shell: 'until [ ! -e check.sh ]; do sleep 0.1; done; sleep 0.5' }, { done: 'Done.' }];
  await using stage = await Stage.set([{ name: 'fix', scenario: { usage, passes: [steps] } }]);
  await stage.must('run', 'fix');
  const { worktree, pid } = await stage.until('fix-1', (run) => run.session !== null && run.pid !== null);
  await rm(worktree ?? '', { recursive: true });
  const ended = await stage.until('fix-1', (run) => !/making|gating/.test(run.state), 20_000);
  assert.equal(ended.state, 'failed:infra', ended.reason);
  assert.match(ended.reason, /worktree \S+ was deleted.*looptop run fix/);
  assert.throws(() => process.kill(pid ?? 0, 0), 'its agent is gone');
  await isQuiet(stage, await stage.supervisorPid());
});

test('.looptop deleted under a supervisor: it ends its agents and itself, and one can begin anew', async () => {
  const steps = [{ shell: 'setsid sleep 300 & sleep 300' }, { done: 'Done.' }];
  await using stage = await Stage.set([{ name: 'nap', scenario: { usage, passes: [steps] } }, fixes]);
  const waiting = stage.cli('run', 'nap', '--wait');
  for (let tries = 0; (await stage.ls()).length === 0 && tries < 100; tries++) await sleep(100);
  await stage.until('nap-1', (run) => run.session !== null);
  const pid = await stage.supervisorPid();
  const queued = (await stage.events()).find(({ event }) => event.type === 'run-queued')?.event;
  const mark = queued?.type === 'run-queued' ? queued.nonce : '';
  await rm(join(stage.root, '.looptop'), { recursive: true });
  const said = await waiting;
  assert.equal(said.code, 1);
  assert.match(
    said.stderr,
    /^looptop: the supervisor has gone \(\S+\.looptop was deleted while its supervisor ran: [^\n]*\n$/,
  );
  for (let tries = 0; isThere(pid) && tries < 100; tries++) await sleep(100);
  assert.ok(!isThere(pid), 'the supervisor has ended');
  assert.deepEqual(await marked(mark), [], 'and nobody spends unwatched');
  assert.equal((await stage.cli('run', 'fix', '--wait')).code, 0);
  assert.deepEqual(
    (await stage.ls()).map(({ id, state }) => `${id} ${state}`),
    ['fix-1 review'],
  );
  await isQuiet(stage, await stage.supervisorPid());
});

const isThere = (pid: number): boolean => existsSync(`/proc/${pid}`);

/** In two seconds it uses hardly any CPU and logs nothing. */
async function isQuiet(stage: Stage, pid: number): Promise<void> {
  const log = join(stage.root, '.looptop', 'supervisor.log');
  const [ticks, bytes] = [await cpuTicks(pid), (await stat(log)).size];
  assert.ok(bytes < 10_000, `a log of ${bytes} bytes`);
  await sleep(2000);
  assert.equal((await stat(log)).size, bytes, await stage.log());
  const used = (await cpuTicks(pid)) - ticks;
  assert.ok(used < 40, `${used} ticks of CPU in two seconds`);
}

/** User and system time, in hundredths of a second. */
async function cpuTicks(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
