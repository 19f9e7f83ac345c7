import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../source/loop/event.ts';
import { adviceOn, isIn, isTrial, rulesFor } from '../../source/loop/rule-life.ts';
import type { Rule } from '../../source/loop/state.ts';
import { madeLoop, queued } from './made-loop.ts';
import { SimulatedWorld } from './simulated-world.ts';

const DAY = 86_400_000;
const rule = (change: Partial<Rule> = {}): Rule => ({
  id: 'r001',
  file: 'RULES.md',
  text: 'Use fake timers.',
  scope: '**',
  status: 'active',
  by: 'you',
  at: 0,
  from: null,
  shown: 0,
  lastShown: null,
  helped: 0,
  hurt: 0,
  bumped: 0,
  ...change,
});
const learned = (fingerprint: string) => ({ run: 'fix-1' as never, gate: 'unit', fingerprint });
const many = (count: number, length = 20) =>
  Array.from({ length: count }, (_, n) =>
    rule({ id: `r${String(n + 1).padStart(3, '0')}`, text: 'x'.repeat(length), at: n }),
  );
const ANY = { files: [], failures: [] };
const caps = { max: 25, tokens: 1500, scope: false };

test('the newest rules are shown, in the order of the file, within both caps', () => {
  const shown = rulesFor(many(40), ANY, caps);
  assert.deepEqual([shown.length, shown[0]?.id, shown.at(-1)?.id], [25, 'r016', 'r040']);
  // A line of 187 + 13 characters is 50 tokens with its line feed.
  assert.equal(rulesFor(many(40, 187), ANY, { ...caps, tokens: 500 }).length, 10);
  assert.deepEqual(rulesFor(many(3), ANY, { ...caps, max: 0 }), []);
  assert.deepEqual(
    rulesFor([rule({ status: 'retired' }), rule({ id: 'r002' })], ANY, caps).map(({ id }) => id),
    ['r002'],
  );
});

test('the rule of the last failure is shown before newer ones, wherever it stands in the file', () => {
  const rules = many(30).map((each, n) => (n === 0 ? { ...each, from: learned('boom') } : each));
  assert.ok(!rulesFor(rules, ANY, caps).some(({ id }) => id === 'r001'));
  const shown = rulesFor(rules, { files: [], failures: ['boom'] }, caps);
  assert.equal(shown[0]?.id, 'r001');
  assert.equal(shown.length, 25);
});

test('with scopes, a rule is shown where its files are touched, and everywhere while nothing is known', () => {
  const rules = [rule({ scope: 'packages/queue/**' }), rule({ id: 'r002', scope: 'src/*.ts' }), rule({ id: 'r003' })];
  const ids = (files: string[]) =>
    rulesFor(rules, { files, failures: [] }, { ...caps, scope: true }).map(({ id }) => id);
  assert.deepEqual(ids([]), ['r001', 'r002', 'r003']);
  assert.deepEqual(ids(['packages/queue/.env']), ['r001', 'r003']);
  assert.deepEqual(ids(['src/a.ts']), ['r002', 'r003']);
  assert.deepEqual(ids(['src/deep/a.ts']), ['r003']);
  assert.ok(isIn('app/(auth)/page.tsx')('app/(auth)/page.tsx'));
});

test('a rule is on trial for ten showings or fourteen days', () => {
  assert.ok(isTrial(rule(), 13 * DAY));
  assert.ok(!isTrial(rule(), 14 * DAY));
  assert.ok(!isTrial(rule({ shown: 10 }), 0));
});

test('advice: what comes back wants a gate, what hurts or is not used wants to go', () => {
  assert.equal(adviceOn(rule(), DAY), null);
  const again = rule({ from: learned('boom'), hurt: 2, bumped: 1, helped: 9 });
  assert.match(adviceOn(again, DAY)?.because ?? '', /came back 3 times: make it a test/);
  assert.equal(adviceOn(again, DAY)?.do, 'gate');
  assert.equal(adviceOn(rule({ hurt: 2, helped: 1 }), DAY)?.do, 'retire');
  assert.equal(adviceOn(rule({ hurt: 2, helped: 2 }), DAY), null);
  assert.match(adviceOn(rule({ lastShown: 0 }), 46 * DAY)?.because ?? '', /not shown for 46 days/);
  assert.match(adviceOn(rule({ scope: 'gone/**' }), DAY, ['src/a.ts'])?.because ?? '', /no file/);
  assert.equal(adviceOn(rule({ scope: 'src/**' }), DAY, ['src/a.ts']), null);
  assert.equal(adviceOn(rule({ status: 'retired', hurt: 9 }), DAY), null);
});

test('each pass counts for the rules its maker was told: the failure stayed away, or it came back', () => {
  const w = new SimulatedWorld({
    agent: () => 'ends',
    gate: (run, gate) => (gate === 'unit' && run.pass < 3 ? 'boom' : ''),
  });
  const draft = { text: 'Use fake timers.', scope: '**', gate: 'unit', fingerprint: 'boom', pass: 1 };
  const add: Event = {
    type: 'rule-added',
    id: 'r001',
    text: 'Use fake timers.',
    scope: '**',
    by: 'you',
    run: 'fix-0' as never,
  };
  w.happen(queued(madeLoop(), 'fix-0' as never), { type: 'draft-made', run: 'fix-0' as never, draft }, add);
  w.happen({ type: 'run-ended', run: 'fix-0' as never, end: { kind: 'discarded', by: 'you' } });
  w.rules = ['r001'];
  w.happen(queued());
  w.settle();
  const { shown, helped, hurt, lastShown, from } = w.state.rules.r001 ?? rule();
  assert.deepEqual({ shown, helped, hurt }, { shown: 3, helped: 1, hurt: 2 });
  assert.ok((lastShown ?? 0) > 0);
  assert.equal(from?.fingerprint, 'boom');
  w.happen({ type: 'rule-bumped', id: 'r001', by: 'you', run: null });
  assert.equal(adviceOn(w.state.rules.r001 ?? rule(), w.now)?.do, 'gate');
});
