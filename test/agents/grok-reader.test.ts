/** What the reader makes of recorded grok runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createGrokReader } from '../../source/agents/grok-reader.ts';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import { billOf, linesOf, type Recording, readAll, recordingsOf } from './recordings.ts';

const eventsOf = (name: string) => readAll(createGrokReader(), linesOf(`grok-${name}.jsonl`));
const of = <T extends AgentEvent['type']>(events: AgentEvent[], type: T) =>
  events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);

const OUTCOMES: Record<string, string> = {
  'err-400-messages': 'api-error',
  'err-401-messages': 'api-error',
  'err-429-messages': 'api-error',
  'err-500-messages': 'failed',
  'err-529-messages': 'failed',
  'perm-default': 'failed',
  'sigint-mid-stream': 'interrupted',
  'sigkill-mid-tool': 'failed',
  'sigterm-mid-stream': 'interrupted',
};

/** Recordings of formats that our engine does not ask for: no claim is made about them but that they are kept. */
const NATIVE = ['err-500-streaming', 'max-turns-streaming', 'success-tool-json', 'success-tool-streaming'];
const SIGNALS: Record<string, number> = { SIGINT: 130, SIGKILL: 137, SIGTERM: 143 };
const codeOf = ({ exit }: Recording) => exit.code ?? SIGNALS[exit.signal ?? ''] ?? null;
const nameOf = ({ file }: Recording) => file.slice('grok-'.length, -'.jsonl'.length);
const ours = recordingsOf('grok').filter((recording) => !NATIVE.includes(nameOf(recording)));

for (const recording of ours) {
  const name = nameOf(recording);
  test(`${recording.file} ends as ${OUTCOMES[name] ?? 'done'}, and no line of it is unknown`, () => {
    const reader = createGrokReader();
    const events = [...readAll(reader, linesOf(recording.file)), ...reader.end(codeOf(recording))];
    assert.equal(
      of(events, 'ended')
        .map(({ outcome }) => outcome)
        .join(', '),
      OUTCOMES[name] ?? 'done',
    );
    assert.deepEqual(of(events, 'unknown'), []);
  });
}

test('a run of another format ends as failed, and its lines are kept', () => {
  for (const name of NATIVE) {
    const reader = createGrokReader();
    const events = [...readAll(reader, linesOf(`grok-${name}.jsonl`)), ...reader.end(0)];
    assert.ok(of(events, 'unknown').length > 1, name);
    assert.equal(of(events, 'ended')[0]?.outcome, 'failed');
  }
});

/** An OpenAI dialect has no field for what was written to the cache: it counts as input. */
const step = (n: number) => ({ input: 1300 + 11 * n, cacheRead: 20_000 + 100 * n, output: 40 + n });
const sum = (...parts: ReturnType<typeof step>[]) => ({
  input: parts.reduce((total, { input }) => total + input, 0),
  cacheRead: parts.reduce((total, { cacheRead }) => total + cacheRead, 0),
  cacheWrite: 0,
  output: parts.reduce((total, { output }) => total + output, 0),
  reasoning: 0,
});
const BILLS: Record<string, Record<string, ReturnType<typeof sum>>> = {
  'err-400-messages': {},
  'err-401-messages': {},
  'err-429-messages': {},
  'err-500-messages': {},
  'err-529-messages': {},
  'err-429-once-messages': { 'mock-model': sum(step(0)) },
  trust: { 'mock-model': sum(step(0)) },
  'perm-default': { 'mock-model': sum(step(0)) },
  'resume-c-other-model': { 'mock-strong': sum(step(0), step(1)) },
  'resume-d-no-model-flag': { 'mock-strong': sum(step(0)) },
  'sigint-mid-stream': {},
  'sigterm-mid-stream': {},
  'sigkill-mid-tool': {},
  'sigstop-120s': { 'mock-model': sum(step(0)) },
  'subagent-messages': {
    'mock-model': sum(
      step(0),
      step(1),
      { input: 84, cacheRead: 700, output: 17 },
      { input: 86, cacheRead: 800, output: 18 },
    ),
  },
};

test('the bill of every run is what the provider billed for what grok reports', () => {
  for (const recording of ours) {
    const bill = billOf(readAll(createGrokReader(), linesOf(recording.file)));
    assert.deepEqual(bill, BILLS[nameOf(recording)] ?? { 'mock-model': sum(step(0), step(1)) }, recording.file);
  }
});

test('the same bill comes live, before the result, whatever the partial messages say', () => {
  const lines = linesOf('grok-success-partial-messages.jsonl');
  assert.deepEqual(billOf(readAll(createGrokReader(), lines.slice(0, -1))), { 'mock-model': sum(step(0), step(1)) });
});

test('what only the result knows of is billed with it', () => {
  const lines = linesOf('grok-subagent-messages.jsonl').filter((line) => !line.includes('Sub: '));
  assert.deepEqual(billOf(readAll(createGrokReader(), lines)), BILLS['subagent-messages']);
});

