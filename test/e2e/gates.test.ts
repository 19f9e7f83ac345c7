import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makes, show } from './site.ts';
import { FIX, Stage } from './stage.ts';

const usage = { input: 100, cacheRead: 1000, cacheWrite: 200, output: 50 };

test('a ratchet holds the maker to what the base had, and a metric to its bounds', async () => {
  const size = { id: 'size', type: 'metric', run: 'wc -c < bundle.js', ratchet: 'down' };
  const todo = { id: 'todo', type: 'metric', run: 'grep -c TODO bundle.js || true', max: 0 };
  const bundle = (text: string) => ({ write: { file: 'bundle.js', text } });
  await using stage = await Stage.set(
    [
      {
        name: 'slim',
        front: { gates: [size, todo], escalate: [] },
        scenario: makes(bundle('TODO 12345678901'), bundle('12345678901'), bundle('123456789')),
      },
    ],
    { 'bundle.js': 'TODO 56789' },
  );
  const said = await stage.cli('run', 'slim', '--wait');
  assert.equal(said.code, 0, said.stderr + said.stdout);
  const { scores, pass } = await show(stage, 'slim-1');
  assert.equal(pass, 3);
  assert.deepEqual(scores, {
    size: [
      { pass: 1, score: 16 },
      { pass: 2, score: 11 },
      { pass: 3, score: 9 },
    ],
    todo: [
      { pass: 1, score: 1 },
      { pass: 2, score: 0 },
      { pass: 3, score: 0 },
    ],
  });
  const prepared = (await stage.events()).find(({ event }) => event.type === 'prepared')?.event;
  assert.deepEqual(prepared?.type === 'prepared' && prepared.bars, { size: 10 });
});

test('paths and a diff gate refuse a green that was cheated for, and a script of the gate’s own is flagged', async () => {
  await using stage = await Stage.set(
    [
      {
        name: 'fix',
        front: {
          gates: [
            { id: 'check', run: 'sh check.sh' },
            { id: 'honest', type: 'diff' },
          ],
          paths: { allow: ['answer.txt', 'test/**', 'check.sh'], 'max-files': 1 },
          escalate: [],
        },
        scenario: {
          usage,
          passes: [
            [{ shell: 'echo true > check.sh' }, { done: 'Done.' }],
            [
              { shell: 'git checkout --quiet -- check.sh; rm test/a.test.js; echo fixed > answer.txt' },
              { done: 'Done.' },
            ],
            [{ shell: 'git checkout --quiet -- test; echo x > docs.md' }, { done: 'Done.' }],
            [{ shell: 'rm docs.md' }, { done: 'Done.' }],
          ],
        },
      },
    ],
    { 'test/a.test.js': "test('a', () => {});\n" },
  );
  const said = await stage.cli('run', 'fix', '--wait');
  assert.equal(said.code, 0, said.stderr + said.stdout);
  const ended = (await stage.events()).flatMap(({ event }) => (event.type === 'gate-ended' ? [event] : []));
  const of = (pass: number) =>
    ended
      .filter((event) => event.pass === pass)
      .map(({ gate, status, summary }) => `${gate} ${status} ${summary}`.trim());
  assert.deepEqual(of(1), ['check green', 'honest red the maker changed check.sh, which it runs', 'paths green']);
  assert.deepEqual(ended[0]?.flags, ['the maker changed check.sh, which it runs']);
  assert.deepEqual(of(2), [
    'check green',
    'honest red test/a.test.js was deleted',
    'paths red 2 files changed, at most 1 may be',
  ]);
  assert.deepEqual(of(3), [
    'check green',
    'honest green',
    'paths red docs.md is outside of what may be changed (+1 more)',
  ]);
  assert.deepEqual(of(4), ['check green', 'honest green', 'paths green']);
});

