/** The meter against the true bills of every recorded claude run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createClaudeReader } from '../../source/agents/claude-reader.ts';
import { createUsageBook } from '../../source/agents/claude-usage.ts';
import { add, max, NO_TOKENS, type Tokens } from '../../source/loop/tokens.ts';
import { billOf, linesOf, readAll, recordingsOf } from './recordings.ts';

/** What the provider bills for step n of a scenario (fixtures/streams/README.md). */
const step = (n: number): Tokens => bucket(1000 + n, 20_000 + 100 * n, 300 + 10 * n, 40 + n);
const steps = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => step(from + n)).reduce(add, NO_TOKENS);
const bucket = (input: number, cacheRead: number, cacheWrite: number, output: number): Tokens => ({
  input,
  cacheRead,
  cacheWrite,
  output,
  reasoning: 0,
});

const SONNET = 'claude-sonnet-4-5';
const OPUS = 'claude-opus-4-5';
const NEW_SONNET = 'claude-sonnet-5-5';
const one = { [SONNET]: step(0) };
const two = { [SONNET]: steps(0, 1) };
const four = { [SONNET]: steps(0, 3) };
const subAgent = [bucket(77, 700, 7, 17), bucket(78, 800, 8, 18)].reduce(add, steps(0, 1));
/** What message_start says of a first response, where the output is a placeholder of 1. */
const cutShort = { [SONNET]: { ...step(0), output: 1 } };

const BILLS: Record<string, Record<string, Tokens>> = {
  'bad-model': { 'no-such-model': step(0) },
  bare: two,
  'context-full': {},
  'cut-once': one,
  'err-429-once': one,
  'err-429-retry2': {},
  'fallback-model': {},
  // The judge of /goal is a side request: input 11, output 3.
  'goal-prompt': { [SONNET]: add(steps(0, 1), bucket(11, 0, 0, 3)) },
  'hook-stop-block': { [SONNET]: add(step(0), steps(0, 1)) },
  'huge-line': two,
  huge: two,
  'json-schema': two,
  'live-background': { [NEW_SONNET]: steps(0, 2) },
  'live-permission-allowed': { [NEW_SONNET]: steps(0, 1) },
  'live-permission-denied': { [NEW_SONNET]: steps(0, 1) },
  'live-question': { [NEW_SONNET]: steps(0, 1) },
  'live-refusal': { [NEW_SONNET]: steps(0, 1) },
  'loop-prompt': one,
  'max-tokens': two,
  'max-turns': two,
  mcp: two,
  'perm-acceptedits-bash': two,
  'perm-default-denied': two,
  'perm-dontask-denied': two,
  'resume-a-first': two,
  'resume-b-same-model': two,
  'resume-c-other-model': { [OPUS]: steps(0, 1) },
  'resume-d-no-model-flag': { [OPUS]: step(0) },
  'resume-f-unknown': {},
  'resume-g-sessionid-reused': {},
  'resume-j-other-cwd': { [OPUS]: step(0) },
  'sigint-group-mid-tool': one,
  'sigint-mid-tool': one,
  'sigstop-cont-mid-stream': one,
  'snapshot-a': one,
  'snapshot-b-off': one,
  'streamin-guidance-default': four,
  'streamin-guidance-next': four,
  'streamin-interrupt-midtool': one,
  'streamin-two-turns-setmodel': { [SONNET]: steps(0, 1), [OPUS]: steps(0, 1) },
  'subagent-forward-text': { [SONNET]: subAgent },
  subagent: { [SONNET]: subAgent },
  'success-tool-partial': two,
  'success-tool': two,
  'tool-fail': two,
  unicode: two,
  worktree: two,
};

/**
 * Killed runs keep what was seen live. Those in mid-tool were recorded without partial messages (we always ask for
 * them), so the 40 tokens of their one response were never seen.
 */
const KILLED: Record<string, Record<string, Tokens>> = {
  'resume-h-killed': cutShort,
  'sigkill-group-mid-tool': cutShort,
  'sigkill-mid-tool': cutShort,
  'sigterm-group-mid-tool': cutShort,
  'sigterm-mid-stream': cutShort,
};

/**
 * Responses that were cut: the provider's ledger has nothing for them, claude bills their input and an estimate of the
 * output it saw. We follow claude, which errs on the side of the budget.
 */
const ESTIMATED: Record<string, Record<string, Tokens>> = {
  'sigint-mid-stream': { [SONNET]: { ...step(0), output: 8 } },
  'streamin-interrupt': { [SONNET]: add({ ...step(0), output: 6 }, step(0)) },
  // Frozen for 330 s in mid-response: the stream was given up and the request repeated; both are counted.
  'sigstop-330s': { [SONNET]: add({ ...step(0), output: 22 }, step(0)) },
};

for (const { file } of recordingsOf('claude')) {
  const name = file.slice('claude-'.length, -'.jsonl'.length);
  test(`the meter of ${file} equals its bill`, () => {
    const events = readAll(createClaudeReader(), linesOf(file));
    assert.deepEqual(billOf(events), BILLS[name] ?? KILLED[name] ?? ESTIMATED[name]);
  });
}

test('a run that was streamed is metered in full before its result', () => {
  const lines = linesOf('claude-success-tool-partial.jsonl').slice(0, -1);
  const events = readAll(createClaudeReader(), lines);
  assert.deepEqual(billOf(events), two);
  assert.ok(events.every((event) => event.type !== 'usage' || !event.key.startsWith('result-')));
});