test('the output of a command is decoded from its bytes, and its exit code decides', () => {
  const [failed] = of(eventsOf('tool-fail-messages'), 'observed');
  assert.equal(failed?.ok, false);
  assert.equal(failed?.output, "before\nls: cannot access '/nonexistent-dir': No such file or directory\n");
  const [unicode] = of(eventsOf('unicode-messages'), 'observed');
  assert.deepEqual([unicode?.ok, unicode?.output], [true, 'línea 1\n二行目 🎉\n\ttab\r\nend\n']);
  const [written] = of(eventsOf('write-file-messages'), 'observed');
  assert.deepEqual([written?.ok, written?.output], [true, 'The file /repo/note.md has been created.']);
  const [missing] = of(eventsOf('tool-unknown-messages'), 'observed');
  assert.equal(missing?.ok, false);
  assert.match(missing?.output ?? '', /^Failed to parse arguments/);
});

test('thought, action and observation come in order, with one id for a call and its result', () => {
  const events = eventsOf('success-partial-messages').filter((event) => event.type !== 'usage');
  assert.deepEqual(
    events.map((event) => event.type),
    ['started', 'thought', 'said', 'acted', 'observed', 'said', 'ended'],
  );
  assert.equal(of(events, 'acted')[0]?.input, 'echo hi > out.txt');
  assert.equal(of(events, 'acted')[0]?.id, of(events, 'observed')[0]?.id);
});

test('an action is told when it begins, before its message is whole, and only once', () => {
  const events = eventsOf('sigkill-mid-tool');
  assert.deepEqual(
    events.map(({ type }) => type),
    ['started', 'said', 'acted'],
  );
  assert.equal(of(events, 'acted')[0]?.input, 'echo begin; sleep 30; echo end');
});

test('a sub-agent hides one request, and nothing else does in a plain run', () => {
  assert.equal(of(eventsOf('subagent-messages'), 'hidden').length, 1);
  for (const name of ['success-tool-messages', 'tool-fail-messages', 'resume-b-same', 'err-429-messages']) {
    assert.deepEqual(of(eventsOf(name), 'hidden'), [], name);
  }
});

test('killed before the bill of a response has come, it hides that response', () => {
  const hiddenAfter = (name: string, count: number, code: number) => {
    const reader = createGrokReader();
    readAll(reader, linesOf(`grok-${name}.jsonl`).slice(0, count));
    return of(reader.end(code), 'hidden').length;
  };
  assert.equal(hiddenAfter('sigterm-mid-stream', 8, 143), 1);
  assert.equal(hiddenAfter('sigkill-mid-tool', 10, 137), 1);
  assert.equal(hiddenAfter('success-partial-messages', 16, 137), 0, 'the bill has come');
  assert.equal(hiddenAfter('success-partial-messages', 17, 137), 1, 'the next request is out');
  assert.equal(hiddenAfter('err-500-messages', 0, 137), 1, 'no line tells whether a request got through');
  assert.equal(hiddenAfter('err-500-messages', 0, 1), 0, 'it refused to start');
});

test('a long conversation that grok shortens hides what the summary cost', () => {
  const reader = createGrokReader();
  const lines = linesOf('grok-success-tool-messages.jsonl').map((line) =>
    line.replace('"contextWindow":200000', '"contextWindow":25000'),
  );
  assert.deepEqual(of(readAll(reader, lines), 'hidden').length, 1);
  const boundary = '{"type":"system","subtype":"compact_boundary","session_id":"s"}';
  assert.deepEqual(
    createGrokReader()
      .read(boundary)
      .map(({ type }) => type),
    ['warned', 'hidden'],
  );
});

test('a provider that refuses the credential is told apart from a bad request', () => {
  const limits = (name: string) => of(eventsOf(name), 'limited').map(({ why }) => why);
  assert.deepEqual(limits('err-429-messages'), ['rate']);
  assert.deepEqual(limits('err-401-messages'), ['login']);
  assert.deepEqual(limits('err-400-messages'), []);
});

test('what may not be used unasked ends the run with what to do about it', () => {
  assert.match(of(eventsOf('perm-default'), 'ended')[0]?.error ?? '', /permission: bypassPermissions/);
});

test('no text of an event is longer than 4,000 characters, and the same lines make the same events', () => {
  for (const { file } of recordingsOf('grok')) {
    const events = readAll(createGrokReader(), linesOf(file));
    for (const event of events)
      for (const value of Object.values(event)) if (typeof value === 'string') assert.ok(value.length <= 4000, file);
    assert.deepEqual(readAll(createGrokReader(), linesOf(file)), events);
  }
});

test('no line makes it throw, and what is not understood is kept', () => {
  const lines = recordingsOf('grok').flatMap(({ file }) => linesOf(file).slice(0, 20));
  const broken = fc
    .tuple(fc.constantFrom(...lines), fc.nat(), fc.string())
    .map(([line, at, junk]) => line.slice(0, at % line.length) + junk);
  const typed = fc
    .tuple(fc.constantFrom('system', 'user', 'assistant', 'stream_event', 'result'), fc.jsonValue())
    .map(([type, value]) =>
      JSON.stringify({ ...Object(value), type, message: value, event: value, modelUsage: value }),
    );
  fc.assert(
    fc.property(fc.array(fc.oneof(broken, typed, fc.string())), (some) => {
      const reader = createGrokReader();
      for (const line of some) reader.read(line);
      reader.end(null);
    }),
    { numRuns: 200 },
  );
  assert.deepEqual(createGrokReader().read('thread panicked'), [{ type: 'unknown', raw: 'thread panicked' }]);
});
