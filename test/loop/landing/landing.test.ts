/** Green work on its way to its target, in pure time: who lands when, what sends it back, and that a crash changes nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoopDefinition } from '../../../source/loop/definition/definition.ts';
import { USUAL_SUCCESS } from '../../../source/loop/definition/success.ts';
import { lastRedPass, reasonOf, stateWord } from '../../../source/loop/run-status.ts';
import type { RunId } from '../../../source/loop/units.ts';
import { madeLoop, queued, shellGate } from '../made-loop.ts';
import { type Script, SimulatedWorld } from '../simulated-world.ts';

const id = (n: number) => `fix-${n}` as RunId;
const DAY_MS = 24 * 3600_000;

/** So many green runs of a loop that wait for review. */
function green(runs: number, script: Partial<Script> = {}, change: Partial<LoopDefinition> = {}): SimulatedWorld {
  const world = new SimulatedWorld({ agent: () => 'ends', gate: () => '', ...script });
  const loop = madeLoop({ escalate: [], concurrency: { max: 9 }, ...change });
  for (let n = 1; n <= runs; n++) world.happen({ ...queued(loop, id(n)), number: n } as ReturnType<typeof queued>);
  world.settle();
  return world;
}

const landed = (world: SimulatedWorld): string[] =>
  world.history.flatMap((event) => (event.type === 'run-ended' && event.end.kind === 'landed' ? [event.run] : []));
const words = (world: SimulatedWorld): string[] => Object.values(world.state.runs).map(stateWord);
const land = (world: SimulatedWorld, n: number) => assert.equal(world.command({ do: 'land', run: id(n) }), null);

test('runs land one at a time, in the order asked, each on what the one before has made of the target', () => {
  const world = green(3);
  assert.deepEqual(words(world), ['review', 'review', 'review']);
  for (const n of [2, 3, 1]) land(world, n);
  assert.deepEqual(
    [1, 2, 3].map((n) => world.run(id(n)).landing?.place),
    [3, 1, 2],
  );
  assert.match(
    world.command({ do: 'land', run: id(1) }) ?? '',
    /lands already, rebase on main: it is 3rd in the queue/,
  );
  while (world.settleOnce()) {
    const busy = Object.values(world.state.runs).filter(
      ({ landing, status }) => status.tag === 'open' && landing && landing.step.is !== 'merging',
    );
    assert.ok(busy.length <= 1, 'one at a time');
  }
  assert.deepEqual(landed(world), ['fix-2', 'fix-3', 'fix-1']);
  assert.equal(world.branches.main?.join(' '), 'base fix-2@base fix-3@fix-2@base fix-1@fix-3@fix-2@base');
  assert.deepEqual(world.state.landings, []);
});

test('targets do not wait for each other', () => {
  const world = green(2, { landGate: (run) => (run.id === 'fix-1' ? 'boom' : '') });
  world.branches.next = ['n0'];
  land(world, 1);
  assert.equal(world.command({ do: 'land', run: id(2), onto: 'next', how: 'merge' }), null);
  assert.equal(world.run(id(2)).landing?.place, 1);
  world.settle();
  assert.deepEqual(landed(world), ['fix-2']);
  assert.equal(world.branches.next?.length, 2);
  assert.equal(world.branches.main?.length, 1);
});

test('all gates run on the merged tree, those of landing last, and count as no pass', () => {
  const merge = shellGate({ id: 'e2e', when: 'merge' });
  const optional = shellGate({ id: 'slow', when: 'merge', required: false });
  const world = green(
    1,
    { landGate: (_run, gate) => (gate === 'slow' ? 'too slow' : '') },
    {
      onSuccess: { ...USUAL_SUCCESS, gates: [merge, optional] },
    },
  );
  const passes = world.run().passes;
  land(world, 1);
  world.settle();
  const run = world.history.flatMap((event) => (event.type === 'land-gate-ended' ? [event.gate] : []));
  assert.deepEqual(run, ['lint', 'unit', 'full', 'e2e', 'slow']);
  assert.deepEqual(world.run().passes, passes);
  assert.equal(stateWord(world.run()), 'landed');
  assert.match(reasonOf(world.run()), /^on main, fix-1@/);
});

