import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { described, FIX, marked, Stage } from './stage.ts';

const NOTHING = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 };
const usage = { input: 100, cacheRead: 1000, cacheWrite: 200, output: 50 };

test('a run goes green, is committed on its own branch, and the checkout of the user is as it was', async () => {
  await using stage = await Stage.set([
    {
      name: 'fix',
      scenario: {
        usage,
        passes: [
          [{ say: 'hm' }, { done: 'Done.' }],
          [FIX, { done: 'Done.' }],
        ],
      },
    },
  ]);
  const before = await stage.git('status', '--porcelain');
  const said = await stage.cli('run', 'fix', '--wait');
  assert.equal(said.code, 0, said.stderr + said.stdout);
  const [run] = await stage.ls();
  assert.equal(run?.state, 'review');
  assert.equal(run?.pass, 2);
  assert.equal((await stage.git('show', `${run?.branch}:answer.txt`)).stdout, 'fixed\n');
  assert.equal((await stage.git('status', '--porcelain')).stdout, before.stdout);
  assert.equal(await readFile(join(stage.root, 'answer.txt'), 'utf8'), 'broken\n');
  assert.equal((await stage.git('branch', '--show-current')).stdout, 'main\n');
});

test('a supervisor killed in mid-pass costs no agent, no line and no exit code', async () => {
  const steps = [
    { shell: 'for i in $(seq 1 40); do echo "$i" >> ticks.txt; sleep 0.1; done' },
    { lines: { perSecond: 50, seconds: 2, text: 'word' } },
    FIX,
    { done: 'Done.' },
  ];
  await using stage = await Stage.set([{ name: 'fix', scenario: { usage, passes: [steps] } }]);
  const first = await stage.supervisorPid();
  await stage.must('run', 'fix');
  const working = await stage.until('fix-1', (run) => run.pid !== null && run.session !== null);
  await sleep(500);
  process.kill(first, 'SIGKILL');
  await sleep(300);
  const [adopted] = await stage.ls();
  assert.equal(adopted?.pid, working.pid, 'the same agent process');
  assert.notEqual(await stage.supervisorPid(), first);
  // And once more, in the middle of the lines.
  await sleep(4000);
  process.kill(await stage.supervisorPid(), 'SIGKILL');
  const done = await stage.until('fix-1', (run) => run.state === 'review');
  assert.equal(done.pass, 1);
  const events = (await stage.events()).map(({ event }) => event);
  assert.equal(events.filter((event) => event.type === 'agent-planned').length, 1, 'it was started once');
  const said = events
    .flatMap((event) => (event.type === 'agent-read' ? event.events : []))
    .flatMap((event) => (event.type === 'said' && event.text.startsWith('word') ? [event.text] : []));
  assert.deepEqual(
    said,
    Array.from({ length: 100 }, (_, n) => `word ${n + 1}`),
    'not one line is missing or twice',
  );
  const ended = events.find((event) => event.type === 'agent-ended');
  assert.equal(ended?.code, 0, 'its exit code is known');
  const ticks = await readFile(join(done.worktree ?? '', 'ticks.txt'), 'utf8');
  assert.equal(ticks.trim().split('\n').length, 40);
});

test('a kill reaches a tool in a session of its own, and nothing with the mark is alive when the verb returns', async () => {
  const steps = [
    { shell: 'setsid sh -c "sleep 301 & sleep 302 & wait" & (setsid sleep 303 &) ; trap "" TERM INT; sleep 304' },
    { done: 'never' },
  ];
  await using stage = await Stage.set([{ name: 'nasty', scenario: { usage, passes: [steps] } }]);
  await stage.must('run', 'nasty');
  await stage.until('nasty-1', (run) => run.session !== null);
  const queued = (await stage.events()).find(({ event }) => event.type === 'run-queued')?.event;
  const mark = queued?.type === 'run-queued' ? queued.nonce : '';
  for (let tries = 0; (await marked(mark)).length < 5 && tries < 50; tries++) await sleep(100);
  assert.ok((await marked(mark)).length >= 5, 'agent, shells and sleepers are there');
  const said = await stage.cli('kill', 'nasty-1', '--yes');
  assert.deepEqual(await described(await marked(mark)), [], 'confirmed dead');
  assert.equal(said.code, 0, said.stderr);
  const [run] = await stage.ls();
  assert.equal(run?.state, 'killed');
});

