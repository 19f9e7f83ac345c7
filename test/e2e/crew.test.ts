import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { FIX, Stage } from './stage.ts';

const scripted = (scenario: string, model = 'strong') => ({
  engine: 'scripted',
  scenario: `scenarios/${scenario}.yaml`,
  model,
});
const HOLDS = '{"verdict": "holds", "findings": []}';
const REFUTES = '{"verdict": "refuted", "findings": [{"where": "answer.txt:1", "what": "the answer lacks its date"}]}';
const yaml = (value: unknown) => JSON.stringify(value);

test('maker and checker: refused once with a finding, mended, and green only then', async () => {
  await using stage = await Stage.set(
    [
      {
        name: 'checked',
        front: {
          agents: { maker: scripted('maker'), checker: scripted('checker') },
          gates: [{ id: 'check', run: 'sh check.sh' }],
          escalate: [],
        },
      },
    ],
    {
      'scenarios/maker.yaml': yaml({
        passes: [
          [FIX, { done: 'My work is perfect and beyond all doubt.' }],
          [
            {
              when: { prompt: 'lacks its date' },
              steps: [{ write: { file: 'answer.txt', text: 'fixed 2026-11-23\n' } }],
            },
            { done: 'Added.' },
          ],
        ],
      }),
      'scenarios/checker.yaml': yaml({
        passes: [
          [{ shell: 'cat answer.txt' }, { say: `It lacks something.\n${REFUTES}` }, { done: REFUTES }],
          [{ say: HOLDS }, { done: HOLDS }],
        ],
      }),
    },
  );
  await stage.must('run', 'checked');
  const run = await stage.until('checked-1', ({ state }) => state === 'review' || state.startsWith('paused'));
  assert.equal(run.state, 'review');
  assert.equal(run.pass, 2);
  assert.deepEqual(
    run.gates.map(({ id, status }) => `${id} ${status}`),
    ['check green', 'checker green'],
  );
  const prompt = await readFile(join(stage.root, '.looptop/runs/checked-1/1-checker.2/prompt.md'), 'utf8').catch(() =>
    readFile(join(stage.root, '.looptop/runs/checked-1/1-checker/prompt.md'), 'utf8'),
  );
  assert.match(prompt, /The answer is fixed\./);
  assert.match(prompt, /\+fixed/);
  assert.match(prompt, /check: green/);
  assert.ok(!prompt.includes('beyond all doubt'), "the maker's summary is not evidence");
});

test('a lesson from a red gate: reflected on by the cheap agent, kept by the operator, and the next run passes at once', async () => {
  const rule = { text: 'Write the word fixed into answer.txt.', scope: '**' };
  const reflection = JSON.stringify({
    diagnosis: 'the answer is not fixed',
    next_hypothesis: 'write it',
    rule,
    confidence: 0.9,
  });
  await using stage = await Stage.set(
    [
      {
        name: 'learns',
        front: {
          agents: { maker: scripted('maker', 'standard'), reflector: scripted('reflector', 'cheap') },
          escalate: [],
        },
      },
    ],
    {
      // The maker never finds it by itself: only the rule in its prompt makes the difference.
      'scenarios/maker.yaml': yaml({
        passes: [
          [{ when: { prompt: 'the word fixed' }, steps: [FIX] }, { shell: 'cat answer.txt' }, { done: 'Done.' }],
        ],
      }),
      'scenarios/reflector.yaml': yaml({ passes: [[{ done: reflection }]] }),
    },
  );
  await stage.must('run', 'learns', '--set', 'budget.passes=1');
  // The last pass of a run teaches nobody in it: only with another one is there something to reflect for.
  await stage.until('learns-1', ({ state }) => state === 'paused:budget');
  await stage.must('budget', 'learns-1', '--passes', '2');
  await stage.until('learns-1', ({ state }) => state === 'paused:budget');
  await stage.must('stop', 'learns-1', '--yes');

  await stage.must('run', 'learns', '--set', 'budget.passes=2');
  const drafted = await stage.until('learns-2', ({ state }) => state === 'paused:budget');
  assert.equal(drafted.pass, 2);
  await stage.must('rule', 'approve', 'learns-2');
  assert.match(
    await readFile(join(stage.root, 'RULES.md'), 'utf8'),
    /- r001 Write the word fixed into answer\.txt\. \(\*\*\)/,
  );

  await stage.must('run', 'learns');
  const taught = await stage.until('learns-3', ({ state }) => state === 'review');
  assert.equal(taught.pass, 1, 'green at once');
  const [counted] = JSON.parse(await stage.must('rule', 'ls', '--json')) as {
    shown: number;
    helped: number;
    hurt: number;
  }[];
  assert.deepEqual([counted?.shown, counted?.helped, counted?.hurt], [1, 1, 0]);

  await stage.must('rule', 'retire', 'r001');
  await stage.must('run', 'learns', '--set', 'budget.passes=1');
  assert.equal(
    (await stage.until('learns-4', ({ state }) => state !== 'making' && state.includes(':'))).state,
    'paused:budget',
  );
});