test('a conflict is a note to the maker, with the files and the hunks fenced, and its next green lands', () => {
  let first = true;
  const merges = () => (first ? ['a.txt', 'b.txt'] : []);
  const world = green(1, { merges });
  land(world, 1);
  world.work();
  first = false;
  world.settle();
  const run = world.run();
  assert.deepEqual([run.pass, stateWord(run), run.base, run.conflicts], [2, 'review', 'base', ['a.txt', 'b.txt']]);
  assert.equal(run.landing, null);
  const note = run.notes.find(({ by }) => by === 'looptop');
  assert.match(
    note?.text ?? '',
    /"a\.txt": both changed it[\s\S]*```\n<<<<<<<\n```[\s\S]*has been merged into this worktree/,
  );
  land(world, 1);
  world.settle();
  assert.deepEqual(landed(world), ['fix-1']);
});

test('a gate that is red only on the merged tree sends it back with what the gate printed', () => {
  const world = green(1, { landGate: (run, gate) => (gate === 'unit' && run.pass === 1 ? 'expected 3' : '') });
  land(world, 1);
  world.settle();
  const run = world.run();
  assert.deepEqual([run.pass, stateWord(run)], [2, 'review']);
  assert.match(
    run.notes[0]?.text ?? '',
    /together with `main` \(base\) it is not:\n\nunit: expected 3\n\n```\nexpected 3\n```/,
  );
  assert.ok(
    !world.history.some((event) => event.type === 'land-gate-ended' && event.gate === 'full'),
    'no later stage',
  );
  assert.equal(lastRedPass(run), undefined);
});

test('without a pass left it waits for the operator, says why, and goes on when there is one', () => {
  const world = green(
    1,
    { merges: (run) => (run.pass === 1 ? ['a.txt'] : []) },
    {
      budget: { ...madeLoop().budget, passes: 1 },
    },
  );
  land(world, 1);
  world.settle();
  assert.equal(stateWord(world.run()), 'paused:budget');
  assert.match(reasonOf(world.run()), /could not land on main: conflicts in a\.txt, and its 1 passes are used/);
  assert.equal(world.command({ do: 'budget', run: id(1), passes: '+1' }), null);
  world.settle();
  assert.deepEqual([world.run().pass, stateWord(world.run())], [2, 'review']);
});

test('when the target has moved meanwhile, all of it begins from the top', () => {
  let moved = false;
  const world = green(1, {
    landGate: (_run, gate) => {
      if (gate === 'full' && !moved) world.branches.main?.push('theirs');
      moved ||= gate === 'full';
      return '';
    },
  });
  land(world, 1);
  world.settle();
  assert.deepEqual(world.branches.main, ['base', 'theirs', 'fix-1@theirs']);
  assert.equal(world.history.filter(({ type }) => type === 'land-stale').length, 1);
});

test('a target that cannot be moved now is said, lets the next one try, and is not tried again by itself', () => {
  let dirty = true;
  const world = green(2, { blocked: (run) => (dirty && run.id === 'fix-1' ? 'a.txt is not committed' : '') });
  land(world, 1);
  land(world, 2);
  world.settle();
  assert.deepEqual(words(world), ['review', 'landed']);
  assert.equal(reasonOf(world.run()), 'a.txt is not committed');
  dirty = false;
  land(world, 1);
  world.settle();
  assert.deepEqual(words(world), ['landed', 'landed']);
});

test('a supervisor that dies in any step lands it exactly once', () => {
  for (const step of ['land-merge', 'land-gate', 'land-move', 'land-return', 'tear-down'] as const) {
    let lives = 2;
    const merges = (run: { pass: number }) => (step === 'land-return' && run.pass === 1 ? ['a.txt'] : []);
    const world = green(2, { merges, dies: (effect) => effect.do === step && lives-- > 0 });
    land(world, 1);
    land(world, 2);
    world.settle();
    if (step === 'land-return') {
      land(world, 1);
      land(world, 2);
      world.settle();
    }
    assert.equal(lives < 2, true, `${step} came`);
    assert.deepEqual([...landed(world)].sort(), ['fix-1', 'fix-2'], step);
    assert.equal(world.branches.main?.length, 3, step);
  }
});

test('merge: auto lands by itself, once; what was refused waits for the operator', () => {
  const world = green(
    2,
    { blocked: (run) => (run.id === 'fix-2' ? 'dirty' : '') },
    {
      onSuccess: { ...USUAL_SUCCESS, merge: 'auto' },
    },
  );
  assert.deepEqual(words(world), ['landed', 'review']);
  const asked = world.history.flatMap((event) =>
    event.type === 'land-asked' ? [[event.run, event.by, event.how]] : [],
  );
  assert.deepEqual(asked, [
    ['fix-1', 'looptop', 'rebase'],
    ['fix-2', 'looptop', 'rebase'],
  ]);
});