test('a kill without --yes and without a terminal is refused', async () => {
  await using stage = await Stage.set([{ name: 'fix', scenario: { usage, passes: [[{ sleep: 60 }]] } }]);
  await stage.must('run', 'fix');
  const said = await stage.cli('kill', 'fix-1');
  assert.equal(said.code, 2);
  assert.match(said.stderr, /--yes/);
});

test('ten thousand tokens a second against a cap of a hundred thousand: stopped with at most one response over', async () => {
  // One response a second, as the slowest of real agents; each costs what a second may.
  const steps = [
    { repeat: { times: 60, steps: [{ spend: { input: 8_000, output: 2_000 } }, { sleep: 1 }] } },
    { done: 'Done.' },
  ];
  await using stage = await Stage.set([
    { name: 'burn', front: { budget: { tokens: '100k', usd: 1000 } }, scenario: { usage: NOTHING, passes: [steps] } },
  ]);
  const said = await stage.cli('run', 'burn', '--wait');
  assert.equal(said.code, 4, said.stdout);
  const [run] = await stage.ls();
  const spent = run?.tokens.fresh ?? 0;
  assert.ok(spent >= 100_000 && spent <= 110_000, `${spent} tokens`);
  assert.equal(run?.pid, null);
  await sleep(1500);
  const [later] = await stage.ls();
  assert.equal(later?.state, 'paused:budget', 'nothing restarts it');
  assert.equal(later?.tokens.fresh, spent);
});

test('a burner of ten responses a second is braked at the response that crosses its cap', async () => {
  const steps = [{ spend: { input: 100_000, output: 900_000, perSecond: 10_000 } }, { done: 'Done.' }];
  await using stage = await Stage.set([
    { name: 'burn', front: { budget: { tokens: '100k', usd: 1000 } }, scenario: { usage: NOTHING, passes: [steps] } },
  ]);
  assert.equal((await stage.cli('run', 'burn', '--wait')).code, 4);
  const [run] = await stage.ls();
  const spent = run?.tokens.fresh ?? 0;
  // A response is 1,000 tokens and 100 ms; an overloaded machine may hear of it a response or two late.
  assert.ok(spent >= 100_000 && spent <= 104_000, `${spent} tokens`);
});

test('freeze halts the whole tree, resume lets it go on, and the run still goes green', async () => {
  const ticking = 'setsid sh -c "while :; do echo t >> ../ticks; sleep 0.05; done" &';
  const steps = [{ shell: `${ticking} until [ -e ../go ]; do sleep 0.1; done` }, FIX, { done: 'Done.' }];
  await using stage = await Stage.set([{ name: 'fix', scenario: { usage, passes: [steps] } }]);
  await stage.must('run', 'fix');
  const working = await stage.until('fix-1', (run) => run.session !== null);
  const beside = join(working.worktree ?? '', '..');
  const ticks = async () => (await readFile(join(beside, 'ticks'), 'utf8').catch(() => '')).length;
  for (let tries = 0; (await ticks()) === 0 && tries < 100; tries++) await sleep(100);
  await stage.must('freeze', 'fix-1');
  await stage.until('fix-1', (run) => run.state === 'frozen');
  await sleep(500);
  const still = await ticks();
  await sleep(600);
  assert.equal(await ticks(), still, 'the tool in its own session stands still too');
  await stage.must('resume', 'fix-1');
  for (let tries = 0; (await ticks()) === still && tries < 100; tries++) await sleep(100);
  assert.ok((await ticks()) > still, 'and goes on');
  await writeFile(join(beside, 'go'), '');
  await stage.until('fix-1', (run) => run.state === 'review');
});

test('escalating in mid-pass resumes the session with the stronger model, and the note arrives', async () => {
  const steps = [
    { sleep: 30, unless: { model: 'strong' } },
    { write: { file: 'resumed.txt', text: 'yes' }, when: { resumed: true, prompt: 'look at the clock' } },
    FIX,
    { done: 'Done.' },
  ];
  await using stage = await Stage.set([{ name: 'fix', scenario: { usage, passes: [steps] } }]);
  await stage.must('run', 'fix');
  await stage.until('fix-1', (run) => run.session !== null);
  await stage.must('escalate', 'fix-1', '--note', 'look at the clock');
  const done = await stage.until('fix-1', (run) => run.state === 'review');
  assert.match(done.model, /strong/);
  assert.equal(await readFile(join(done.worktree ?? '', 'resumed.txt'), 'utf8'), 'yes');
});

