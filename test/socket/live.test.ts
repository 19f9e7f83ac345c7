import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect } from '../../source/socket/client.ts';
import { followFleet, type LiveFleet } from '../../source/socket/live.ts';
import { SmallFleet } from '../fixtures/small-fleet.ts';

async function followed(t: TestContext): Promise<{ path: string; fleet: SmallFleet; live: LiveFleet }> {
  const folder = mkdtempSync(join(tmpdir(), 'lt-'));
  const path = join(folder, 's.sock');
  const fleet = new SmallFleet();
  await fleet.serve(path);
  fleet.rule('r1');
  const live = await followFleet(() => connect(path, { by: 'test', timeoutMs: 2000 }));
  t.after(() => {
    live.close();
    fleet.end();
    rmSync(folder, { recursive: true, force: true });
  });
  return { path, fleet, live };
}
const has = (id: string) => (state: LiveFleet['state']) => id in state.rules;

test('it is the supervisor’s state, at once and after every event', async (t) => {
  const { fleet, live } = await followed(t);
  assert.deepEqual([live.state, live.seq, live.lost], [fleet.state, 1, null]);
  const seen: number[] = [];
  const unsubscribe = live.subscribe(({ state, events }) => {
    assert.equal(state, live.state);
    seen.push(...events.map(({ seq }) => seq));
  });
  for (let n = 2; n <= 50; n += 1) fleet.rule(`r${n}`);
  await live.until(has('r50'));
  assert.deepEqual(live.state, fleet.state);
  assert.deepEqual(
    seen,
    Array.from({ length: 49 }, (_, index) => index + 2),
  );
  unsubscribe();
  fleet.rule('r51');
  await live.until(has('r51'));
  assert.equal(seen.length, 49);
});

test('the event that a command caused is there when the command is done, or comes after it', async (t) => {
  const { live } = await followed(t);
  const answer = await live.send({ do: 'reload' });
  assert.ok(answer.ok);
  assert.ok(live.seq >= answer.seq, 'events are sent before the answer');
});

test('it survives a supervisor that goes and one that comes with a different past', { timeout: 10_000 }, async (t) => {
  const { path, fleet, live } = await followed(t);
  const losses: (string | null)[] = [];
  live.subscribe(() => losses.push(live.lost));
  fleet.end();
  while (live.lost === null) await new Promise(setImmediate);
  assert.deepEqual(Object.keys(live.state.rules), ['r1'], 'the last known state is kept');
  assert.ok(!(await live.send({ do: 'reload' })).ok);
  await new Promise((resolve) => setTimeout(resolve, 150));

  const next = new SmallFleet();
  t.after(() => next.end());
  await next.serve(path);
  next.rule('other');
  await live.until(has('other'));
  assert.equal(live.lost, null);
  next.rule('more');
  await live.until(has('more'));
  assert.deepEqual(live.state, next.state);
  assert.equal(losses[0], 'the supervisor has ended');
});

test('waiting ends with its signal and with the fleet', async (t) => {
  const { live } = await followed(t);
  const given = new AbortController();
  const first = live.until(has('never'), given.signal);
  given.abort(new Error('enough'));
  await assert.rejects(first, /enough/);
  const second = live.until(has('never'));
  live.close();
  await assert.rejects(second, /no longer followed/);
  await assert.rejects(live.until(has('r1')), /no longer followed/);
});

test('following is refused where nobody is to be followed', async () => {
  await assert.rejects(
    followFleet(() => connect('/nowhere/s.sock', { by: 'test', timeoutMs: 100 })),
    /no supervisor runs/,
  );
});
