import assert from 'node:assert/strict';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { described, FIX, marked, Stage } from './stage.ts';

const usage = { input: 100, cacheRead: 0, cacheWrite: 0, output: 50 };
const quick = { usage, passes: [[FIX, { done: 'Done.' }]] };
const endless = { usage, passes: [[{ sleep: 300 }]] };

async function eventually<T>(
  look: () => Promise<T | null | undefined | false>,
  what: string,
  limitMs = 40_000,
): Promise<T> {
  for (const deadline = performance.now() + limitMs; performance.now() < deadline; await sleep(150)) {
    const found = await look();
    if (found) return found;
  }
  return assert.fail(`it never came: ${what}`);
}

const fired = async (stage: Stage, loop: string) =>
  (await stage.events()).flatMap(({ event }) => (event.type === 'fired' && event.loop === loop ? [event] : []));
const skips = async (stage: Stage, loop: string) =>
  (await stage.events()).flatMap(({ event }) => (event.type === 'skipped' && event.loop === loop ? [event.why] : []));
const queued = async (stage: Stage, loop: string) =>
  (await stage.events()).flatMap(({ event }) => (event.type === 'run-queued' && event.loop === loop ? [event] : []));
const hasSkipped = (stage: Stage, loop: string, why: RegExp) =>
  eventually(async () => (await skips(stage, loop)).find((said) => why.test(said)), `${loop} skipped because ${why}`);
/** Processes of heartbeats carry a mark that begins so, and their loop's name. */
const listeners = async (loop: string, tag: string) => {
  const pids = await marked('beat-');
  const words = await Promise.all(
    pids.map(async (pid) => ({ pid, env: await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '') })),
  );
  return words
    .filter(({ env }) => env.includes(`LOOPTOP_LOOP=${loop}`) && env.includes(`TAG=${tag}`))
    .map(({ pid }) => pid);
};

test('the clock starts a loop again and again, skip-if holds one back, and another comes after each success', async () => {
  await using stage = await Stage.set(
    [
      { name: 'tick', front: { on: { every: '3s' } }, scenario: quick },
      {
        name: 'held',
        front: { on: { every: '1s', 'skip-if': 'test -f PAUSE && test "$LOOPTOP_LOOP" = held' } },
        scenario: quick,
      },
      { name: 'odd', front: { on: { every: '1s', 'skip-if': 'no-such-command' } }, scenario: quick },
      { name: 'report', front: { on: { after: { loop: 'tick' } } }, scenario: quick },
      { name: 'off', front: { on: 'every 1s', enabled: false }, scenario: quick },
    ],
    { PAUSE: '' },
  );
  await stage.must('up');
  await stage.until('tick-2', (run) => run.state === 'review');
  await stage.until('report-2', (run) => run.state === 'review');
  await hasSkipped(stage, 'held', /skip-if says so/);
  await hasSkipped(stage, 'odd', /skip-if could not run \(exit 127\)/);
  const ls = await stage.must('ls');
  assert.match(ls, /^held +.* idle .*next (in \d+s|now), every 1s; skipped .* ago: skip-if says so/m);
  assert.match(ls, /^off +.* off +switched off \(enabled: false\)/m);
  const status = JSON.parse(await stage.must('status', '--json')) as { next: { loop: string } };
  assert.ok(['tick', 'held', 'odd'].includes(status.next.loop));
  assert.deepEqual(await queued(stage, 'held'), []);
  await rm(join(stage.root, 'PAUSE'));
  await stage.until('held-1', (run) => run.state === 'review');

  const [first, second] = await queued(stage, 'report');
  assert.deepEqual([first?.firing, second?.firing], ['after:tick-1', 'after:tick-2']);
  assert.match(JSON.stringify(first?.item), /"loop":"tick","run":"tick-1","outcome":"success"/);
  const keys = (await fired(stage, 'tick')).map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
  assert.deepEqual(await queued(stage, 'off'), []);
  // What is said of a loop is said of what its file says: a change that nobody has trusted stops it.
  const file = join(stage.root, 'loops', 'tick.md');
  await writeFile(file, `${await readFile(file, 'utf8')}More.\n`);
  await eventually(async () => /not trusted/.test(await stage.must('ls')), 'the changed loop is off');
  const before = (await fired(stage, 'tick')).length;
  await sleep(3500);
  assert.equal((await fired(stage, 'tick')).length, before);
});

