/** A person is called and answers, in a real terminal: by a digit, from a notification, in a split and in a popup of tmux. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TMUX_CONF } from '../../source/commands/split.ts';
import { FIX, LAUNCHER, Stage } from './stage.ts';
import { hasTmux, Tmux } from './tmux.ts';

const options = { skip: hasTmux ? false : 'tmux is not installed' };
const usage = { input: 100, cacheRead: 1000, cacheWrite: 200, output: 50 };
const asking = {
  usage,
  passes: [
    [
      { sleep: 3 },
      { ask: { tool: 'Bash', input: { command: 'rm -r v1' } } },
      { ask: 'Which database? 1) postgres 2) sqlite' },
      { say: 'sqlite it is', when: { answer: 'sqlite' } },
      FIX,
      { done: 'Done.' },
    ],
  ],
};
const docs = [{ name: 'docs', scenario: asking }];
const pane = `${process.execPath} ${LAUNCHER}`;
const envOf = (stage: Stage) => ({ ...stage.env, CI: 'false', LANG: 'C.UTF-8' });

/** `looptop` by its name, as .tmux.conf calls it. */
async function installed(stage: Stage): Promise<Record<string, string>> {
  const bin = join(stage.folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'looptop'), `#!/bin/sh\nexec ${pane} "$@"\n`);
  await chmod(join(bin, 'looptop'), 0o755);
  return { ...envOf(stage), PATH: `${bin}:${stage.env.PATH}` };
}

/** Says it to the tmux that runs inside the other. */
const within = (socket: string, env: Record<string, string>, ...args: string[]) =>
  execFileSync('tmux', ['-S', socket, ...args], { env, stdio: 'ignore' });

async function holds(file: string, wanted: string): Promise<string> {
  for (let tries = 0; tries < 300; tries++) {
    const text = await readFile(file, 'latin1').catch(() => '');
    if (text.includes(wanted)) return text;
    await sleep(100);
  }
  throw new Error(`${file} never held ${JSON.stringify(wanted)}`);
}

test('questions are answered by a digit, by an arrow, or in words', options, async () => {
  await using stage = await Stage.set(docs);
  using tmux = new Tmux();
  const screen = tmux.open(pane, { cwd: stage.root, env: envOf(stage), columns: 160 });
  await stage.must('run', 'docs');
  // What, since when, and the keys with what they say.
  await screen.shows(/▶◆ docs-1 {2}new {2}asks: Bash: rm -r v1\? .* n answer: 1 yes {2}2 no/);
  screen.press('n');
  await screen.shows(/docs-1 asks[\s\S]*1 {2}yes[\s\S]*2 {2}no[\s\S]*1-2 answer/);
  screen.press('2');
  await screen.shows(/Which database\? 1\) postgres 2\) sqlite .* n answer: 1 postgres {2}2 sqlite/);
  screen.press('n');
  await screen.shows(/2 {2}sqlite/);
  // Once something is written, a digit is a digit.
  screen.type('v2');
  await screen.shows(/› v2/);
  screen.press('BSpace', 'BSpace', 'Down', 'Down');
  await screen.shows(/▶ 2 {2}sqlite/);
  screen.press('Enter');
  await screen.shows(/sqlite it is/);
  const notes = (await stage.events()).flatMap(({ event }) => (event.type === 'note-given' ? [event.text] : []));
  assert.deepEqual(notes, ['no', '2) sqlite']);
  await stage.until('docs-1', ({ state }) => state === 'review');
});

test('a new need is notified to the desktop once, through tmux where that lets it', options, async () => {
  await using stage = await Stage.set(docs);
  using tmux = new Tmux();
  const env = await installed(stage);
  const [inner, outer] = [join(stage.folder, 'inner'), join(stage.folder, 'outer')];
  await writeFile(join(stage.folder, 'tmux.conf'), TMUX_CONF);
  // A terminal within a terminal: what the inner tmux lets through is what a real terminal would get.
  const socket = join(stage.folder, 'inner.sock');
  const begin = `tmux -S ${socket} -f ${join(stage.folder, 'tmux.conf')} new-session looptop`;
  const screen = tmux.open(`unset TMUX; ${begin}`, { cwd: stage.root, env });
  try {
    await screen.shows(/s start/);
    tmux.run(['pipe-pane', `cat >${outer}`]);
    within(socket, env, 'pipe-pane', `cat >${inner}`);
    await stage.must('run', 'docs');
    const wrapped = '\x1bPtmux;\x1b\x1b]9;looptop shop: docs-1 asks: Bash: rm -r v1?\x07\x1b\\';
    await holds(inner, wrapped);
    const got = await holds(outer, '\x1b]9;looptop shop: docs-1 asks: Bash: rm -r v1?\x07');
    assert.equal(got.split('\x1b]9;').length, 2);
    assert.ok(got.includes('\x07'));
  } finally {
    within(socket, env, 'kill-server');
  }
});

test(
  '--split opens the pane beside the shell in the same window, and says why it cannot outside tmux',
  options,
  async () => {
    await using stage = await Stage.set(docs);
    using tmux = new Tmux();
    const env = await installed(stage);
    const shell = tmux.open('PS1="$ " sh', { cwd: stage.root, env, columns: 160 });
    await shell.shows(/^\$/);
    shell.type('looptop --split=h\n');
    await shell.shows(/s start/);
    const panes = tmux.run(['list-panes', '-F', '#{pane_left},#{pane_top} #{pane_current_path}']).trim().split('\n');
    assert.deepEqual(panes, [`0,0 ${stage.root}`, `81,0 ${stage.root}`]);
    shell.press('q');
    await shell.shows(/\$ looptop --split=h/);
    assert.equal(tmux.run(['list-panes']).trim().split('\n').length, 1);

    const { code, stderr } = await stage.cli('--split');
    assert.equal(code, 2);
    assert.match(stderr, /--split needs tmux around it/);
    assert.equal((await stage.cli('--split=x')).code, 2);
  },
);

test('the lines for .tmux.conf work: the status line, a popup, a split', options, async () => {
  await using stage = await Stage.set(docs);
  using tmux = new Tmux();
  const env = await installed(stage);
  const help = await stage.must('status', '--help');
  for (const line of TMUX_CONF.split('\n')) assert.ok(help.includes(line), line);
  await writeFile(join(stage.folder, 'tmux.conf'), `${TMUX_CONF}\nset -g status-interval 1\n`);
  await stage.must('up');
  const socket = join(stage.folder, 'inner.sock');
  const screen = tmux.open(
    `unset TMUX; tmux -S ${socket} -f ${join(stage.folder, 'tmux.conf')} new-session 'PS1="$ " sh'`,
    { cwd: stage.root, env, columns: 140 },
  );
  try {
    await screen.shows(/looptop \$0\.00\/\$25\s*$/m);
    screen.press('C-b', 'P');
    await screen.shows(/│ looptop +shop · main[\s\S]*s start/);
    screen.press('q');
    // The popup's frame goes last.
    await screen.shows((text) => !text.includes('│'));
    screen.press('C-b', 'S');
    await screen.shows(/\n─+\n looptop +shop · main[\s\S]*s start/);
  } finally {
    within(socket, env, 'kill-server');
  }
});
