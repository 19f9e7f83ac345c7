/** What agents are told, word by word. `UPDATE=1` writes the golden files anew; read the difference before you commit it. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Event } from '../../source/loop/event.ts';
import { type Beginning, compose } from '../../source/loop/prompt.ts';
import type { Rule, RunState } from '../../source/loop/state.ts';
import { agentId, folded, madeLoop, queued, RUN } from './made-loop.ts';

const golden = (name: string): URL => new URL(`../fixtures/prompts/${name}.md`, import.meta.url);

function same(name: string, text: string): void {
  if (process.env.UPDATE) writeFileSync(golden(name), text);
  assert.equal(text, readFileSync(golden(name), 'utf8'));
}

const maker = { ...madeLoop().maker, engine: 'claude', scenario: null } as const;
const codex = { ...maker, engine: 'codex', model: 'strong' } as const;
const GATES = madeLoop().gates.map((gate) => (gate.id === 'unit' ? { ...gate, hint: 'one file at a time' } : gate));
const definition = madeLoop({
  maker,
  gates: GATES,
  goal: '`npm test` exits 0 and no test file is changed.',
  prompts: { ...madeLoop().prompts, maker: 'Fix the cause, not the test.' },
  escalate: [{ when: 'same-failure', count: 2, maker: codex }],
});
const rule = (id: string, text: string, scope: string): Rule => ({
  ...{ id, text, scope, status: 'active', by: 'ada', at: 0 },
  ...{ file: 'RULES.md', from: null, shown: 0, lastShown: null, helped: 0, hurt: 0, bumped: 0 },
});
const RULES = [
  rule('r017', 'Use fake timers in the queue tests.', 'packages/queue/**'),
  rule('r021', 'Never edit generated files.', '**'),
];
const PROGRESS = '- pass 1: the counter is read before the queue is drained; tried a lock, no change\n';

/** One pass: what the agent did and said, then lint green and unit red. */
function redPass(n: number, said: string, failure: string): Event[] {
  const agent = agentId(`${n}-maker`);
  const seen = { type: 'agent-read', run: RUN, agent } as const;
  const gate = { type: 'gate-ended', run: RUN, pass: n, ms: 9 } as const;
  const planned = { role: 'maker', engine: 'claude', model: 'standard', resumes: null, guidance: true } as const;
  return [
    {
      type: 'agent-planned',
      wire: false,
      run: RUN,
      agent,
      ...planned,
      promptHash: '',
      rules: [],
      notes: n === 2 ? ['n1'] : [],
    },
    {
      type: 'agent-started',
      run: RUN,
      agent,
      process: { pid: 1, startTime: '1', bootId: 'b' },
      containment: 'marked',
      adopted: false,
    },
    {
      ...seen,
      offset: 1,
      events: [
        { type: 'started', session: `s${n}`, model: 'standard' },
        { type: 'thought', text: `Hypothesis ${n}: the queue drains too early.` },
        { type: 'acted', id: `c${n}`, tool: 'Edit', input: `src/queue.ts attempt ${n}`, hash: `h${n}` },
        { type: 'observed', id: `c${n}`, ok: true, output: 'updated', hash: `o${n}` },
        { type: 'said', text: said },
        { type: 'ended', outcome: 'done' },
      ],
    },
    {
      type: 'agent-ended',
      run: RUN,
      agent,
      code: 0,
      signal: null,
      survivors: 0,
      stderr: '',
      tree: `t${n}`,
      ms: 1,
    },
    { ...gate, gate: 'lint', status: 'green', exit: 0, fingerprint: null, summary: '', tail: '' },
    {
      ...gate,
      gate: 'unit',
      status: 'red',
      exit: 1,
      fingerprint: 'f1',
      summary: failure,
      tail: `not ok 1 - ${failure}\n  expected 3\n  actual 2\n\`\`\`\n`,
    },
  ];
}

function told(...events: readonly Event[]): RunState {
  const state = folded([
    queued(definition),
    { type: 'prepare-started', run: RUN },
    { type: 'prepared', run: RUN, worktree: '/w', branch: 'loop/fix-1', base: '0123456789abcdef0123' },
    ...events,
  ]);
  const run = state.runs[RUN];
  assert.ok(run);
  return run;
}

const note = (id: string, text: string, by = 'ada'): Event => ({ type: 'note-given', run: RUN, note: id, text, by });
const two = [
  ...redPass(1, 'All tests pass now, done.', 'queue adds up'),
  note('n1', 'The counter is shared with the retry worker.'),
  ...redPass(2, 'Tried a lock.', 'queue adds up'),
];
const prompt = (run: RunState, beginning: Beginning): string => compose(run, beginning, RULES, PROGRESS).text;

test('a first pass is told goal, task, rules, progress and how it is judged', () => {
  same('first', prompt(told(), 'fresh'));
});

test('a later pass is also told what failed, and what the supervisor saw apart from what the operator wants', () => {
  const nudged: Event = { type: 'nudged', run: RUN, rule: 'no-diff', text: 'The last pass changed no file.' };
  same('later', prompt(told(...two, nudged, note('n2', 'Leave the lock alone.')), 'fresh'));
});

test('another engine is handed over goal, rules, what was tried and why it is there, the last failure, all notes and the progress', () => {
  const climbed: Event = {
    type: 'climbed',
    run: RUN,
    rung: 1,
    maker: codex,
    because: 'the same failure 2 passes in a row',
  };
  const run = told(...two, climbed, note('n2', 'Leave the lock alone.'));
  assert.deepEqual(run.next, { how: 'hand-over', because: 'escalate' });
  const text = prompt(run, 'hand-over');
  same('hand-over', text);
  for (const part of [
    '`npm test` exits 0 and no test file is changed.',
    'Fix the cause, not the test.',
    'r017 Use fake timers in the queue tests. (packages/queue/**)',
    'the same failure 2 passes in a row',
    'src/queue.ts attempt 2',
    'Hypothesis 1',
    'pass 1 (standard): unit: queue adds up; it claimed to be done',
    'expected 3',
    'tried a lock, no change',
    'The counter is shared with the retry worker.',
    'Leave the lock alone.',
    '(one file at a time)',
  ])
    assert.ok(text.includes(part), part);
});

test('a resumed session is told only what it does not know', () => {
  const resumed = { ...told(...two), next: { how: 'resume', because: 'stuck' } } as const;
  same('resumed', prompt(resumed, 'resume'));
});

test('a gate that prints fences cannot close ours', () => {
  const text = prompt(told(...two), 'fresh');
  assert.match(text, /\n````\nnot ok 1[^`]*```\n````\n/);
});