test('a busy loop skips, queues one or replaces, as its file says', async () => {
  await using stage = await Stage.set([
    { name: 'skips', front: { on: { every: '2s' } }, scenario: endless },
    { name: 'queues', front: { on: { every: '2s' }, concurrency: { 'when-busy': 'queue' } }, scenario: endless },
    { name: 'replaces', front: { on: { every: '6s' }, concurrency: { 'when-busy': 'replace' } }, scenario: endless },
  ]);
  await stage.must('up');
  await hasSkipped(stage, 'skips', /skips-1 is not done/);
  await hasSkipped(stage, 'queues', /queues-2 waits already/);
  await stage.until('replaces-1', (run) => run.state === 'killed');
  await stage.until('replaces-2', (run) => run.pid !== null || run.state === 'killed');
  const runs = await stage.ls();
  const states = (loop: string) =>
    runs
      .filter(({ id }) => id.startsWith(`${loop}-`))
      .map(({ id, state }) => `${id} ${state}`)
      .sort();
  assert.deepEqual(states('skips'), ['skips-1 making']);
  assert.deepEqual(states('queues'), ['queues-1 making', 'queues-2 queued']);
  const mark = (await queued(stage, 'replaces'))[0]?.nonce ?? '';
  assert.deepEqual(await described(await marked(mark)), [], 'nothing of the replaced run is alive');
});

test('changed files set a loop off once they have come to rest; those in other places do not', async () => {
  await using stage = await Stage.set(
    [
      {
        name: 'site',
        front: { on: { watch: { paths: ['site/**/*.{html,css}', '!site/out/**'], debounce: '500ms' } } },
        scenario: quick,
      },
    ],
    { 'site/index.html': 'a', 'site/out/index.html': 'a', 'site/node_modules/x.css': '' },
  );
  await stage.must('up');
  assert.match(await stage.must('ls'), /waits, changes of site/);
  await sleep(1500);
  await writeFile(join(stage.root, 'site/out/index.html'), 'b');
  await writeFile(join(stage.root, 'site/node_modules/x.css'), 'b');
  await writeFile(join(stage.root, 'site/readme.md'), 'b');
  await mkdir(join(stage.root, 'site/new/deep'), { recursive: true });
  for (let n = 0; n < 5; n++) {
    await writeFile(join(stage.root, `site/new/deep/${n}.css`), 'x');
    await sleep(100);
  }
  await stage.until('site-1', (run) => run.state === 'review');
  const [first, ...more] = await fired(stage, 'site');
  assert.deepEqual(more, []);
  assert.deepEqual(first?.item, { changed: [0, 1, 2, 3, 4].map((n) => `site/new/deep/${n}.css`), more: 0 });
});

