import assert from 'node:assert/strict';
import { test } from 'node:test';
import { triagePrompt } from '../../../source/loop/crew/triage-prompt.ts';
import type { LoopDefinition } from '../../../source/loop/definition/definition.ts';
import { USUAL_HITS } from '../../../source/loop/definition/triage.ts';
import { stateWord } from '../../../source/loop/run-status.ts';
import { takers } from '../../../source/loop/triage/promote.ts';
import { madeLoop } from '../made-loop.ts';
import { SimulatedWorld } from '../simulated-world.ts';
import { answerOf, DISCOVER, read } from './fleet.ts';

const pr = (id: number, branch = `topic-${id}`) => ({ id, updated: 1, branch });

/** A loop that ranks what it finds and whose own maker takes the hits. */
function worldOf(change: Partial<LoopDefinition> = {}): SimulatedWorld {
  const { maker, isolation } = madeLoop();
  const world = new SimulatedWorld({
    agent: (run, tick) =>
      run.definition.leads === 'triage' && tick === 0
        ? [
            {
              type: 'said',
              text: answerOf({ key: 1, priority: 'p1' }, { key: 2, priority: 'p3' }, { key: 3, priority: 'p0' }),
            },
          ]
        : 'ends',
    gate: () => '',
  });
  world.happen(
    read(
      madeLoop({
        name: 'sit',
        triage: { ...maker, model: 'cheap', permission: 'plan' },
        discover: DISCOVER,
        onHit: { ...USUAL_HITS, mode: 'auto', promoteTo: 'sit' },
        isolation: { ...isolation, base: '{{item.branch}}' },
        commit: 'answer {{item.id}}',
        concurrency: { max: 9 },
        escalate: [],
        ...change,
      }),
    ),
  );
  return world;
}

test('the triage ranks in one cheap run, and what is above the marks goes to the maker of the same loop', () => {
  const world = worldOf();
  world.fire('sit', [pr(1), pr(2), pr(3)]);
  assert.equal(Object.keys(world.state.runs).length, 1, 'one look for all');
  world.work();
  const look = world.run('sit-1');
  assert.equal(look.model, 'cheap');
  assert.equal(stateWord(look), 'triaged');
  assert.equal(look.definition.isolation.type, 'none');
  assert.deepEqual(
    [look.budget.passes, look.budget.usd],
    [2, 1.25],
    'a share of the budget, where nothing is reserved',
  );
  const made = ['sit-2', 'sit-3'].map((id) => world.run(id));
  assert.deepEqual(
    made.map(({ model, trust, definition }) => [model, trust, definition.isolation.base, definition.commit]),
    [
      ['standard', 'untrusted', 'topic-3', 'answer 3'],
      ['standard', 'untrusted', 'topic-1', 'answer 1'],
    ],
  );
  assert.deepEqual(made[0]?.item, {
    ...pr(3),
    triage: { hit: 'h2', priority: 'p0', confidence: 0.9, finding: '3 is broken', evidence: 'src/a.js:1' },
  });
  assert.deepEqual(Object.keys(world.state.runs), ['sit-1', 'sit-2', 'sit-3']);
});

test('while the maker works on an item it is not taken a second time, and another look finds room', () => {
  const world = worldOf({ onHit: { ...USUAL_HITS, mode: 'ask', promoteTo: 'sit' }, concurrency: { max: 1 } });
  world.fire('sit', [pr(1), pr(2)]);
  world.work();
  assert.equal(world.command({ do: 'promote', hit: 'h1' }), null);
  assert.match(world.fire('sit', [{ ...pr(1), updated: 2 }]), /^No run: /, 'its maker is at it');
  assert.match(world.fire('sit', [{ ...pr(2), updated: 2 }]), /is queued/);
  while (stateWord(world.run('sit-3')) === 'queued') world.settleOnce();
  assert.ok(world.run('sit-2').status.tag === 'open', 'it did not wait for the maker');
});

test('an item that is handed over needs no triage', () => {
  const world = worldOf();
  world.command({ do: 'run', loop: 'sit', item: pr(9) });
  world.work();
  assert.equal(world.run('sit-1').definition.leads, 'maker');
  assert.equal(stateWord(world.run('sit-1')), 'review');
});

test('the share that is reserved for the triage is what it may spend', () => {
  const world = worldOf({ reserve: { triage: 0.1 } });
  world.fire('sit', [pr(1)]);
  assert.equal(world.run('sit-1').budget.tokens, 10_000);
});

test('its prompt names its own loop among those that could take a candidate, and has none of the orders to the maker', () => {
  const world = worldOf({
    description: 'Keeps pull requests mergeable.',
    prompts: { maker: 'Fix the code.', checker: '', triage: 'Drafts can wait.', reflect: '' },
  });
  world.fire('sit', [pr(1)]);
  const run = world.run('sit-1');
  const { text } = triagePrompt(run, { rules: [], takers: takers(world.state), itemFile: '/item.json' });
  assert.match(text, /- `sit`: Keeps pull requests mergeable\./);
  assert.match(text, /Drafts can wait\./);
  assert.ok(!text.includes('Fix the code.'));
});
