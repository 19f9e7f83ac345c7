/** Every recorded run of `codex exec`: nothing in it is unknown, its outcome is right, and its only figure is the thread's total. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCodexReader } from '../../../source/agents/codex/reader.ts';
import type { AgentEvent } from '../../../source/loop/agent-event.ts';
import { add, NO_TOKENS, type Tokens } from '../../../source/loop/tokens.ts';
import { billOf, linesOf, readAll, recordingsOf } from '../recordings.ts';

const RECORDINGS = recordingsOf('codex').filter(({ file }) => !file.startsWith('codex-appserver'));

/** The mock's bill of the steps 0 … count-1, as OpenAI's dialect tells it: what was written to the cache is plain input. */
const steps = (count: number): Tokens =>
  Array.from({ length: count }, (_, n) => ({
    input: 1300 + 11 * n,
    cacheRead: 20_000 + 100 * n,
    cacheWrite: 0,
    output: 40 + n,
    reasoning: 5,
  })).reduce(add, NO_TOKENS);

const all = (...bills: readonly Tokens[]): Tokens => bills.reduce(add, NO_TOKENS);

interface Expected {
  readonly outcome: string;
  readonly bill: Tokens | null;
  /** What the thread had cost before this process. */
  readonly before?: Tokens;
}

const done = (bill: Tokens): Expected => ({ outcome: 'done', bill });
const apiError: Expected = { outcome: 'api-error', bill: null };

const EXPECTED: Readonly<Record<string, Expected>> = {
  'approve-for-me': done(steps(2)),
  'cut-once': done(steps(1)),
  'developer-instructions': done(steps(1)),
  'err-400': apiError,
  'err-429-once': done(steps(1)),
  'err-429': apiError,
  'err-500-mid': apiError,
  'err-500': apiError,
  'err-529': apiError,
  // A Stop hook sends it back to work: one step of one scenario, two of another.
  'hook-stop-block': done(all(steps(1), steps(2))),
  'huge-line': done(steps(2)),
  huge: done(steps(2)),
  'max-tokens': { outcome: 'failed', bill: null },
  // The launcher of an old Node reports 130; the exit code of a signal is our shim's 128 + n.
  'node20-sigint': { outcome: 'failed', bill: null },
  'node20-sigkill-group': { outcome: 'failed', bill: null },
  'output-schema': done(steps(1)),
  'resume-a-first': done(steps(2)),
  'resume-b-same-model': { ...done(steps(2)), before: steps(2) },
  'resume-c-other-model': { ...done(steps(2)), before: all(steps(2), steps(2)) },
  'resume-e-unknown': { outcome: 'failed', bill: null },
  'resume-f-killed': { outcome: 'failed', bill: null },
  // A process of one step came before it that was not recorded.
  'resume-other-cwd': { ...done(steps(2)), before: all(steps(2), steps(2), steps(2), steps(1)) },
  'sandbox-default-readonly': done(steps(2)),
  'sandbox-workspace-write': done(steps(2)),
  'sigint-mid-stream': { outcome: 'failed', bill: null },
  'sigint-mid-tool': { outcome: 'failed', bill: null },
  'sigkill-mid-tool': { outcome: 'failed', bill: null },
  'sigstop-120s': done(steps(1)),
  'sigstop-330s': done(steps(1)),
  subagent: done(steps(3)),
  'success-tool-known-model': done(steps(2)),
  'success-tool': done(steps(2)),
  'tool-fail': done(steps(2)),
  'tool-unknown': done(steps(2)),
  'two-tools': done(steps(2)),
  unicode: done(steps(2)),
};

function replay(file: string, before?: Tokens, books = false): AgentEvent[] {
  const reader = createCodexReader(before);
  const first = books ? [] : (reader.withoutBooks?.() ?? []);
  const recording = RECORDINGS.find((one) => one.file === file);
  const { code = null, signal = null } = recording?.exit ?? {};
  const exit = code ?? (signal === 'SIGKILL' ? 137 : null);
  return [...first, ...readAll(reader, linesOf(file)), ...reader.end(exit)];
}

const of = <T extends AgentEvent['type']>(events: readonly AgentEvent[], type: T) =>
  events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);

test('every recording is expected to be something', () => {
  const names = RECORDINGS.map(({ file }) => file.replace(/^codex-|\.jsonl$/g, ''));
  assert.deepEqual(names.sort(), Object.keys(EXPECTED).sort());
});

for (const [name, { outcome, bill, before }] of Object.entries(EXPECTED)) {
  test(`${name}: ${outcome}`, () => {
    const events = replay(`codex-${name}.jsonl`, before);
    assert.deepEqual(of(events, 'unknown'), []);
    assert.equal(of(events, 'ended').at(-1)?.outcome, outcome);
    assert.deepEqual(billOf(events), bill === null ? {} : { '': bill });
    assert.equal(of(events, 'hidden').length, bill === null ? 0 : 1, 'sub-agents are not in it');
  });
}

test('with rollouts at hand, its total is not reported', () => {
  for (const { file } of RECORDINGS) assert.deepEqual(billOf(replay(file, undefined, true)), {});
});

test('a tool call is acted and observed once, with its command, its output and how it ended', () => {
  const events = replay('codex-tool-fail.jsonl');
  const [acted] = of(events, 'acted');
  assert.equal(acted?.tool, 'exec');
  assert.equal(acted?.input, 'echo before; ls /nonexistent-dir; exit 3');
  const [observed] = of(events, 'observed');
  assert.deepEqual([observed?.id, observed?.ok], [acted?.id, false]);
  assert.match(observed?.output ?? '', /^before\nls: cannot access[\s\S]*\[exit 3\]$/);
  assert.equal(of(replay('codex-two-tools.jsonl'), 'acted').length, 2);
  assert.equal(of(replay('codex-two-tools.jsonl'), 'observed').length, 2);
});

test('a huge output is clipped, unicode is kept, and so are its thoughts', () => {
  const [huge] = of(replay('codex-huge.jsonl'), 'observed');
  assert.ok(huge && huge.output.length <= 4000 && huge.output.includes('characters'));
  const [said] = of(replay('codex-unicode.jsonl'), 'said');
  assert.match(said?.text ?? '', /日本語の行 – 🚀 👩‍👩‍👧‍👦/);
  assert.deepEqual(of(replay('codex-success-tool.jsonl'), 'thought'), [
    { type: 'thought', text: 'I should write the file.' },
  ]);
});

test('a retry is no failure, and a limit is told once', () => {
  const once = replay('codex-err-429-once.jsonl');
  assert.equal(of(once, 'retrying').length, 1);
  assert.deepEqual(
    of(once, 'limited').map(({ why, inMs }) => [why, inMs]),
    [['rate', null]],
  );
  const never = replay('codex-err-429.jsonl');
  assert.equal(of(never, 'retrying').length, 2);
  assert.equal(of(never, 'limited').length, 1);
  assert.deepEqual(
    of(replay('codex-err-529.jsonl'), 'limited').map(({ why }) => why),
    ['overloaded'],
  );
  assert.deepEqual(of(replay('codex-err-500.jsonl'), 'limited'), []);
});

test('a warning is a warning, whatever codex calls its item', () => {
  const events = replay('codex-resume-c-other-model.jsonl');
  assert.match(of(events, 'warned')[0]?.text ?? '', /recorded with model `gpt-6-astra`/);
});
