import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ShellGate } from '../../../source/loop/definition/gates.ts';
import { NOT_MEASURED } from '../../../source/loop/fold/result.ts';
import { runGate } from '../../../source/supervisor/gates/gate.ts';
import { shellGate } from '../../loop/made-loop.ts';

test('a gate that exits 0 is green', async (t) => {
  const { run } = gateIn(t, { run: 'echo fine; pwd > where' });
  const { ms, ...outcome } = await run().done;
  assert.deepEqual(outcome, {
    ...NOT_MEASURED,
    ...{ status: 'green', exit: 0, fingerprint: null, summary: '', tail: 'fine' },
  });
  assert.ok(ms >= 0);
});

test('a gate that fails is red, with exit code, fingerprint, summary and the end of its output', async (t) => {
  const { run, folder } = gateIn(t, { run: 'echo; echo "expected 3 calls, saw 2" >&2; exit 3' });
  const { ms: _, ...first } = await run().done;
  const tail = '\nexpected 3 calls, saw 2';
  assert.deepEqual(
    { ...first, fingerprint: '' },
    { ...NOT_MEASURED, status: 'red', exit: 3, fingerprint: '', summary: tail.trim(), tail },
  );
  assert.equal(readFileSync(join(folder, 'runs/1-gate-g/out'), 'utf8'), `${tail}\n`);
  assert.equal((await run().done).fingerprint, first.fingerprint);
});

test('a gate that is killed by a signal is red, one that cannot be run is an error', async (t) => {
  const killed = await gateIn(t, { run: 'kill -9 $$' }).run().done;
  assert.deepEqual([killed.status, killed.exit], ['red', null]);
  const { run, folder } = gateIn(t, {});
  rmSync(join(folder, 'worktree'), { recursive: true });
  const outcome = await run().done;
  assert.deepEqual([outcome.status, outcome.exit, outcome.fingerprint], ['error', null, null]);
  assert.match(outcome.summary, /^could not run: /);
});

test('a flaky gate has to be green as often as it says', async (t) => {
  const count = 'echo x >> count; test $(wc -l < count) -lt';
  const steady = gateIn(t, { run: `${count} 9`, repeat: 3 });
  assert.equal((await steady.run().done).status, 'green');
  assert.equal(readFileSync(join(steady.folder, 'worktree/count'), 'utf8'), 'x\nx\nx\n');
  const flaky = gateIn(t, { run: `${count} 2`, repeat: 3 });
  assert.equal((await flaky.run().done).status, 'red');
  assert.equal(readFileSync(join(flaky.folder, 'worktree/count'), 'utf8'), 'x\nx\n', 'it stops at the first red');
});

test('a gate that does not end is timed out, and what it started dies with it', async (t) => {
  const { run, folder } = gateIn(t, { run: 'echo waiting; (sleep 2; touch late) & sleep 30', timeoutMs: 300 });
  const outcome = await run().done;
  assert.deepEqual(
    [outcome.status, outcome.exit, outcome.fingerprint, outcome.tail],
    ['timeout', null, null, 'waiting'],
  );
  assert.equal(outcome.summary, 'no end after 300ms');
  await sleep(2200);
  assert.equal(existsSync(join(folder, 'worktree/late')), false);
});

test('the clock of the timeout stands still while the run is on hold', async (t) => {
  const { run } = gateIn(t, { run: 'sleep 1', timeoutMs: 600 });
  const handle = run();
  handle.hold();
  const outcome = await handle.done;
  assert.equal(outcome.status, 'green');
  assert.ok(outcome.ms < 600);
});

test('an abandoned gate rejects with the reason and leaves nothing running', async (t) => {
  const { run, folder } = gateIn(t, { run: '(sleep 1; touch late) & sleep 30' });
  const owner = new AbortController();
  const { done } = run(owner.signal);
  setTimeout(() => owner.abort(new Error('no longer wanted')), 200);
  await assert.rejects(done, /no longer wanted/);
  await sleep(1200);
  assert.equal(existsSync(join(folder, 'worktree/late')), false);
});

test('a gate sees a CI machine, not the npm and the Node that run looptop', async (t) => {
  const names = [
    'CI',
    'LOOPTOP_GATE',
    'NODE_ENV',
    'npm_config_x',
    'INIT_CWD',
    'NODE_TEST_CONTEXT',
    'KEPT',
    'LOOPTOP_PASS',
  ];
  const { run, folder } = gateIn(t, { run: `for name in ${names.join(' ')}; do eval "echo $name=\\$$name"; done` });
  const env = {
    NODE_ENV: 'production',
    LOOPTOP_NODE_ENV: '',
    npm_config_x: '1',
    INIT_CWD: '/',
    NODE_TEST_CONTEXT: 'child-v8',
    KEPT: 'yes',
    LOOPTOP_PASS: '2',
  };
  assert.equal((await run(undefined, env).done).status, 'green');
  const seen = readFileSync(join(folder, 'runs/1-gate-g/out'), 'utf8');
  assert.equal(
    seen,
    'CI=true\nLOOPTOP_GATE=g\nNODE_ENV=\nnpm_config_x=\nINIT_CWD=\nNODE_TEST_CONTEXT=\nKEPT=yes\nLOOPTOP_PASS=2\n',
  );
  await run(undefined, { CI: 'false', NODE_ENV: 'test' }).done;
  assert.match(readFileSync(join(folder, 'runs/1-gate-g/out'), 'utf8'), /^CI=false\nLOOPTOP_GATE=g\nNODE_ENV=test\n/);
});

test('a real failing test run is told by its test, even when looptop itself runs under node --test', async (t) => {
  const { run, folder } = gateIn(t, { run: `"${process.execPath}" --test` });
  const source = "require('node:test').test('adds numbers', () => require('node:assert').strictEqual(1 + 1, 3));\n";
  writeFileSync(join(folder, 'worktree/a.test.js'), source);
  const outcome = await run(undefined, { ...process.env }).done;
  assert.equal(outcome.status, 'red');
  assert.equal(outcome.summary, 'adds numbers: 2 !== 3');
});

test('of much output the end is kept, in whole lines', async (t) => {
  const { run } = gateIn(t, {
    run: 'i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo "line $i é"; done; seq 1 300000; echo "Error: last"; exit 1',
  });
  const { tail, summary } = await run().done;
  assert.ok(tail.length <= 4000 && tail.length > 3900);
  assert.match(tail, /^\d+\n/);
  assert.match(tail, /\nError: last$/);
  assert.equal(summary, 'Error: last');
});

function gateIn(t: TestContext, gate: Partial<ShellGate>) {
  const folder = mkdtempSync(join(tmpdir(), 'looptop-gate-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const worktree = join(folder, 'worktree');
  mkdirSync(worktree);
  const definition = shellGate({ timeoutMs: 30_000, ...gate });
  const run = (signal?: AbortSignal, env: Record<string, string | undefined> = {}) =>
    runGate({
      gate: definition,
      worktree,
      dir: join(folder, 'runs/1-gate-g'),
      env: { PATH: process.env.PATH, ...env },
      mark: randomBytes(16).toString('hex'),
      ...(signal && { signal }),
    });
  return { run, folder };
}
