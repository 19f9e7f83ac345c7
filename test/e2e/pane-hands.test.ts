/** What the operator does with the pane beside its keys for runs: names things, copies, goes into a run, sets keys; in a real terminal. */
import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { FIX, LAUNCHER, Stage } from './stage.ts';
import { hasTmux, type Screen, Tmux } from './tmux.ts';

const usage = { input: 100, cacheRead: 1000, cacheWrite: 200, output: 50 };
/** Words without deeds are all that is wanted of it. */
const TALKATIVE = { monologue: 'off', chant: 'off' };
const options = { skip: hasTmux ? false : 'tmux is not installed' };

const slow = {
  usage,
  passes: [
    [...Array.from({ length: 300 }, (_, n) => ({ say: `step ${n + 1}` })).flatMap((step) => [step, { sleep: 0.2 }])],
  ],
};

const SLOW = { name: 'slow', front: { stuck: TALKATIVE }, scenario: slow };

function openPane(tmux: Tmux, stage: Stage): Screen {
  const env = { ...stage.env, CI: 'false', LANG: 'C.UTF-8' };
  return tmux.open(`${process.execPath} ${LAUNCHER}`, { cwd: stage.root, env });
}

/** The operator's settings of this stage. */
async function configure(stage: Stage, config: unknown): Promise<void> {
  const file = join(stage.folder, 'config', 'looptop', 'config.json');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(config));
}

test('the palette runs a loop and freezes a run by name, and remembers; y copies through tmux', options, async () => {
  await using stage = await Stage.set([SLOW]);
  using tmux = new Tmux();
  const pane = openPane(tmux, stage);
  await pane.shows(/s start/);
  tmux.run(['set-option', '-s', 'set-clipboard', 'on']);
  pane.press(':');
  await pane.shows(/complete/);
  pane.type('run sl');
  await pane.shows(/▶ run slow/);
  pane.press('Tab');
  await pane.shows(/: run slow/);
  pane.press('Enter');
  await pane.shows(/slow-1 making/);
  pane.press(':');
  pane.type('freeze slow-1');
  await pane.shows(/: freeze slow-1/);
  pane.press('Enter');
  await pane.shows(/slow-1 frozen/);
  // What was said before comes back with the arrow.
  pane.press(':');
  await pane.shows(/complete/);
  pane.press('Up');
  await pane.shows(/: freeze slow-1/);
  pane.press('Up');
  await pane.shows(/: run slow/);
  pane.press('Escape');
  await pane.shows((text) => !text.includes('complete'));

  pane.press('y');
  await pane.shows(/╔ Copy/);
  pane.press('j', 'Enter');
  await pane.shows(/Copied the branch: \S*slow-1/);
  const { branch } = await stage.until('slow-1', (run) => run.state === 'frozen');
  for (let tries = 0; tries < 100 && tmux.run(['list-buffers']).trim() === ''; tries++) await sleep(50);
  assert.equal(tmux.run(['show-buffer']).trim(), branch);
});

test(
  'attach ends the turn, opens the agent’s own session in its worktree, and the run goes on in it',
  options,
  async () => {
    await using stage = await Stage.set([
      {
        name: 'fix',
        front: { agents: { maker: { engine: 'claude', model: 'sonnet' } }, stuck: TALKATIVE },
      },
    ]);
    const scenario = join(stage.folder, 'slow.yaml');
    const agent = join(stage.folder, 'claude');
    await writeFile(scenario, stringify(slow));
    // Headless it is the scripted agent, which speaks claude's language; with --resume alone it is a session for a person.
    await writeFile(
      agent,
      `#!/bin/sh\nif [ "$1" = --resume ]; then\n  echo "session $2 in $(pwd)"\n  printf 'you> '\n  read -r words\n  echo "$words" > answer.txt\n  exit 0\nfi\nexec ${process.execPath} ${resolve('dist/scripted-agent.js')} --scenario ${scenario} "$@"\n`,
    );
    await chmod(agent, 0o755);
    await configure(stage, { engines: { claude: { command: agent } } });
    using tmux = new Tmux();
    const pane = openPane(tmux, stage);
    await pane.shows(/s start/);
    await stage.must('run', 'fix');
    await pane.shows(/step \d/);
    const { session, worktree } = await stage.until('fix-1', (run) => run.session !== null);
    assert.ok(session !== null && worktree !== null);

    pane.press('a');
    await pane.shows(/its own session, its turn ended first +claude --resume/);
    await pane.shows(/not metered/);
    pane.press('Enter');
    const lent = await pane.shows(/you>/);
    assert.ok(lent.replaceAll('\n', '').includes(`session ${session} in ${worktree}`), lent);
    assert.match(lent, /What you spend in it is not metered/);
    // Nothing of the agent is alive while the operator is in there.
    assert.equal((await stage.ls()).find((run) => run.id === 'fix-1')?.state, 'paused:operator');
    pane.type('by hand');
    pane.press('Enter');
    await pane.shows(/Back from claude --resume/);
    await pane.shows(/fix-1 paused: operator/);
    pane.press('p');
    await pane.shows(/fix-1 making/);
    const resumed = await stage.until('fix-1', (run) => run.state === 'making' && run.session !== null);
    assert.equal(resumed.session, session);
  },
);

