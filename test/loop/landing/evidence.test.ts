import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pendingResult } from '../../../source/loop/fold/result.ts';
import { evidence, requestTitle } from '../../../source/loop/landing/evidence.ts';
import type { RunState } from '../../../source/loop/state.ts';
import { agentDefinition, definition, fleet, pass, run } from '../../pane/fleet-fixture.ts';

const green = (change: Partial<RunState> = {}): RunState =>
  run('docs', 1, {
    ...{ commit: '9f8e7d6c5b4a', agent: null },
    passes: [
      { ...pass(1, '+-'), why: 'unit: 3 failed' },
      { ...pass(2, '+++'), why: 'green' },
    ],
    pass: 2,
    ...change,
  });

test('it has goal, gates with their time, passes, spend with its provenance and the rules that were shown', () => {
  const text = evidence(fleet([]), green({ rulesShown: ['r001'] }));
  assert.match(text, /^## Goal\n\n> `npm test` exits 0 and no test file is changed\.\n/);
  assert.match(
    text,
    /in pass 2\.\n\n\| gate \| demands \| result \| took \| \|\n[\s\S]*\| `unit` \| `npm run unit` \| green \| \S+ \|/,
  );
  assert.match(text, /1\. `\S+ \S+`: `unit: 3 failed`\n2\. `\S+ \S+`: `green`/);
  assert.match(text, /53k of 600k fresh tokens, \$0\.40 of \$6\.00 \(exact\)\./);
  assert.match(text, /## Rules it was told\n\n- `r001 Do not edit generated files`/);
  assert.doesNotMatch(text, /## Checker/);
});

test('the checker’s verdict is in it, and that it was not asked', () => {
  const checker = {
    agent: agentDefinition('strong'),
    gate: 'review',
    votes: 1,
    onUncertain: 'fail',
    sample: 1,
  } as const;
  const of = (change: Partial<RunState>) =>
    evidence(fleet([]), green({ definition: definition('docs', { checker }), ...change }));
  assert.match(of({}), /## Checker\n\nNot asked: only a share of the runs is\./);
  const judged = { ...pass(2, '+++'), why: 'green' };
  const gates = [...judged.gates, { ...pendingResult('review'), status: 'green' as const }];
  assert.match(of({ passes: [{ ...judged, gates }] }), /Could not refute it \(`\S+ strong`\)\./);
});

test('nothing that others wrote means anything in it', () => {
  const judged = { ...pass(1, '+'), why: 'green' };
  const evil = '@everyone | `code` <img src=x onerror=alert(1)> [a](javascript:x) \u202e\u001b[2J\n# Title';
  const gates = judged.gates.map((gate) => ({ ...gate, summary: evil, flags: [evil] }));
  const text = evidence(
    fleet([]),
    green({
      passes: [
        { ...judged, gates, why: evil },
        { ...judged, gates },
      ],
    }),
  );
  assert.doesNotMatch(text, /\u202e|\u001b/);
  assert.doesNotMatch(text, /^# Title/m);
  // Take out all code spans: nothing of it is left.
  const left = text.replace(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
  assert.doesNotMatch(left, /@everyone|<img|javascript|# Title/);
  for (const row of text.split('\n').filter((line) => line.startsWith('| `')))
    assert.equal(row.split('|').length, 7, row);
});

test('the title is one plain line that no program takes for an option', () => {
  const of = (commit: string, goal = 'The goal.') =>
    requestTitle(green({ definition: definition('docs', { commit, goal }) }));
  assert.equal(of('--web fix: {{summary}}', 'One line\nand another'), 'web fix: One line');
  assert.equal(of('\u001b[31mred\u202e\nbody'), 'red\ufffd');
  assert.equal(of('---'), 'loop(docs)');
  assert.equal(of('x'.repeat(300)).length, 100);
});