test('lines that come twice count once', () => {
  for (const { file } of recordingsOf('claude')) {
    const lines = linesOf(file);
    const twice = lines.flatMap((line) => (line.includes('"type":"result"') ? [line] : [line, line]));
    assert.deepEqual(billOf(readAll(createClaudeReader(), twice)), billOf(readAll(createClaudeReader(), lines)), file);
  }
});

test('a key only ever rises until it is final, and after the last result every key is but those that were cut', () => {
  for (const { file } of recordingsOf('claude')) {
    const seen = new Map<string, Tokens>();
    const final = new Map<string, boolean>();
    const events = readAll(createClaudeReader(), linesOf(file));
    for (const event of events) {
      if (event.type !== 'usage') continue;
      const before = seen.get(event.key) ?? NO_TOKENS;
      assert.deepEqual(event.tokens, max(before, event.tokens), `${file} ${event.key}`);
      if (final.get(event.key) === true) assert.fail(`${file} ${event.key} was final`);
      seen.set(event.key, event.tokens);
      final.set(event.key, event.final);
    }
    // What is an estimate is never final: the meter of the run is then `live`, not `exact`.
    const estimated = Object.keys(ESTIMATED).some((name) => file === `claude-${name}.jsonl`) ? 1 : 0;
    const open = [...final.values()].filter((isFinal) => !isFinal).length;
    if (events.some((event) => event.type === 'ended')) assert.equal(open, estimated, file);
  }
});

test('a bill under a dated name is not charged beside the responses under the plain one', () => {
  const book = createUsageBook();
  const live = book.report('m1', 'claude-sonnet-4-5-20250929', { input_tokens: 10, output_tokens: 5 }, true);
  const settled = book.settle({ 'claude-sonnet-4-5': { inputTokens: 10, outputTokens: 7 } });
  assert.deepEqual(total([...live, ...settled]), bucket(10, 0, 0, 7));
});

test('with several models, a dated name is set against its own model only', () => {
  const book = createUsageBook();
  const live = book.report('m1', 'claude-sonnet-4-5-20250929', { input_tokens: 10 }, true);
  const settled = book.settle({ 'claude-opus-4-5': { inputTokens: 8 }, 'claude-sonnet-4-5': { inputTokens: 10 } });
  assert.deepEqual(billOf([...live, ...settled])['claude-opus-4-5'], bucket(8, 0, 0, 0));
  assert.deepEqual(total([...live, ...settled]), bucket(18, 0, 0, 0));
});

test('a bill under another name altogether charges only what was not seen', () => {
  const book = createUsageBook();
  const live = book.report('m1', 'some-name', { input_tokens: 10, output_tokens: 5 }, true);
  const settled = book.settle({ 'other-name': { inputTokens: 12, outputTokens: 5 } });
  assert.deepEqual(total([...live, ...settled]), bucket(12, 0, 0, 5));
});

test('a response that spans two results is charged once, whichever bill has it', () => {
  const book = createUsageBook();
  const first = book.report('m1', 'a', { input_tokens: 100, output_tokens: 1 }, false);
  const early = book.settle({ a: { inputTokens: 0, outputTokens: 0 } });
  const late = book.settle({ a: { inputTokens: 100, outputTokens: 40 } });
  assert.deepEqual(total([...first, ...early, ...late]), bucket(100, 0, 0, 40));
});

test('whatever is reported and billed, the total is at least each and at most both', () => {
  const amount = fc.nat({ max: 1000 });
  const report = fc.record({ id: fc.constantFrom('a', 'b', 'c'), input: amount, output: amount });
  const turn = fc.record({ reports: fc.array(report, { maxLength: 6 }), input: amount, output: amount });
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 5 }), (turns) => {
      const book = createUsageBook();
      const events = turns.flatMap(({ reports, input, output }, n) => [
        ...reports.flatMap((it) =>
          book.report(`${n}${it.id}`, 'm', { input_tokens: it.input, output_tokens: it.output }, false),
        ),
        ...book.settle({ m: { inputTokens: input, outputTokens: output } }),
      ]);
      const live = total(events.filter((event) => event.type === 'usage' && !event.key.startsWith('result-')));
      const billed = turns.reduce((sum, { input, output }) => add(sum, bucket(input, 0, 0, output)), NO_TOKENS);
      const all = total(events);
      assert.deepEqual(max(all, live), all);
      assert.deepEqual(max(all, billed), all);
      assert.deepEqual(max(all, add(live, billed)), add(live, billed));
    }),
  );
});

const total = (events: Parameters<typeof billOf>[0]) => Object.values(billOf(events)).reduce(add, NO_TOKENS);

test('what is written to the cache for an hour is told apart from what is written for five minutes', () => {
  const book = createUsageBook();
  const usage = {
    input_tokens: 10,
    cache_creation_input_tokens: 300,
    cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
    output_tokens: 5,
  };
  const tokens = { ...bucket(10, 0, 300, 5), cacheWrite1h: 200 };
  assert.deepEqual(book.report('m', SONNET, usage, true), [
    { type: 'usage', key: 'm', model: SONNET, tokens, final: true },
  ]);
  // The bill knows only the sum, and has nothing to add.
  assert.deepEqual(book.settle({ [SONNET]: { inputTokens: 10, cacheCreationInputTokens: 300, outputTokens: 5 } }), []);
});
