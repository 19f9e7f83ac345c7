import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { forItem } from '../../../source/loop/definition/fill-in.ts';
import { commandOf, type VisualGate } from '../../../source/loop/definition/gates.ts';
import { madeLoop, metricGate, shellGate } from '../made-loop.ts';

const gate = (run: string) =>
  madeLoop({
    gates: madeLoop()
      .gates.slice(0, 1)
      .map((each) => (each.type === 'shell' ? { ...each, run } : each)),
  });
const filled = (run: string, item: unknown) => {
  const made = forItem(gate(run), item, 'trusted');
  if ('refused' in made) return made.refused;
  const [first] = made.gates;
  return first === undefined ? undefined : commandOf(first);
};

test('a field of the item goes into a command, also one of a field, a number, or the item itself', () => {
  assert.equal(
    filled('check {{item.pr.number}} {{ item.name }}', { pr: { number: 7 }, name: 'a/b.ts' }),
    'check 7 a/b.ts',
  );
  assert.equal(filled('check {{item}}', 'src/a.ts'), 'check src/a.ts');
  assert.equal(filled('check', null), 'check');
});

test('every gate that runs a command is filled in, and keeps what is its own', () => {
  const { expect: _expect, type: _type, run: _run, ...common } = shellGate();
  const picture: VisualGate = {
    ...common,
    type: 'visual',
    render: 'shoot {{item.page}} {{gate.actual}}',
    reference: 'a.png',
    likeness: {
      ...{ maxDiffRatio: 0, threshold: 0.1, ignoreAntialiasing: true, minSsim: 1, downscale: 2, maxDeltaE: 2 },
      ignore: [],
    },
    wait: null,
  };
  const made = forItem(
    madeLoop({ gates: [metricGate({ run: 'count {{item.page}}', min: 3 }), picture] }),
    {
      page: 'home',
    },
    'trusted',
  );
  assert.ok(!('refused' in made));
  assert.deepEqual(made.gates, [
    metricGate({ run: 'count home', min: 3 }),
    { ...picture, render: 'shoot home {{gate.actual}}' },
  ]);
});

test('what a shell would read, what looks like an option, and what is not there is refused with words', () => {
  for (const value of ['a b', '$(id)', '`id`', 'a;b', "a'b", 'a\nb', '-rf', '--all', '', '*', '~root', 'a'.repeat(201)])
    assert.match(
      filled('check {{item.x}}', { x: value }) ?? '',
      /gate lint wants \{\{item\.x\}\}, but .* cannot go there/,
      value,
    );
  assert.match(filled('check {{item.x}}', {}) ?? '', /which the item does not have/);
  assert.match(filled('check {{item.__proto__.x}}', {}) ?? '', /which the item does not have/);
  assert.match(filled('check {{item.x}}', { x: { y: 1 } }) ?? '', /which the item does not have/);
});

test('what passes is one word of a shell, the same word', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ -~]{1,12}$/), (value) => {
      const made = filled('printf %s {{item}}', value) ?? '';
      if (made.includes('cannot go there')) return;
      assert.equal(execFileSync('sh', ['-c', made], { encoding: 'utf8' }), value);
    }),
    { numRuns: 60 },
  );
});

test('branches are only what git takes as one', () => {
  const of = (base: string | null, branch: string | null, item: unknown) => {
    const made = forItem(madeLoop({ isolation: { ...madeLoop().isolation, base, branch } }), item, 'trusted');
    return 'refused' in made ? made.refused : [made.isolation.base, made.isolation.branch];
  };
  assert.deepEqual(of('{{item.b}}', 'loop/x/{{item.k}}', { b: 'feature/a+b', k: 'PR-7' }), [
    'feature/a+b',
    'loop/x/pr-7',
  ]);
  for (const b of ['-x', 'a..b', 'a@{1}', 'a b', 'a/.b', 'a.lock', 'a/', 'a//b', 'x^', 'x:y', 'refs/heads/../x'])
    assert.match(String(of('{{item.b}}', null, { b })), /isolation\.base (wants|is)/, b);
  for (const k of ['../x', 'a/b', '.', 'a.lock', 'a..b'])
    assert.match(String(of(null, 'loop/{{item.k}}', { k })), /isolation\.branch/, k);
});

test('text for people and models takes anything, in one line of what prints', () => {
  const definition = madeLoop({
    commit: 'fix {{item.t}}',
    prompts: { ...madeLoop().prompts, maker: 'Do {{item.t}} {{item.none}}' },
  });
  const made = forItem(definition, { t: 'a\nb \u001b[31m$(id)' }, 'trusted');
  assert.ok(!('refused' in made));
  assert.equal(made.commit, 'fix a b $(id)');
  assert.equal(made.prompts.maker, 'Do a b $(id) {{item.none}}');
});
