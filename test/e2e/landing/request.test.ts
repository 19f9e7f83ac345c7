/** Pull requests, pushes and what else becomes of green work, with a gh of our own that writes down what it is asked. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makes } from '../site.ts';
import { FIX, type LoopSpec, Stage } from '../stage.ts';
import { git, ok } from './said.ts';

/** Answers as gh does, and keeps its arguments and the body. A file `open` in its folder is a request that exists. */
const GH = `#!/bin/sh
here=$(dirname "$0")
printf '%s\\n' "$*" >> "$here/asked"
case "$1 $2" in
  "pr list") if [ -f "$here/open" ]; then echo '[{"url":"https://hub.example/shop/pull/7"}]'; else echo '[]'; fi ;;
  "pr create" | "pr edit")
    for each in "$@"; do case "$each" in --body-file=*) cat "\${each#--body-file=}" > "$here/body" ;; esac; done
    touch "$here/open"
    echo https://hub.example/shop/pull/7 ;;
  "--version "*) echo 'gh version 2.0' ;;
esac
`;

async function withGh(t: TestContext, loop: LoopSpec): Promise<{ stage: Stage; bin: string; remote: string }> {
  const bin = await mkdtemp(join(tmpdir(), 'looptop-gh-'));
  t.after(() => rm(bin, { recursive: true, force: true }));
  await writeFile(join(bin, 'gh'), GH, { mode: 0o755 });
  const env = { PATH: `${bin}:${process.env.PATH}` };
  const stage = await Stage.set([loop], {}, { env, inside: ([program = '', ...args]) => [program, ...args] });
  t.after(() => stage[Symbol.asyncDispose]());
  const remote = join(stage.folder, 'remote.git');
  await mkdir(remote);
  await git(stage, 'init', '--quiet', '--bare', remote);
  await git(stage, 'remote', 'add', 'origin', remote);
  return { stage, bin, remote };
}

