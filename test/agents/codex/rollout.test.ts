/** Codex's own books, as it wrote them: what was billed, and what is known to be missing. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { codex } from '../../../source/agents/codex/codex.ts';
import { createCodexReader } from '../../../source/agents/codex/reader.ts';
import { sessionOf } from '../../../source/agents/codex/rollout.ts';
import type { AgentEvent } from '../../../source/loop/agent-event.ts';
import { add, NO_TOKENS, type Tokens } from '../../../source/loop/tokens.ts';
import { billOf } from '../recordings.ts';

const linesOf = (name: string) =>
  readFileSync(new URL(`../../fixtures/rollouts/${name}.jsonl`, import.meta.url), 'utf8')
    .split('\n')
    .filter(Boolean);

/** The mock's step n as OpenAI's dialect tells it. */
const step = (n: number): Tokens => ({
  input: 1300 + 11 * n,
  cacheRead: 20_000 + 100 * n,
  cacheWrite: 0,
  output: 40 + n,
  reasoning: 5,
});
const steps = (...numbers: number[]): Tokens => numbers.map(step).reduce(add, NO_TOKENS);

/** The process ends after these files; `unanswered` are bills that stay open. */
function read(...names: string[]) {
  const reader = createCodexReader();
  const live = names.flatMap((name) => linesOf(name).flatMap((line) => reader.readBook?.(name, line) ?? []));
  const events = [...live, ...reader.end(0)];
  const usage = events.filter((event) => event.type === 'usage');
  return {
    events,
    live,
    reader,
    bill: billOf(usage.filter(({ final }) => final)),
    open: usage.filter(({ final }) => !final),
  };
}

const ASTRA = 'gpt-6-astra';

test('every response is billed once, on the model that gave it', () => {
  const { bill, open, reader } = read('resumed');
  assert.deepEqual(bill, { [ASTRA]: steps(0, 1), 'gpt-6.1-sol': steps(0, 1) });
  assert.deepEqual(open, []);
  assert.deepEqual(reader.total, steps(0, 1, 0, 1), 'the thread’s own count');
  assert.deepEqual(read('two-tools').bill, { [ASTRA]: steps(0, 1) });
});

test('a sub-agent is billed on top, without what its file copies from its parent', () => {
  const { bill, reader } = read('parent', 'sub-agent');
  assert.deepEqual(bill, { [ASTRA]: steps(0, 1, 2, 1, 2) });
  assert.deepEqual(reader.total, steps(0, 1, 2), 'the total is the parent’s alone, as codex prints it');
  assert.equal(sessionOf(linesOf('sub-agent')[0] ?? ''), sessionOf(linesOf('parent')[0] ?? ''));
});

for (const [name, bill, open] of [
  ['killed-in-tool', steps(0), 0],
  ['killed-in-stream', null, 1],
  ['interrupted-in-tool', steps(0), 0],
  ['interrupted-in-stream', steps(0), 1],
  ['failed', steps(0), 0],
  ['cut', null, 1],
] as const) {
  test(`${name}: ${open === 0 ? 'nothing is missing' : 'a bill is missing, and it says so'}`, () => {
    const one = read(name);
    assert.deepEqual(one.bill, bill === null ? {} : { [ASTRA]: bill });
    assert.equal(one.open.length, open);
  });
}

test('the bill of a response is there before its tools run', () => {
  const lines = linesOf('two-tools');
  const record = lines.findIndex((line) => line.includes('"type":"token_usage_record"'));
  const output = lines.findIndex((line) => line.includes('"custom_tool_call_output"'));
  assert.ok(record > 0 && record < output);
});

test('rollouts and printed totals are never both counted', () => {
  const total =
    '{"type":"turn.completed","usage":{"input_tokens":42711,"cached_input_tokens":40100,"output_tokens":81}}';
  const booked = createCodexReader();
  const events: AgentEvent[] = [
    ...linesOf('two-tools').flatMap((line) => booked.readBook?.('r', line) ?? []),
    ...booked.read(total),
    ...booked.end(0),
  ];
  assert.deepEqual(billOf(events), { [ASTRA]: steps(0, 1) });
  const unbooked = createCodexReader();
  const others = [
    ...unbooked.read(total),
    ...(unbooked.withoutBooks?.() ?? []),
    ...linesOf('two-tools').flatMap((line) => unbooked.readBook?.('r', line) ?? []),
    ...unbooked.end(0),
  ];
  assert.deepEqual(billOf(others), { '': { ...steps(0, 1), reasoning: 0 } });
});

test('no line can break it', () => {
  const lines = linesOf('two-tools');
  const line = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constantFrom(...lines),
    fc.constantFrom(...lines).map((one) => one.slice(0, 150)),
  );
  fc.assert(
    fc.property(fc.array(line), (some) => {
      const reader = createCodexReader();
      for (const one of some) reader.readBook?.('r', one);
      reader.end(null);
    }),
  );
});

test('it looks for a session in the folders of all its days, of this home and no other', () => {
  const at = new Date(2026, 10, 23, 0, 30).getTime();
  const born = new Date(2026, 10, 21, 12).getTime();
  const hex = born.toString(16).padStart(12, '0');
  const session = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
  const shelves = codex.books?.shelves({ env: { CODEX_HOME: '/c', HOME: '/h' }, cwd: '/w', session, at }) ?? [];
  const folders = shelves.map(({ folder }) => folder);
  for (const day of ['21', '22', '23', '24']) assert.ok(folders.includes(`/c/sessions/2026/11/${day}`), day);
  assert.ok(folders.length <= 6);
  const [home] = codex.books?.shelves({ env: { HOME: '/h' }, cwd: '/w', session: 'x', at }) ?? [];
  assert.ok(home?.folder.startsWith('/h/.codex/sessions/'));
});
