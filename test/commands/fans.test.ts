/** The verbs of a fan, as a person or a script types them. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { fanFleet, releasedFleet } from '../pane/fan-fixture.ts';
import { type Bench, bench, type Supervised } from './workbench.ts';

let at: Bench;
let supervisor: Supervised | null = null;
before(async () => {
  at = await bench();
});
afterEach(async () => {
  await supervisor?.close();
  supervisor = null;
});
after(() => at[Symbol.asyncDispose]());

test('ls has a line for the fan and the item beside each of its runs; --json says both', async () => {
  supervisor = await at.supervise(releasedFleet());
  const { out } = await at.looptop('ls');
  assert.match(out, /refactor-3 api .*making/);
  assert.match(out, /^f1 +.*fan .*refactor 2\/6 · 1 failed; 2 at work, 2 waiting$/m);
  const runs = JSON.parse((await at.looptop('ls', '--json')).out) as { id: string; fan: unknown }[];
  assert.deepEqual(runs.find(({ id }) => id === 'refactor-4')?.fan, { id: 'f1', key: 'cli' });
  const loops = JSON.parse((await at.looptop('ls', '--loops', '--json')).out) as { fan: { counts: unknown } }[];
  assert.deepEqual(loops[0]?.fan.counts, {
    ...{ all: 6, waiting: 2, running: 2, green: 1, landed: 0, failed: 1, skipped: 0 },
  });
});

test('show tells of a fan item by item, by its id or by its loop', async () => {
  supervisor = await at.supervise(fanFleet());
  const { out } = await at.looptop('show', 'f1');
  assert.match(out, /^fan +f1 of refactor, 2\/6 · 1 failed$/m);
  assert.match(out, /^now +pilot of 2 is done, 1 green, 1 failed: the other 4 begin after looptop release f1$/m);
  assert.match(out, /^used +.*k of 1M tokens, \$2\.10 of \$10\.00, 14m of 4h00, 5 of 80 passes$/m);
  assert.match(out, /^http +failed +refactor-2 +stopped at its cap, 4 of 4 passes/m);
  assert.match(out, /^web +waiting$/m);
  const told = JSON.parse((await at.looptop('show', 'refactor', '--json')).out);
  assert.equal(told.id, 'f1');
  assert.equal(told.items.length, 6);
  assert.match((await at.looptop('show', 'refactor-1')).out, /^fan +f1, item core \(looptop show f1\)$/m);
  assert.match((await at.looptop('status')).out, /^looptop \S?1 /);
});

test('release, budget and stop take a fan', async () => {
  supervisor = await at.supervise(fanFleet());
  assert.match(
    (await at.looptop('budget', 'f1', '--usd', '+5')).out,
    /^The budget of f1 is now 1M tokens, \$15\.00, 4h00, 80 passes\.$/m,
  );
  assert.match((await at.looptop('release', 'refactor')).out, /^f1 is released: 4 items begin, at most 3 at once\.$/m);
  const again = await at.looptop('release', 'f1');
  assert.equal(again.code, 1);
  assert.match(again.err, /f1 waits for nobody: 2\/6/);
  assert.match((await at.looptop('stop', 'f1', '--yes')).out, /^f1 is stopped: 4 not begun\.$/m);
  const none = await at.looptop('release', 'docs');
  assert.equal(none.code, 2);
  assert.match(none.err, /There is no fan docs: there is f1 of refactor\./);
});

test('whoever ends all runs ends the fans, too, which would begin others in their place', async () => {
  supervisor = await at.supervise(releasedFleet());
  const { out } = await at.looptop('kill', '--all', '--yes', '--json');
  const said = JSON.parse(out) as { run: string }[];
  assert.deepEqual(said.map(({ run }) => run).slice(0, 1), ['f1']);
  assert.deepEqual(
    supervisor.commands.map(({ command }) => command.do),
    ['stop-fan', 'kill', 'kill'],
  );
});