test('each line of the event command is an event, and the command is gone with its supervisor, its loop and every change', async () => {
  const tag = `t${process.pid}`;
  const command = `export TAG=${tag}; touch feed; (sleep 997 & wait) & exec tail -n 0 -F feed`;
  await using stage = await Stage.set(
    [
      {
        name: 'ci',
        front: { on: { event: { run: command, match: 'failure' } }, concurrency: { max: 3, 'when-busy': 'queue' } },
        scenario: quick,
      },
      { name: 'broken', front: { on: { event: { run: 'echo cannot reach it >&2; exit 3' } } }, scenario: quick },
    ],
    { '.gitignore': 'feed\n' },
  );
  const first = await stage.supervisorPid();
  const feed = join(stage.root, 'feed');
  const say = (line: string) => appendFile(feed, `${line}\n`);
  const alive = () => listeners('ci', tag);
  await eventually(
    async () => (await alive()).length >= 2 && (await readFile(feed).catch(() => null)),
    'the command runs',
  );
  await sleep(500);
  await say('{"conclusion":"success"}');
  await say('{"conclusion":"failure","branch":"wip","line":"mine"}');
  await say(`failure \u001b[31mred\u001b[0m ${'x'.repeat(20_000)}`);
  await stage.until('ci-2', (run) => run.state === 'review');
  const [one, two] = (await queued(stage, 'ci')).map(({ item }) => item as { line: string; branch?: string });
  assert.deepEqual(one, {
    conclusion: 'failure',
    branch: 'wip',
    line: '{"conclusion":"failure","branch":"wip","line":"mine"}',
  });
  assert.ok(two?.line.startsWith('failure red x') && two.line.length <= 8192, 'bounded, and text only');
  const prompt = await readFile(join(stage.root, '.looptop/runs/ci-1/1-maker/prompt.md'), 'utf8');
  assert.match(prompt, /data from other people/);
  assert.doesNotMatch(prompt, /wip/);
  assert.match(await readFile(join(stage.root, '.looptop/runs/ci-1/item.json'), 'utf8'), /"branch": "wip"/);
  await eventually(
    async () => /its event command ends again and again \(exit 3\): cannot reach it/.test(await stage.must('ls')),
    'the trouble is shown',
  );

  // A killed supervisor leaves it behind; the next one ends it and starts another.
  const left = await alive();
  process.kill(first, 'SIGKILL');
  await sleep(300);
  assert.deepEqual(await alive(), left, 'it outlives the supervisor');
  assert.notEqual(await stage.supervisorPid(), first);
  await eventually(
    async () => (await alive()).length >= 2 && (await alive()).every((pid) => !left.includes(pid)),
    'another one runs',
  );
  await sleep(500);
  await say('failure again');
  await stage.until('ci-3', (run) => run.state === 'review');
  // A supervisor that finds the loop gone ends it as well.
  process.kill(await stage.supervisorPid(), 'SIGKILL');
  const loop = join(stage.root, 'loops', 'ci.md');
  const text = await readFile(loop, 'utf8');
  await rm(loop);
  await stage.must('up');
  await eventually(async () => (await alive()).length === 0, 'the command of a loop that is gone is ended');
  await writeFile(loop, text);
  await eventually(async () => (await alive()).length >= 2, 'the loop is back');
  await stage.must('down', '--yes');
  assert.deepEqual(await described(await alive()), []);
});

test('supervisors that are killed at any moment make no firing twice and no two runs of one', async () => {
  await using stage = await Stage.set([
    // The check takes a while, so that most deaths are between the firing and its run.
    { name: 'tick', front: { on: { every: '1s', 'skip-if': 'sleep 0.6; exit 1' } }, scenario: quick },
    { name: 'report', front: { on: { after: { loop: 'tick' } } }, scenario: quick },
  ]);
  for (const ms of [2300, 1700, 2900, 1100, 2000]) {
    const pid = await stage.supervisorPid();
    await sleep(ms);
    process.kill(pid, 'SIGKILL');
  }
  await stage.supervisorPid();
  await stage.until('report-2', (run) => run.state === 'review');
  for (const loop of ['tick', 'report']) {
    const keys = (await fired(stage, loop)).map(({ key }) => key);
    const firings = (await queued(stage, loop)).map(({ firing }) => firing ?? '');
    assert.ok(keys.length >= 2 && firings.length >= 2);
    assert.equal(new Set(keys).size, keys.length, `${loop} fired twice`);
    assert.equal(new Set(firings).size, firings.length, `two runs of one firing of ${loop}`);
    assert.deepEqual(
      firings.filter((firing) => !keys.includes(firing)),
      [],
    );
  }
});
