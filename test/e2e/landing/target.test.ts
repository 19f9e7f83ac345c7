/** Green work onto its target, through the built program: alone, in conflict, and two that only together are wrong. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makes } from '../site.ts';
import { FIX, Stage } from '../stage.ts';
import { git, ok } from './said.ts';

const file = (name: string, text: string) => ({ write: { file: name, text } });

test('green work lands: the target has it, the checkout follows, the worktree goes and the branch stays', async () => {
  await using stage = await Stage.set([{ name: 'fix', scenario: makes(FIX) }]);
  await stage.must('run', 'fix', '--wait');
  const before = await git(stage, 'rev-parse', 'main');
  assert.equal((await stage.cli('land', 'fix-1')).code, 2, 'nobody can be asked');
  assert.match((await stage.cli('land', 'fix-1')).stderr, /say --yes/);
  const said = ok(await stage.cli('land', 'fix-1', '--yes', '--json'));
  const [landed] = JSON.parse(said) as [{ done: boolean; landed: { commit: string; target: string; how: string } }];
  const tip = await git(stage, 'rev-parse', 'main');
  assert.deepEqual([landed.done, landed.landed], [true, { how: 'rebase', target: 'main', commit: tip, url: null }]);
  assert.notEqual(tip, before);
  assert.equal(await readFile(join(stage.root, 'answer.txt'), 'utf8'), 'fixed\n');
  assert.equal(await git(stage, 'status', '--porcelain'), '');
  const run = await stage.until('fix-1', ({ state }) => state === 'landed');
  assert.equal(run.reason, `on main, ${tip.slice(0, 7)}`);
  await stage.until('fix-1', () => true);
  assert.equal(await git(stage, 'rev-parse', 'loop/fix-1'), tip);
  for (let n = 0; (await git(stage, 'worktree', 'list')).split('\n').length > 1; n++) assert.ok(n < 50, 'worktrees go');
  assert.equal(await git(stage, 'for-each-ref', 'refs/loop'), '');
});

test('a dirty checkout is refused with the names and the work stays in review', async () => {
  await using stage = await Stage.set([{ name: 'fix', scenario: makes(FIX) }]);
  await stage.must('run', 'fix', '--wait');
  await stage.write({ 'check.sh': 'true\n' });
  const index = await readFile(join(stage.root, '.git/index'));
  const said = await stage.cli('land', 'fix-1', '--yes');
  assert.equal(said.code, 1);
  assert.match(said.stderr, /did not land, it is review: .*not committed \(check\.sh\): commit or stash them/);
  assert.deepEqual(await readFile(join(stage.root, '.git/index')), index);
  await git(stage, 'checkout', '--quiet', '--', 'check.sh');
  ok(await stage.cli('land', 'fix-1', '--yes', '--squash'));
  assert.match(await git(stage, 'log', '--format=%B', '-1', 'main'), /Run fix-1, pass 1 of 8/);
});

test('work in conflict goes back to its maker, who is told where, and lands when it is resolved', async () => {
  const resolve = {
    when: { prompt: 'cannot land on' },
    steps: [
      { shell: 'git status --short > seen.txt; cat answer.txt >> seen.txt' },
      file('answer.txt', 'fixed by both\n'),
    ],
  };
  await using stage = await Stage.set([{ name: 'fix', scenario: makes(FIX, resolve) }]);
  await stage.must('run', 'fix', '--wait');
  await stage.write({ 'answer.txt': 'fixed by hand\n', 'more.txt': 'theirs\n' });
  await git(stage, 'add', '--all');
  await git(stage, 'commit', '--quiet', '--message=by hand');
  const said = await stage.cli('land', 'fix-1', '--yes');
  assert.equal(said.code, 3, said.stderr);
  assert.match(said.stderr, /could not land on main: conflicts in answer\.txt/);
  const run = await stage.until('fix-1', ({ state, pass }) => pass === 2 && state === 'review');
  const prompt = await readFile(join(stage.root, '.looptop/runs/fix-1/2-maker/prompt.md'), 'utf8');
  assert.match(prompt, /"answer\.txt": both changed it/);
  assert.match(prompt, /```\n"answer\.txt"\n<<<<<<< HEAD\nfixed by hand\n=======\nfixed\n>>>>>>> /);
  assert.doesNotMatch(prompt, /The gates that were red/);
  const seen = await git(stage, 'show', `${run.branch}:seen.txt`);
  assert.match(
    seen,
    /^UU answer\.txt[\s\S]*<<<<<<< HEAD\nfixed\n=======\nfixed by hand/m,
    'it met the conflict in its worktree',
  );
  ok(await stage.cli('land', 'fix-1', '--yes'));
  assert.equal(await git(stage, 'show', 'main:answer.txt'), 'fixed by both');
  assert.equal(await git(stage, 'show', 'main:more.txt'), 'theirs');
});

test('two runs land in turn, and a gate that is red only for both together sends the second back', async () => {
  const gates = [{ id: 'few', run: 'test "$(ls part-*.txt | wc -l)" -lt 2 || test -f allowed.txt', guards: true }];
  const mend = { when: { prompt: 'together with' }, steps: [file('allowed.txt', 'yes\n')] };
  const part = (name: string) => ({
    name,
    front: { gates, escalate: [] },
    scenario: makes(file(`part-${name}.txt`, 'x\n'), mend),
  });
  await using stage = await Stage.set([part('one'), part('two')]);
  await Promise.all(['one', 'two'].map((name) => stage.must('run', name, '--wait')));
  const said = await stage.cli('land', 'one-1', 'two-1', '--yes');
  assert.equal(said.code, 3, said.stderr);
  assert.match(said.stdout, /two-1 lands, rebase on main: it is 2nd in the queue/);
  assert.match(said.stderr, /two-1 did not land.*few is red/);
  const mended = await stage.until('two-1', ({ state, pass }) => pass === 2 && state === 'review');
  assert.equal(mended.pass, 2);
  ok(await stage.cli('land', 'two-1', '--yes', '--merge'));
  assert.match(await git(stage, 'ls-tree', '--name-only', 'main'), /allowed\.txt[\s\S]*part-one\.txt\npart-two\.txt/);
  assert.equal(await git(stage, 'show', '-s', '--format=%s', 'main'), 'Merge loop/two-1');
});