test('a gate that a person judges waits for them, takes No and Yes, and the journal says whose they were', async () => {
  await using stage = await Stage.set([
    {
      name: 'fix',
      front: {
        gates: [
          { id: 'check', run: 'sh check.sh' },
          { id: 'eyes', type: 'human', question: 'Does it read well?' },
        ],
        escalate: [],
      },
      scenario: makes({ say: 'not yet' }, FIX, { write: { file: 'more.txt', text: 'more\n' } }),
    },
  ]);
  await stage.must('run', 'fix');
  const asking = await stage.until('fix-1', (each) => each.state === 'paused:approval');
  assert.equal(asking.pass, 2, 'nobody was asked about a pass whose other gate was red');
  assert.match(
    (await show(stage, 'fix-1')).attention?.words ?? '',
    /waits for your approval: eyes: Does it read well\?/,
  );
  // By the dozen nobody is approved or refused.
  await stage.must('resume', '--all');
  await stage.must('stop', '--all', '--yes');
  assert.equal((await show(stage, 'fix-1')).state, 'paused:approval');
  // It still waits under another supervisor.
  process.kill(await stage.supervisorPid(), 'SIGKILL');
  assert.equal((await stage.until('fix-1', () => true)).state, 'paused:approval');
  await stage.must('note', 'fix-1', 'Say more.');
  assert.match(await stage.must('stop', 'fix-1', '--yes'), /eyes is refused/);
  const again = await stage.until('fix-1', (each) => each.state === 'paused:approval' && each.pass === 3);
  assert.match(await readFile(join(stage.root, '.looptop/runs/fix-1/3-maker/prompt.md'), 'utf8'), /Say more\./);
  assert.equal(again.gates.find(({ id }) => id === 'check')?.status, 'green');
  assert.match(await stage.must('resume', 'fix-1'), /eyes is approved/);
  await stage.until('fix-1', (each) => each.state === 'review');
  const answers = (await stage.events()).flatMap(({ event }) =>
    event.type === 'gate-ended' && event.gate === 'eyes' ? [[event.pass, event.status, event.by !== undefined]] : [],
  );
  assert.deepEqual(answers, [
    [2, 'red', true],
    [3, 'green', true],
  ]);
});

test('check --prove tells the gates that can fail from those that cannot, and leaves nothing behind', async () => {
  await using stage = await Stage.set(
    [
      {
        name: 'fix',
        front: {
          gates: [
            { id: 'check', run: 'sh check.sh' },
            { id: 'always', run: 'true; mkdir -p coverage; echo x > coverage/a' },
            { id: 'lint', run: 'true', guards: true },
            { id: 'typo', run: 'ndoe --test' },
            { id: 'count', type: 'metric', run: 'wc -l < answer.txt', min: 3 },
            { id: 'eyes', type: 'human' },
            { id: 'item', run: 'sh check.sh {{item.id}}' },
          ],
          paths: { allow: ['answer.txt'] },
        },
      },
      { name: 'good' },
    ],
    {},
  );
  const before = (await stage.git('worktree', 'list')).stdout;
  const said = await stage.cli('check', '--prove', '--json', 'fix');
  assert.equal(said.code, 1, said.stderr);
  const [proof] = JSON.parse(said.stdout);
  assert.deepEqual(
    proof.gates.map((gate: { id: string; finding: string }) => [gate.id, gate.finding]),
    [
      ['check', 'fails'],
      ['always', 'proves-nothing'],
      ['lint', 'guards'],
      ['typo', 'broken'],
      ['count', 'fails'],
      ['eyes', 'not-run'],
      ['item', 'not-run'],
      ['paths', 'guards'],
    ],
  );
  assert.equal(proof.gates[4].score, 1);
  assert.deepEqual([proof.ok, proof.leaves], [false, ['coverage/a']]);
  assert.equal((await stage.git('worktree', 'list')).stdout, before);
  assert.equal((await stage.git('branch', '--list', 'loop/*')).stdout, '');
  assert.equal((await stage.git('status', '--porcelain')).stdout, '');

  const good = await stage.cli('check', '--prove', 'loops/good.md');
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout, /check {2}red, as it should be/);
  await stage.write({ 'loops/good.md': `${await readFile(join(stage.root, 'loops/good.md'), 'utf8')}\nmore\n` });
  assert.equal((await stage.cli('check', '--prove', 'good')).code, 7, 'what is not trusted is not run');
});
