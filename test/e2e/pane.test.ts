/** The pane as a person uses it, in a real terminal. Each test is a story. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FIX, LAUNCHER, Stage } from './stage.ts';
import { hasTmux, type Screen, Tmux } from './tmux.ts';

const usage = { input: 100, cacheRead: 1000, cacheWrite: 200, output: 50 };
const options = { skip: hasTmux ? false : 'tmux is not installed' };

/** Works slowly and in vain, until the strong model takes over. */
const slow = {
  usage,
  passes: [
    [
      ...Array.from({ length: 300 }, (_, n) => ({ say: `step ${n + 1}`, unless: { model: 'strong' } })).flatMap(
        (step) => [step, { sleep: 0.2, unless: { model: 'strong' } }],
      ),
      { shell: 'setsid sleep 300 & sleep 60', when: { model: 'strong' } },
      { done: 'Done.' },
    ],
  ],
};
const eager = {
  usage,
  passes: [
    [{ say: 'I think it is done.' }, { done: 'Done!' }],
    [{ sleep: 30 }, FIX, { done: 'Done.' }],
  ],
};

function openPane(tmux: Tmux, stage: Stage, size: { columns?: number; rows?: number } = {}): Screen {
  const env = { ...stage.env, CI: 'false', LANG: 'C.UTF-8' };
  return tmux.open(`${process.execPath} ${LAUNCHER}`, { cwd: stage.root, env, ...size });
}

test(
  'start, freeze, resume, escalate, rule, kill, quit: and the runs live on, seen by a second pane',
  options,
  async () => {
    await using stage = await Stage.set([
      { name: 'eager', scenario: eager },
      { name: 'slow', scenario: slow },
    ]);
    using tmux = new Tmux();
    const pane = openPane(tmux, stage);

    // An empty fleet says what to do next.
    await pane.shows(/s start/);
    pane.press('s');
    await pane.shows(/Start a loop/);
    pane.press('j', 'Enter');
    await pane.shows(/slow-1/);
    await pane.shows(/step \d/);

    // Freeze: the words on the screen stand still.
    pane.press('p');
    await pane.shows(/slow-1 frozen/);
    await sleep(500);
    const frozen = [...pane.text().matchAll(/step \d+/g)].at(-1)?.[0];
    await sleep(800);
    assert.equal([...pane.text().matchAll(/step \d+/g)].at(-1)?.[0], frozen);
    pane.press('p');
    await pane.shows((text) => /slow-1 making/.test(text) && [...text.matchAll(/step \d+/g)].at(-1)?.[0] !== frozen);

    // Escalate with a note.
    pane.press('e');
    await pane.shows(/strong \(scripted\)/);
    pane.press('Tab');
    pane.type('look at the clock');
    pane.press('Enter');
    await pane.shows(/scripted-strong/);
    await pane.shows(/look at the clock/);

    // A second pane shows the same.
    const second = openPane(tmux, stage, { columns: 100, rows: 30 });
    await second.shows(/slow-1 making/);

    // The other loop fails once; its failure becomes a rule.
    pane.press('s');
    await pane.shows(/Start a loop/);
    pane.press('Enter');
    await pane.shows(/eager-1/);
    await second.shows(/eager-1/);
    await pane.shows(/check ✗/);
    pane.press('/');
    pane.type('eager');
    pane.press('Enter');
    await pane.shows((text) => !text.includes('slow-1 making'));
    pane.press('r');
    await pane.shows(/the answer is broken/);
    pane.press('Enter');
    await pane.shows(/r001/);
    assert.match(await readFile(join(stage.root, 'RULES.md'), 'utf8'), /- r001 /);
    pane.press('Escape');

    // Kill asks, and No is the default.
    await pane.shows(/slow-1/);
    pane.press('/');
    pane.type('slow');
    pane.press('Enter');
    await pane.shows((text) => !/[╭┏] [^\n]*eager-1/.test(text));
    pane.press('X');
    await pane.shows(/Kill slow-1/);
    pane.press('Enter');
    await pane.shows((text) => !text.includes('Kill slow-1'));
    assert.equal((await stage.ls()).find((run) => run.id === 'slow-1')?.state, 'making');
    pane.press('X');
    await pane.shows(/Kill slow-1/);
    pane.press('y');
    await stage.until('slow-1', (run) => run.state === 'killed');
    await pane.shows(/killed/);

    // Leaving leaves the loops running, and the second pane too.
    pane.press('Escape');
    // Escape and a letter at once would be Alt and that letter.
    await pane.shows(/eager-1/);
    pane.press('q');
    for (let tries = 0; pane.exit() === null && tries < 100; tries++) await sleep(50);
    assert.equal(pane.exit(), 0);
    assert.equal((await stage.ls()).find((run) => run.id === 'eager-1')?.state, 'making');
    await second.shows(/eager-1/);
    second.press('C-c');
    await second.shows(/again/i);
    second.press('C-c');
    for (let tries = 0; second.exit() === null && tries < 100; tries++) await sleep(50);
    assert.equal(second.exit(), 0);
  },
);

test('the pane fits any terminal, also one of 20x5, and comes back', options, async () => {
  await using stage = await Stage.set([{ name: 'slow', scenario: slow }]);
  using tmux = new Tmux();
  const pane = openPane(tmux, stage);
  await stage.must('run', 'slow');
  await pane.shows(/slow-1 making/);
  pane.resize(20, 5);
  await pane.shows(/too small/);
  pane.resize(60, 20);
  await pane.shows(/slow-1/);
  pane.resize(160, 45);
  await pane.shows(/slow-1 making/);
  pane.press('q');
  assert.equal(await pane.ends(), 0);
});

test('when the supervisor is killed the pane says so, and finds the next one by itself', options, async () => {
  await using stage = await Stage.set([{ name: 'slow', scenario: slow }]);
  using tmux = new Tmux();
  const pane = openPane(tmux, stage);
  await stage.must('run', 'slow');
  await pane.shows(/slow-1 making/);
  process.kill(await stage.supervisorPid(), 'SIGKILL');
  await pane.shows(/reconnect|supervisor/i);
  const working = await stage.until('slow-1', (run) => run.state === 'making');
  assert.ok(working.pid);
  const before = [...pane.text().matchAll(/step \d+/g)].at(-1)?.[0];
  await pane.shows((text) => /slow-1 making/.test(text) && [...text.matchAll(/step \d+/g)].at(-1)?.[0] !== before);
});

test('without a terminal the pane is plain lines, one a change', options, async () => {
  await using stage = await Stage.set([{ name: 'eager', scenario: { usage, passes: [[FIX, { done: 'Done.' }]] } }]);
  const pane = stage.spawn();
  let said = '';
  pane.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise((resolve) => pane.once('exit', resolve));
  try {
    for (let tries = 0; said === '' && tries < 200; tries++) await sleep(50);
    await stage.must('run', 'eager', '--wait');
    for (let tries = 0; !said.includes('committed') && tries < 100; tries++) await sleep(50);
  } finally {
    pane.kill('SIGINT');
    await ended;
  }
  assert.match(said, /^\d\d:\d\d:\d\d eager-1 queued/m);
  assert.match(said, /eager-1 green/);
  assert.ok(!said.includes('\x1b'), 'no escape sequence');
});