test('green work opens a draft request by itself, with the evidence in its body, and that is its landing', async (t) => {
  const { stage, bin, remote } = await withGh(t, {
    name: 'fix',
    front: {
      gates: [
        { id: 'check', run: 'sh check.sh' },
        { id: 'e2e', run: 'true', when: 'merge', guards: true },
      ],
      'on-success': { push: true, pr: { labels: ['loop'] }, merge: 'never', commit: '--fix: {{summary}}' },
    },
    scenario: makes(FIX),
  });
  const said = ok(await stage.cli('run', 'fix', '--wait'));
  assert.match(said, /fix-1 landed https:\/\/hub\.example\/shop\/pull\/7/);
  const asked = await readFile(join(bin, 'asked'), 'utf8');
  assert.match(
    asked,
    /^pr create --draft --base=main --head=loop\/fix-1 --title=fix: The answer is fixed\. --body-file=\S+request\.md --label=loop$/m,
  );
  const body = await readFile(join(bin, 'body'), 'utf8');
  assert.match(body, /## Goal\n\n> The answer is fixed\.\n/);
  assert.match(body, /\| `check` \| `sh check\.sh` \| green \| \d+ ?m?s \|/);
  assert.match(body, /Once more, together with `main` \(`[0-9a-f]{12}`\):[\s\S]*\| `e2e` \| `true` \| green/);
  assert.match(body, /1\. `scripted scripted-standard`: `green`/);
  assert.match(body, /fresh tokens, (\$\S+|unpriced) of \$5\.00 \((exact|live|estimated|unknown)\)/);
  assert.equal(await git(stage, '-C', remote, 'show', 'loop/fix-1:answer.txt'), 'fixed');
  assert.equal(await git(stage, 'show', 'main:answer.txt'), 'broken', 'main is not ours to move');
  const [run] = JSON.parse(await stage.must('ls', '--all', '--json')) as [{ landing: { url: string; step: string } }];
  assert.deepEqual([run.landing.url, run.landing.step], ['https://hub.example/shop/pull/7', 'landed']);
  assert.equal((await stage.events()).filter(({ event }) => event.type === 'pushed').length, 2);
});

test('a request that is open already is the one, a loop may forbid all else, and without a remote it is said', async (t) => {
  const { stage, bin } = await withGh(t, {
    name: 'fix',
    front: { 'on-success': { merge: 'never' } },
    scenario: makes(FIX),
  });
  await stage.must('run', 'fix', '--wait');
  assert.match((await stage.cli('land', 'fix-1', '--yes', '--rebase')).stderr, /says merge: never/);
  await git(stage, 'remote', 'rename', 'origin', 'old');
  await git(stage, 'remote', 'remove', 'old');
  assert.match((await stage.cli('land', 'fix-1', '--yes', '--pr')).stderr, /no remote to push to/);
  await git(stage, 'remote', 'add', 'origin', join(stage.folder, 'remote.git'));
  await rm(join(bin, 'gh'));
  if (!existsSync('/usr/bin/gh'))
    assert.match(
      (await stage.cli('land', 'fix-1', '--yes', '--pr')).stderr,
      /gh was not found on the PATH: install it/,
    );
  await writeFile(join(bin, 'gh'), GH, { mode: 0o755 });
  await writeFile(join(bin, 'open'), '');
  ok(await stage.cli('land', 'fix-1', '--yes', '--pr'));
  assert.match(
    await readFile(join(bin, 'asked'), 'utf8'),
    /^pr edit https:\/\/hub\.example\/shop\/pull\/7 --body-file=/m,
  );
});

test('merge: auto lands by itself, --push takes the target along, and a note sends work back before it is thrown away', async (t) => {
  const { stage, remote } = await withGh(t, {
    name: 'auto',
    front: { 'on-success': { merge: 'auto' } },
    scenario: makes(FIX),
  });
  assert.match(ok(await stage.cli('run', 'auto', '--wait')), /auto-1 landed on main, [0-9a-f]{7}/);
  assert.equal(await readFile(join(stage.root, 'answer.txt'), 'utf8'), 'fixed\n');

  const scenario = makes({ write: { file: 'new.txt', text: 'one\n' } }, { write: { file: 'new.txt', text: 'two\n' } });
  await stage.write({
    'loops/hand.md': (await readFile(join(stage.root, 'loops/auto.md'), 'utf8'))
      .replaceAll('auto', 'hand')
      .replace('merge: hand', 'merge: ask'),
    'scenarios/hand.yaml': JSON.stringify(scenario),
  });
  await git(stage, 'add', '--all');
  await git(stage, 'commit', '--quiet', '--message=another loop');
  await stage.must('trust', '--yes');
  await stage.must('run', 'hand', '--wait');
  assert.match(await stage.must('send-back', 'hand-1', 'Make', 'it', 'two.'), /pass 2 begins with your note/);
  await stage.until('hand-1', ({ state, pass }) => state === 'review' && pass === 2);
  const prompt = await readFile(join(stage.root, '.looptop/runs/hand-1/2-maker/prompt.md'), 'utf8');
  assert.match(prompt, /Notes from the operator\n\n- Make it two\./);
  ok(await stage.cli('land', 'hand-1', '--yes', '--push'));
  assert.equal(await git(stage, '-C', remote, 'show', 'main:new.txt'), 'two');

  await stage.must('run', 'hand', '--wait');
  assert.equal((await stage.cli('discard', 'hand-2')).code, 2);
  assert.match(await stage.must('discard', 'hand-2', '--yes'), /its branch loop\/hand-2 is kept for 7d/);
  const [, , discarded] = JSON.parse(await stage.must('ls', '--all', '--json')) as { state: string }[];
  assert.equal(discarded?.state, 'discarded');
  assert.match(await git(stage, 'branch', '--list', 'loop/*'), /loop\/hand-2/);
});
