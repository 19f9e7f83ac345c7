/** Loops whose goal cannot be met, through the built program: they end at a stuck rule of their own, or on a higher rung of their ladder. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type LsRun, Stage } from './stage.ts';

const BUDGET = { tokens: 400_000, usd: 5, wall: '10m', passes: 8 };
/** Every response of the scripted agent; a real one of this size is a short one. */
const usage = { input: 300, cacheRead: 4_000, cacheWrite: 200, output: 500 };
const put = (text: string) => ({ write: { file: 'answer.txt', text: `${text}\n` } });
const said = (run: LsRun): string => `${run.state}: ${run.reason} (${run.tokens.fresh} tokens)`;

test('a run that undoes in each pass what the last one did ends at its own rule, below a third of its budget', async () => {
  await using stage = await Stage.set([
    {
      name: 'undo',
      front: { budget: BUDGET, escalate: [] },
      scenario: {
        usage,
        passes: [...Array(8).keys()].map((n) => [
          { think: 'The other way round, then.' },
          put(n % 2 ? 'right' : 'left'),
          { shell: 'sh check.sh' },
          { done: 'I turned it round.' },
        ]),
      },
    },
  ]);
  const waited = await stage.cli('run', 'undo', '--wait');
  assert.equal(waited.code, 5, waited.stderr);
  assert.match(waited.stderr, /undo-1 is stuck: editing back and forth: pass 4 brought the files back to what pass 2/);
  const run = await stage.until('undo-1', ({ state }) => state === 'paused:stuck');
  assert.ok(run.tokens.fresh < 0.3 * BUDGET.tokens && (run.usd ?? 0) < 0.3 * BUDGET.usd, said(run));
  assert.equal(run.pass, 5, 'four passes were made');
  assert.match(
    await stage.must('show', 'undo-1'),
    /why +editing back and forth: pass 4 .*, for the 2nd time \(revert\)/,
  );
  const prompt = await readFile(join(stage.root, '.looptop/runs/undo-1/4-maker/prompt.md'), 'utf8');
  assert.match(prompt, /What the supervisor has seen\s+- Pass 3 brought the files back to what pass 1 had left\./);
});

test('an agent that edits back and forth is told, then stopped, long before its budget', async () => {
  await using stage = await Stage.set([
    {
      name: 'swing',
      front: { budget: BUDGET, escalate: [] },
      scenario: {
        usage,
        passes: [
          [
            {
              repeat: {
                times: 1000,
                steps: [
                  { edit: { file: 'answer.txt', find: 'broken', replace: 'wrong' } },
                  { shell: 'sh check.sh' },
                  { edit: { file: 'answer.txt', find: 'wrong', replace: 'broken' } },
                  { shell: 'sh check.sh' },
                ],
              },
            },
          ],
        ],
        paceMs: 60,
      },
    },
  ]);
  await stage.must('run', 'swing');
  const run = await stage.until('swing-1', ({ state, pid }) => state === 'paused:stuck' && pid === null);
  assert.match(
    run.reason,
    /^the same 4 calls \d+ times round: Edit answer\.txt.*, then Bash sh check\.sh.* \(cycle\)$/,
  );
  assert.ok(run.tokens.fresh < 0.3 * BUDGET.tokens && (run.usd ?? 0) < 0.3 * BUDGET.usd, said(run));
  const nudges = (await stage.events()).filter(({ event }) => event.type === 'nudged');
  assert.equal(nudges.length, 1, 'it was told once, first');
});

test('stuck on one engine, handed over to another, green there; the next run begins below again and says so', async () => {
  const shell = { engine: 'shell', run: 'grep -q "same call with the same result" && echo fixed > answer.txt' };
  await using stage = await Stage.set([
    {
      name: 'climb',
      front: { budget: BUDGET, escalate: [{ when: 'stuck', maker: shell }] },
      scenario: { usage, passes: [[{ repeat: { times: 1000, steps: [{ shell: 'sh check.sh' }] } }]], paceMs: 60 },
    },
  ]);
  await stage.must('run', 'climb');
  const run = await stage.until('climb-1', ({ state }) => state === 'review' || state.startsWith('paused'));
  assert.equal(run.state, 'review', said(run));
  assert.equal(run.pass, 2);
  const prompt = await readFile(join(stage.root, '.looptop/runs/climb-1/2-maker/prompt.md'), 'utf8');
  for (const part of ['## Goal', '## Hand-over', 'Bash sh check.sh', 'not ok - the answer is broken', 'git diff'])
    assert.ok(prompt.includes(part), `${part} is missing in:\n${prompt}`);
  assert.match(await stage.must('run', 'climb'), /begins on the first rung \(standard\): climb-1 needed rung 1/);
  const second = await stage.until('climb-2', ({ state }) => state === 'review' || state.startsWith('paused'));
  assert.equal(second.state, 'review', said(second));
});
