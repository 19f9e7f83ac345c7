import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Expectation, MachineGate, MetricGate } from '../../../source/loop/definition/gates.ts';
import type { GateRun } from '../../../source/supervisor/gates/gate.ts';
import { runGate } from '../../../source/supervisor/gates/gate.ts';
import { numberIn } from '../../../source/supervisor/gates/number.ts';
import { metricGate, shellGate } from '../../loop/made-loop.ts';

const EXPECT: Expectation = { exit: 0, stdout: null, stderr: null };

test('a gate can expect another exit code, words on stdout or stderr, or none at all', async (t) => {
  const shown = async (run: string, expect: Partial<Expectation>) => {
    const outcome = await runIn(t, shellGate({ run, expect: { ...EXPECT, ...expect } }));
    return [outcome.status, outcome.summary];
  };
  assert.deepEqual(await shown('exit 3', { exit: 3 }), ['green', '']);
  assert.deepEqual(await shown('true', { exit: 3 }), ['red', 'exit code 0, expected 3']);
  assert.deepEqual(await shown('echo 12 passed', { stdout: '/[1-9]\\d* passed/' }), ['green', '']);
  // No test at all is no proof: a runner that finds none exits 0.
  assert.deepEqual(await shown('echo 0 passed', { stdout: '/^[1-9]\\d* passed/' }), [
    'red',
    'stdout does not show /^[1-9]\\d* passed/',
  ]);
  assert.deepEqual(await shown('echo 12 passed >&2', { stdout: 'passed' }), ['red', 'stdout does not show passed']);
  assert.deepEqual(await shown('echo warning >&2', { stderr: '' }), ['red', 'stderr is not empty']);
  assert.deepEqual(await shown('echo fine', { stderr: '' }), ['green', '']);
});

test('a gate that waits is run again until it is green, and red when its time is over', async (t) => {
  const wait = { beforeMs: 0, everyMs: 50 };
  const late = await runIn(t, shellGate({ run: 'echo x >> n; test $(wc -l < n) -ge 3', wait, timeoutMs: 20_000 }));
  assert.equal(late.status, 'green');
  const never = await runIn(t, shellGate({ run: 'echo x >> n; exit 1', wait, timeoutMs: 900 }));
  // On a busy machine the last try can be cut off by what is left of the time.
  assert.ok(never.status === 'red' || never.status === 'timeout', never.status);
  const once = shellGate({ run: 'echo x >> n; exit 1', wait: { beforeMs: 300, everyMs: null } });
  const { ms, status } = await runIn(t, once);
  assert.equal(status, 'red');
  assert.ok(ms >= 300);
});

test('the number of a metric is the last on stdout, that of a pattern, or one in JSON', () => {
  const last = (text: string) => numberIn(text, { from: 'last' });
  assert.equal(last('3 files, 85.3% covered\n'), 85.3);
  assert.equal(last('size 1,234,567 bytes'), 1_234_567);
  assert.equal(last('delta -4.5e-2'), -0.045);
  assert.equal(last('12kB\n'), 12);
  assert.equal(last('sha256 of x86 v1.2.3'), null);
  assert.equal(last('none'), null);
  const at = (pattern: string, text: string) => numberIn(text, { from: 'pattern', at: pattern });
  assert.equal(at('total: (\\d+)', 'total: 7\ntotal: 9\nin 3 s'), 9);
  assert.equal(at('lines.*', 'lines 91.5 %\n'), 91.5);
  assert.equal(at('missing (\\d+)', '5'), null);
  const json = (path: string, text: string) => numberIn(text, { from: 'json', at: path });
  assert.equal(json('total.lines.pct', '{"total":{"lines":{"pct":88.2}}}'), 88.2);
  assert.equal(json('$.runs[-1].ms', 'building\n{"runs":[{"ms":5},{"ms":4}]}\n'), 4);
  assert.equal(json('constructor', '{"a":1}'), null);
  assert.equal(json('a', '{"a":"x"}'), null);
});

test('whatever a command prints, a metric finds a finite number or none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, path) => {
      for (const read of [{ from: 'last' } as const, { from: 'json', at: path } as const]) {
        const number = numberIn(text, read);
        assert.ok(number === null || Number.isFinite(number));
      }
    }),
    { numRuns: 500 },
  );
});

test('a metric is green within its bounds, and keeps its number either way', async (t) => {
  const shown = async (run: string, change: Partial<MetricGate>, bar: number | null = null) => {
    const { status, score, summary } = await runIn(t, metricGate({ run, ...change }), { bar });
    return [status, score, summary];
  };
  assert.deepEqual(await shown('echo 80', { min: 80 }), ['green', 80, '']);
  assert.deepEqual(await shown('echo 79.5', { min: 80 }), ['red', 79.5, '79.5, at least 80 is wanted']);
  assert.deepEqual(await shown('echo 3', { max: 0 }), ['red', 3, '3, at most 0 is wanted']);
  assert.deepEqual(await shown('echo 7; echo 99 >&2', { max: 10 }), ['green', 7, '']);
  assert.deepEqual(await shown('echo nothing', { max: 10 }), ['red', null, 'printed no number on stdout']);
  assert.deepEqual(await shown('echo 5; exit 1', { max: 10 }), ['red', null, '5']);
  // A ratchet: never worse than before, by more than is allowed.
  assert.deepEqual(await shown('echo 100', { ratchet: 'down' }, 100), ['green', 100, '']);
  assert.deepEqual(await shown('echo 101', { ratchet: 'down' }, 100), [
    'red',
    101,
    '101, worse than before: it was 100',
  ]);
  assert.deepEqual(await shown('echo 101', { ratchet: 'down', tolerance: 0.01 }, 100), ['green', 101, '']);
  assert.deepEqual(await shown('echo 98', { ratchet: 'up', tolerance: 0.01 }, 100), [
    'red',
    98,
    '98, worse than before: it was 100, and 1 % are allowed',
  ]);
  assert.deepEqual(await shown('echo 5', { ratchet: 'up' }, null), ['green', 5, '']);
});

test('the same number again is the same failure, a better one is not', async (t) => {
  const printOf = async (n: number) => (await runIn(t, metricGate({ run: `echo ${n}`, max: 0 }))).fingerprint;
  assert.equal(await printOf(3), await printOf(3));
  assert.notEqual(await printOf(3), await printOf(2));
});

test('what a command says on stderr is kept apart only where that matters, and shown in both cases', async (t) => {
  const command = 'echo out; echo err >&2; exit 1';
  const plain = await runIn(t, shellGate({ run: command }));
  const apart = await runIn(t, shellGate({ run: command, expect: { ...EXPECT, stdout: 'out' } }));
  assert.equal(plain.tail, 'out\nerr');
  assert.equal(apart.tail, 'out\nerr');
  assert.equal(readFileSync(join(apart.folder, 'dir/err'), 'utf8'), 'err\n');
});

async function runIn(t: TestContext, gate: MachineGate, about: Partial<GateRun> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'looptop-gate-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const worktree = join(folder, 'worktree');
  mkdirSync(worktree);
  const { done } = runGate({
    gate: { ...gate, timeoutMs: gate.timeoutMs === 1000 ? 30_000 : gate.timeoutMs },
    worktree,
    dir: join(folder, 'dir'),
    env: { PATH: process.env.PATH },
    mark: randomBytes(16).toString('hex'),
    ...about,
  });
  return { ...(await done), folder };
}