test('a pull request is opened by itself where the loop says so, and is how it lands', () => {
  const pr = { draft: true, labels: [] };
  const world = green(1, {}, { onSuccess: { ...USUAL_SUCCESS, push: true, pr, merge: 'never' } });
  assert.equal(reasonOf(world.run()), 'https://x/fix-1');
  assert.deepEqual(world.branches.main, ['base']);
  assert.equal(world.history.filter(({ type }) => type === 'pushed').length, 1);
});

test('what a person must say yes to never lands by itself, and landing it is their yes', () => {
  const world = green(1, {}, { onSuccess: { ...USUAL_SUCCESS, merge: 'auto', asks: ['Released?'] } });
  assert.deepEqual(words(world), ['review']);
  land(world, 1);
  world.settle();
  assert.deepEqual(words(world), ['landed']);
});

test('open kinds never land, merge: never lands only as a request, and nothing lands that is not green', () => {
  const open = green(1, {}, { kind: 'open' });
  assert.match(open.command({ do: 'land', run: id(1), how: 'pr' }) ?? '', /kind open: it explores, and may never land/);
  const never = green(1, {}, { onSuccess: { ...USUAL_SUCCESS, merge: 'never' } });
  assert.match(never.command({ do: 'land', run: id(1) }) ?? '', /merge: never/);
  assert.equal(never.command({ do: 'land', run: id(1), how: 'pr' }), null);
  const red = green(1, { gate: () => 'boom' }, { budget: { ...madeLoop().budget, passes: 1 } });
  assert.match(
    red.command({ do: 'land', run: id(1) }) ?? '',
    /not in review, it is paused:budget: only green work lands/,
  );
  const wild = green(1);
  for (const onto of ['-f', 'a b', 'loop/fix-1', 'a..b', 'HEAD', 'refs/heads/main', 'x@{1}', 'x\u0007'])
    assert.match(wild.command({ do: 'land', run: id(1), onto }) ?? '', /no name of a branch/, onto);
});

test('stop takes it back, but not once the target is being moved', () => {
  const world = green(1);
  land(world, 1);
  while (world.run().landing?.step.is !== 'gating') world.settleOnce();
  assert.equal(world.command({ do: 'stop', run: id(1) }), null);
  world.settle();
  assert.deepEqual([words(world), world.branches.main], [['review'], ['base']]);
  land(world, 1);
  while (world.run().landing?.step.is !== 'moving') world.settleOnce();
  assert.match(world.command({ do: 'stop', run: id(1) }) ?? '', /too late/);
  assert.match(world.command({ do: 'kill', run: id(1) }) ?? '', /nothing of it runs/);
  world.settle();
  assert.deepEqual(words(world), ['landed']);
});

test('a note sends green work back, and its next pass has it', () => {
  const world = green(1);
  assert.match(world.command({ do: 'send-back', run: id(1), note: ' ' }) ?? '', /empty/);
  assert.equal(world.command({ do: 'send-back', run: id(1), note: 'Name it better.' }), null);
  assert.equal(stateWord(world.run()), 'making');
  assert.deepEqual(
    world.run().notes.map(({ text, state }) => [text, state]),
    [['Name it better.', 'waiting']],
  );
  world.settle();
  assert.deepEqual([world.run().pass, stateWord(world.run())], [2, 'review']);
});

test('discarded and landed work keeps its branch for a week; work that was stopped keeps it', () => {
  const world = green(3);
  assert.equal(world.command({ do: 'discard', run: id(1) }), null);
  land(world, 2);
  assert.equal(world.command({ do: 'stop', run: id(3) }), null);
  world.work();
  const began = world.now;
  assert.deepEqual(words(world), ['discarded', 'landed', 'discarded']);
  assert.deepEqual(Object.keys(world.state.keepsakes).sort(), ['loop/fix-1', 'loop/fix-2']);
  assert.deepEqual(world.dropped, []);
  world.crash();
  world.settle();
  assert.deepEqual(world.dropped.toSorted(), ['loop/fix-1', 'loop/fix-2']);
  assert.ok(world.now - began >= 6.9 * DAY_MS && world.now - began < 7.1 * DAY_MS);
  assert.deepEqual(world.state.keepsakes, {});
});
