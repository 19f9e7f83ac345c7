/** Waiting for a fan, and coming after it, on a real repository with commands for agents. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage } from './stage.ts';

test('run --wait follows a fan to its end: 3 when an item failed, and what comes after it hears of one end', async () => {
  const items = ['one', 'two', 'three'].map((key) => JSON.stringify({ key }));
  const spread = {
    name: 'spread',
    front: {
      'fan-out': { run: `printf '%s\\n' ${items.map((each) => `'${each}'`).join(' ')}`, key: 'key' },
      agents: { maker: { engine: 'shell', run: 'grep -q two "$LOOPTOP_ITEM_FILE" || echo fixed >answer.txt' } },
      budget: { 'per-item': { passes: 1 } },
    },
  };
  const next = { name: 'next', front: { on: { after: { loop: 'spread', outcome: 'failure' } } } };
  const scenario = { passes: [[{ write: { file: 'answer.txt', text: 'fixed\n' } }, { done: 'Done.' }]] };
  await using stage = await Stage.set([spread, { ...next, scenario }]);
  const said = await stage.cli('run', 'spread', '--wait');
  assert.equal(said.code, 3, said.stderr + said.stdout);
  assert.match(said.stderr, /f1 has ended: 2 green, 1 failed/);
  assert.match(said.stdout, /spread-\d making|spread-\d queued by f1/);
  const after = await stage.until('next-1', ({ state }) => state === 'review');
  assert.equal((await stage.ls()).filter(({ id }) => id.startsWith('next')).length, 1);
  assert.match(JSON.stringify(after), /"fan":"f1"/);
  assert.match(await stage.must('show', 'f1'), /^two +failed +spread-2 +stopped at its cap, 1 of 1 passes/m);
});