test('keys and theme are the operator’s, and a mistake in them is told before anything is drawn', options, async () => {
  await using stage = await Stage.set([SLOW]);
  await configure(stage, { keys: { freeze: 'z' }, theme: { base: 'light', need: '#ff8800 bold' } });
  using tmux = new Tmux();
  const pane = openPane(tmux, stage);
  await stage.must('run', 'slow');
  await pane.shows(/slow-1 making/);
  await pane.shows(/z freeze/);
  pane.press('z');
  await pane.shows(/slow-1 frozen/);
  await pane.shows(/z to resume/);

  await configure(stage, { keys: { freez: 'f', kill: 'x' }, theme: 'drak' });
  const broken = openPane(tmux, stage);
  assert.equal(await broken.ends(), 2);
  const said = broken.text().replaceAll('\n', '');
  assert.match(said, /keys\.freez: there is no such action \(did you mean freeze\?\)/);
  assert.match(said, /keys\.kill: x is stop already/);
  assert.match(said, /theme: there is no theme drak \(did you mean dark\?\)/);
});

test('a terminal that cannot be painted on, a screen reader and --plain get lines', options, async () => {
  await using stage = await Stage.set([SLOW]);
  using tmux = new Tmux();
  const env = { ...stage.env, CI: 'false', LANG: 'C.UTF-8' };
  const pane = `${process.execPath} ${LAUNCHER}`;
  const panes = [`TERM=dumb ${pane}`, `INK_SCREEN_READER=true ${pane}`, `${pane} --plain`].map((command) =>
    tmux.open(command, { cwd: stage.root, env }),
  );
  for (const each of panes) await each.shows(/one line per change follows/);
  await stage.must('run', 'slow');
  for (const each of panes) {
    const text = await each.shows(/^\d\d:\d\d:\d\d slow-1 queued/m);
    assert.doesNotMatch(text, /[╭┏│█]/);
  }
});

test('a run’s prompt, diff, events and files are read from where they are, and searched', options, async () => {
  await using stage = await Stage.set([
    { name: 'fix', scenario: { usage, passes: [[FIX, { say: 'written' }, { sleep: 60 }]] } },
  ]);
  using tmux = new Tmux();
  const pane = openPane(tmux, stage);
  await stage.must('run', 'fix');
  await pane.shows(/written/);
  pane.press('Enter');
  await pane.shows(/\[trace\]/);
  pane.press('l', 'l', 'l');
  await pane.shows(/\[prompt\]/);
  await pane.shows(/The answer is fixed\./);
  pane.press('l', 'l');
  await pane.shows(/\[diff\]/);
  await pane.shows(/-broken[^\n]*\n[^\n]*\+fixed/);
  pane.press('l');
  await pane.shows(/\[events\]/);
  await pane.shows(/\d\d:\d\d:\d\d agent-read 1-maker: started/);
  await pane.shows(/\d\d:\d\d:\d\d run-queued/);
  pane.press('l');
  await pane.shows(/\[files\]/);
  await pane.shows(/\+1 −1 +answer\.txt/);
  await pane.shows(/1-maker\/prompt\.md/);
  pane.press('/');
  pane.type('argv');
  await pane.shows(/1 of 1/);
  pane.press('Escape');
  await pane.shows(/\/ search/);
});
