/** Projects of several kinds, with the words their tools use, so that a scenario is not tried on one language only. */

export interface Kind {
  readonly name: string;
  readonly test: string;
  readonly build: string;
  readonly source: string;
  readonly other: string;
  readonly spec: string;
  /** What a failing test prints; `n` changes what no rule should see: durations, times, temporary folders. */
  failing(name: string, n: number): string;
  passing(n: number): string;
}

const clock = (n: number): string =>
  `${String(10 + (n % 12))}:${String((n * 7) % 60).padStart(2, '0')}:${String((n * 13) % 60).padStart(2, '0')}`;

export const KINDS: readonly Kind[] = [
  {
    name: 'npm',
    test: 'npm test',
    build: 'npm run build',
    source: 'src/queue.ts',
    other: 'src/retry.ts',
    spec: 'test/queue.test.ts',
    failing: (name, n) =>
      `TAP version 13\nnot ok 1 - ${name}\n  ---\n  duration_ms: ${(3 + n * 0.37).toFixed(2)}ms\n  location: '/tmp/work-${n}a/test/queue.test.ts:14:3'\n  error: 'Expected 3, saw 2'\n  ...\n# tests 12\n# pass 11\n# fail 1\n# duration ${120 + n} ms`,
    passing: (n) => `# tests 12\n# pass 12\n# fail 0\n# duration ${130 + n} ms`,
  },
  {
    name: 'pytest',
    test: 'python -m pytest -q',
    build: 'python -m build',
    source: 'shop/queue.py',
    other: 'shop/retry.py',
    spec: 'tests/test_queue.py',
    failing: (name, n) =>
      `F...........                                                  [100%]\nE       AssertionError: assert 2 == 3\n\ntests/test_queue.py:14: AssertionError\nFAILED tests/test_queue.py::${name.replace(/\W+/g, '_')} - AssertionError: assert 2 == 3\n1 failed, 11 passed in ${(0.4 + n * 0.03).toFixed(2)}s`,
    passing: (n) => `............ [100%]\n12 passed in ${(0.4 + n * 0.03).toFixed(2)}s`,
  },
  {
    name: 'cargo',
    test: 'cargo test',
    build: 'cargo build --release',
    source: 'src/queue.rs',
    other: 'src/retry.rs',
    spec: 'tests/queue.rs',
    failing: (name, n) =>
      `   Compiling shop v0.1.0 (/tmp/shop.${n}x)\n    Finished test profile in ${(1.2 + n * 0.11).toFixed(2)}s\ntest ${name.replace(/\W+/g, '_')} ... FAILED\n\n---- stdout ----\nthread panicked at tests/queue.rs:14:5:\nassertion failed: left == right\n\ntest result: FAILED. 11 passed; 1 failed; finished in 0.0${n % 10}s`,
    passing: (n) =>
      `    Finished test profile in ${(1.2 + n * 0.11).toFixed(2)}s\ntest result: ok. 12 passed; 0 failed; finished in 0.0${n % 10}s`,
  },
  {
    name: 'go',
    test: 'go test ./...',
    build: 'go build ./...',
    source: 'queue/queue.go',
    other: 'queue/retry.go',
    spec: 'queue/queue_test.go',
    failing: (name, n) =>
      `${clock(n)} queue: draining\n--- FAIL: Test${name.replace(/\W+/g, '')} (0.0${n % 10}s)\n    queue_test.go:14: got 2, want 3\nFAIL\nFAIL\texample.com/shop/queue\t0.${10 + n}s`,
    passing: (n) => `ok  \texample.com/shop/queue\t0.${10 + n}s`,
  },
];
