/** The tab key in real shells: verbs, options and names of the repository, and nothing that a hostile repository smuggles in. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { FIX, LAUNCHER, Stage } from './stage.ts';
import { hasTmux, Tmux } from './tmux.ts';

const usage = { input: 100, cacheRead: 1000, cacheWrite: 200, output: 50 };
const stuck = { usage, passes: [[{ ask: 'Which?' }, FIX, { done: 'Done.' }]] };

function has(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A repository with the open run docs-1, and `looptop` by its name. */
async function setStage(): Promise<{ stage: Stage; env: Record<string, string> }> {
  const stage = await Stage.set([
    { name: 'docs', scenario: stuck },
    { name: 'deploy', scenario: stuck },
  ]);
  const bin = join(stage.folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'looptop'), `#!/bin/sh\nexec ${process.execPath} ${LAUNCHER} "$@"\n`);
  await chmod(join(bin, 'looptop'), 0o755);
  await stage.must('run', 'docs');
  return { stage, env: { ...stage.env, PATH: `${bin}:${stage.env.PATH}`, LANG: 'C.UTF-8' } };
}

/** What bash offers after these words, asked as readline asks. */
async function offered(cwd: string, env: Record<string, string>, ...words: string[]): Promise<string[]> {
  const script = `
    source <(looptop completion bash)
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    _looptop
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const argv = ['--norc', '-c', script, 'bash', 'looptop', ...words];
  const { stdout } = await promisify(execFile)('bash', argv, { cwd, env, timeout: 60_000 });
  return stdout.split('\n').filter(Boolean);
}

test('bash offers verbs, options, values and the names of this repository, wherever options stand', {
  skip: !has('bash'),
}, async () => {
  const { stage, env } = await setStage();
  await using _stage = stage;
  const offer = (...words: string[]) => offered(stage.root, env, ...words);
  assert.deepEqual(await offer('fre'), ['freeze']);
  assert.deepEqual(await offer('rule', 're'), ['retire']);
  assert.deepEqual(await offer('spend', '--by', 'm'), ['model']);
  // As readline takes --by=m apart.
  assert.deepEqual(await offer('spend', '--by', '=', 'm'), ['model']);
  assert.deepEqual(await offer('escalate', '--no'), ['--note']);
  assert.deepEqual(await offer('--split'), ['--split']);
  assert.deepEqual((await offer('run', '')).toSorted(), ['deploy', 'docs']);
  assert.deepEqual(await offer('freeze', ''), ['docs-1']);
  assert.deepEqual(await offer('--note', 'freeze', 'escalate', 'd'), ['docs-1']);
  assert.deepEqual(await offer('land', ''), [], 'nothing is green');
  assert.deepEqual(await offer('note', 'docs-1', '--'), ['--json', '--help']);
  assert.deepEqual(await offered('/', env, 'freeze', ''), [], 'outside a repository');
});

test('a loop file of a hostile name is not offered, and nothing of it is run', { skip: !has('bash') }, async () => {
  const { stage, env } = await setStage();
  await using _stage = stage;
  await stage.write({ 'loops/$(touch pwned).md': 'x', 'loops/`touch pwned`.md': 'x', 'loops/a b.md': 'x' });
  assert.deepEqual((await offered(stage.root, env, 'run', '')).toSorted(), ['deploy', 'docs']);
  assert.equal(existsSync(join(stage.root, 'pwned')), false);
});

const shells = [
  { shell: 'bash', start: 'bash --norc --noprofile', load: 'source <(looptop completion bash)' },
  { shell: 'zsh', start: 'zsh -f', load: 'source <(looptop completion zsh)' },
  { shell: 'fish', start: 'fish --no-config', load: 'looptop completion fish | source' },
];
for (const { shell, start, load } of shells) {
  const skip = !hasTmux ? 'tmux is not installed' : has(shell) ? false : `${shell} is not installed`;
  test(`the tab key completes in ${shell}`, { skip }, async () => {
    const { stage, env } = await setStage();
    await using _stage = stage;
    using tmux = new Tmux();
    const screen = tmux.open(start, { cwd: stage.root, env: { ...env, PS1: '$ ' }, columns: 100 });
    screen.type(`${load}; clear; echo READY\n`);
    await screen.shows(/^READY$/m);
    screen.type('looptop fre\t');
    await screen.shows(/looptop freeze$/m);
    screen.type('do\t');
    await screen.shows(/looptop freeze docs-1/);
    screen.type('--a\t');
    await screen.shows(/looptop freeze docs-1 +--all/);
    screen.press('C-c');
    screen.type('looptop rule ret\t');
    await screen.shows(/looptop rule retire/);
    screen.press('C-c');
    screen.type('looptop spend --by mo\t');
    await screen.shows(/looptop spend --by model/);
  });
}