test('a note reaches the running pass', async () => {
  const wait = Array.from({ length: 100 }, () => [{ sleep: 0.2, unless: { heard: 'the clock' } }]).flat();
  await using stage = await Stage.set([
    {
      name: 'fix',
      scenario: {
        usage,
        passes: [
          [
            ...wait,
            { write: { file: 'answer.txt', text: 'fixed\n' }, when: { heard: 'the clock' } },
            { done: 'Done.' },
          ],
        ],
      },
    },
  ]);
  await stage.must('run', 'fix');
  await stage.until('fix-1', (run) => run.session !== null);
  await stage.must('note', 'fix-1', 'look', 'at', 'the', 'clock');
  const done = await stage.until('fix-1', (run) => run.state === 'review');
  assert.equal(done.pass, 1);
});

test('a waiting agent goes on with the operator’s answer', async () => {
  const steps = [
    { ask: 'May I fix it?' },
    { write: { file: 'answer.txt', text: 'fixed\n' }, when: { answer: 'yes' } },
    { done: 'Done.' },
  ];
  await using stage = await Stage.set([{ name: 'fix', scenario: { usage, passes: [steps] } }]);
  await stage.must('run', 'fix');
  const waiting = await stage.until('fix-1', (run) => run.state === 'waiting');
  assert.match(waiting.reason, /May I fix it/);
  await stage.must('note', 'fix-1', 'yes');
  await stage.until('fix-1', (run) => run.state === 'review');
});

test('a rule from a red gate is written to RULES.md and shown to the very next pass', async () => {
  const steps = [
    { write: { file: 'answer.txt', text: 'fixed\n' }, when: { rule: 'r001' } },
    { sleep: 2, unless: { rule: 'r001' } },
    { done: 'Done.' },
  ];
  await using stage = await Stage.set([{ name: 'fix', scenario: { usage, passes: [steps] } }]);
  await stage.must('run', 'fix');
  await stage.until('fix-1', (run) => run.pass === 2);
  await stage.must('rule', 'add', 'Write the word fixed into answer.txt', '--from', 'fix-1');
  const done = await stage.until('fix-1', (run) => run.state === 'review');
  assert.equal(done.pass, 3);
  assert.match(await readFile(join(stage.root, 'RULES.md'), 'utf8'), /- r001 Write the word fixed into answer.txt/);
});

test('a raised budget lets a run go on that had used its own up', async () => {
  const steps = [{ spend: { output: 30_000, perSecond: 30_000 }, when: { resumed: false } }, FIX, { done: 'Done.' }];
  await using stage = await Stage.set([
    { name: 'fix', front: { budget: { tokens: '20k' } }, scenario: { usage, passes: [steps] } },
  ]);
  assert.equal((await stage.cli('run', 'fix', '--wait')).code, 4);
  const refused = await stage.cli('resume', 'fix-1');
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /raise the cap/);
  await stage.must('budget', 'fix-1', '--tokens', '+100k');
  await stage.until('fix-1', (run) => run.state === 'review');
});

test('down ends the agents, the runs wait, and the next supervisor lets them go on', async () => {
  await using stage = await Stage.set([
    { name: 'fix', scenario: { usage, passes: [[{ sleep: 60, when: { resumed: false } }, FIX, { done: 'Done.' }]] } },
  ]);
  await stage.must('run', 'fix');
  const working = await stage.until('fix-1', (run) => run.session !== null && run.pid !== null);
  await stage.must('down', '--yes');
  assert.throws(() => process.kill(working.pid ?? 0, 0), 'the agent is gone');
  await stage.until('fix-1', (run) => run.state === 'paused:operator');
  await stage.must('resume', 'fix-1');
  await stage.until('fix-1', (run) => run.state === 'review');
});

test('a half-written journal line is cut, and everything before it is known', async () => {
  await using stage = await Stage.set([{ name: 'fix', scenario: { usage, passes: [[FIX, { done: 'Done.' }]] } }]);
  assert.equal((await stage.cli('run', 'fix', '--wait')).code, 0);
  process.kill(await stage.supervisorPid(), 'SIGKILL');
  await sleep(200);
  const file = join(stage.root, '.looptop', 'journal', '000001.jsonl');
  await writeFile(file, `${await readFile(file, 'utf8')}{"seq":999,"at":17`);
  const [run] = await stage.ls();
  assert.equal(run?.state, 'review');
  assert.match(await stage.log(), /cut|torn|half/i);
});
