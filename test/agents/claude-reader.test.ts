/** What the reader makes of recorded claude runs, beside their tokens. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createClaudeReader } from '../../source/agents/claude-reader.ts';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import { linesOf, readAll, recordingsOf } from './recordings.ts';

const eventsOf = (name: string) => readAll(createClaudeReader(), linesOf(`claude-${name}.jsonl`));
const of = <T extends AgentEvent['type']>(events: AgentEvent[], type: T) =>
  events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);

const OUTCOMES: Record<string, string> = {
  'context-full': 'api-error',
  'err-429-retry2': 'api-error',
  'fallback-model': 'api-error',
  'max-turns': 'max-turns',
  'resume-f-unknown': 'failed',
  'resume-g-sessionid-reused': 'failed',
  'resume-h-killed': 'failed',
  'sigint-group-mid-tool': 'interrupted',
  'sigint-mid-stream': 'interrupted',
  'sigint-mid-tool': 'interrupted',
  'sigkill-group-mid-tool': 'failed',
  'sigkill-mid-tool': 'failed',
  'sigterm-group-mid-tool': 'interrupted',
  'sigterm-mid-stream': 'interrupted',
  'streamin-interrupt': 'interrupted, done',
  'streamin-interrupt-midtool': 'interrupted',
  'live-background': 'done, done',
  'streamin-two-turns-setmodel': 'done, done',
};

for (const { file, exit } of recordingsOf('claude')) {
  const name = file.slice('claude-'.length, -'.jsonl'.length);
  test(`${file} ends as ${OUTCOMES[name] ?? 'done'}, and no line of it is unknown`, () => {
    const reader = createClaudeReader();
    const events = [...readAll(reader, linesOf(file)), ...reader.end(exit.code ?? 137)];
    const outcomes = of(events, 'ended').map(({ outcome }) => outcome);
    assert.equal(outcomes.join(', '), OUTCOMES[name] ?? 'done');
    assert.deepEqual(of(events, 'unknown'), []);
  });
}

test('thought, action and observation come in order, with one id for a call and its result', () => {
  const events = eventsOf('success-tool').filter((event) => event.type !== 'usage');
  assert.deepEqual(
    events.map((event) => event.type),
    ['started', 'thought', 'said', 'acted', 'observed', 'said', 'ended'],
  );
  const [acted] = of(events, 'acted');
  const [observed] = of(events, 'observed');
  assert.equal(acted?.tool, 'Bash');
  assert.equal(acted?.input, 'echo hi > out.txt');
  assert.equal(observed?.id, acted?.id);
  assert.equal(observed?.ok, true);
});

test('a failing command is observed as failed', () => {
  const [observed] = of(eventsOf('tool-fail'), 'observed');
  assert.equal(observed?.ok, false);
  assert.match(observed?.output ?? '', /Exit code 3/);
});

test('the same command twice has the same hash, another one has not', () => {
  const first = of(eventsOf('success-tool'), 'acted')[0]?.hash;
  assert.equal(of(eventsOf('worktree'), 'acted')[0]?.hash, first);
  assert.notEqual(of(eventsOf('tool-fail'), 'acted')[0]?.hash, first);
});

test('no text of an event is longer than 4,000 characters', () => {
  for (const { file } of recordingsOf('claude')) {
    for (const event of readAll(createClaudeReader(), linesOf(file))) {
      for (const value of Object.values(event)) if (typeof value === 'string') assert.ok(value.length <= 4000, file);
    }
  }
});

test('guidance is heard once, and the prompt itself is none', () => {
  assert.deepEqual(
    of(eventsOf('streamin-guidance-default'), 'heard').map(({ text }) => text.slice(0, 20)),
    ['Extra guidance: use '],
  );
  assert.deepEqual(of(eventsOf('live-background'), 'heard'), []);
});

test('a question of permission is asked in words and answered by the echo of our answer', () => {
  for (const name of ['live-permission-allowed', 'live-permission-denied']) {
    const events = eventsOf(name);
    const [asked] = of(events, 'asked');
    assert.equal(asked?.question, 'Bash: echo hi > out.txt?');
    assert.deepEqual(asked?.options, ['yes', 'no']);
    assert.deepEqual(of(events, 'answered'), [{ type: 'answered', id: asked?.id }]);
  }
});

test('a question of the model’s own shows its options, and our answer is no failed call', () => {
  const events = eventsOf('live-question');
  assert.equal(of(events, 'asked')[0]?.question, 'Which db? (pg / my)');
  assert.deepEqual(of(events, 'asked')[0]?.options, ['pg', 'my']);
  assert.match(of(events, 'asked')[0]?.id ?? '', /^question:/);
  assert.deepEqual(
    of(events, 'observed').map(({ ok, output }) => [ok, output]),
    [[true, 'pg please']],
  );
});

test('a retry says why and for how long', () => {
  assert.deepEqual(
    of(eventsOf('err-429-once'), 'retrying').map(({ reason }) => reason),
    ['rate_limit (429), try 1 of 10'],
  );
  assert.deepEqual(
    of(eventsOf('err-429-once'), 'limited').map(({ why, inMs }) => [why, inMs]),
    [['rate', 1039]],
  );
  assert.deepEqual(of(eventsOf('cut-once'), 'limited'), [], 'a cut connection is nobody else’s concern');
});

test("a plan's usage limit names the time at which it ends", () => {
  const line = { type: 'rate_limit_event', rate_limit_info: { status: 'rejected', resetsAt: 1_900_000_000 } };
  assert.deepEqual(createClaudeReader().read(JSON.stringify(line)), [
    {
      type: 'limited',
      why: 'usage',
      inMs: null,
      until: 1_900_000_000_000,
      detail: "the plan's usage limit is reached",
    },
  ]);
});

test('a changed model is announced, a further turn with the same one is not', () => {
  assert.deepEqual(
    of(eventsOf('streamin-two-turns-setmodel'), 'started').map(({ model }) => model),
    ['claude-sonnet-4-5', 'claude-opus-4-5'],
  );
  assert.equal(of(eventsOf('live-background'), 'started').length, 1);
});

test('the input is to be closed after a result, but not while a background task will wake the agent', () => {
  const reader = createClaudeReader();
  const finished = linesOf('claude-live-background.jsonl').flatMap((line) => {
    reader.read(line);
    const { subtype = '', type } = JSON.parse(line);
    return ['result', 'system'].includes(type) ? [`${subtype}: ${reader.finished}`] : [];
  });
  const from = finished.indexOf('success: false');
  assert.deepEqual(finished.slice(from), [
    'success: false',
    'task_updated: false',
    'task_notification: false',
    'background_tasks_changed: false',
    'init: false',
    'status: false',
    'success: true',
  ]);
});

test('a background task that was stopped after the result holds nothing up', () => {
  const reader = createClaudeReader();
  reader.read('{"type":"system","subtype":"init","session_id":"s","model":"m"}');
  reader.read('{"type":"system","subtype":"background_tasks_changed","tasks":[{"task_id":"b"}]}');
  reader.read('{"type":"result","subtype":"success","is_error":false,"terminal_reason":"completed"}');
  assert.equal(reader.finished, false);
  reader.read('{"type":"system","subtype":"task_notification","task_id":"b","status":"stopped"}');
  reader.read('{"type":"system","subtype":"background_tasks_changed","tasks":[]}');
  assert.equal(reader.finished, true);
});

test('a process that dies after its result leaves the result standing, one in mid-turn does not', () => {
  const done = createClaudeReader();
  readAll(done, linesOf('claude-success-tool.jsonl'));
  assert.deepEqual(done.end(1), []);
  const cut = createClaudeReader();
  readAll(cut, linesOf('claude-live-background.jsonl').slice(0, -1));
  assert.equal(of(cut.end(137), 'ended')[0]?.outcome, 'failed');
});

test('the same lines make the same events', () => {
  for (const { file } of recordingsOf('claude')) {
    const lines = linesOf(file);
    assert.deepEqual(readAll(createClaudeReader(), lines), readAll(createClaudeReader(), lines));
  }
});

test('killed between a request and its answer, it says that something is not known', () => {
  const lines = linesOf('claude-success-tool-partial.jsonl');
  const asked = lines.findLastIndex((line) => line.includes('"status":"requesting"'));
  assert.ok(asked > 0);
  const killedAfter = (count: number) => {
    const reader = createClaudeReader();
    readAll(reader, lines.slice(0, count));
    return of(reader.end(137), 'usage');
  };
  assert.deepEqual(killedAfter(asked), []);
  assert.deepEqual(
    killedAfter(asked + 1).map(({ tokens, final }) => [tokens.input, final]),
    [[0, false]],
  );
  const answered = lines.findIndex((line, n) => n > asked && line.includes('"message_start"'));
  assert.deepEqual(killedAfter(answered + 1), []);
});

test('no line makes it throw, and what is not understood is kept', () => {
  const lines = recordingsOf('claude').flatMap(({ file }) => linesOf(file).slice(0, 40));
  const broken = fc
    .tuple(fc.constantFrom(...lines), fc.nat(), fc.string())
    .map(([line, at, junk]) => line.slice(0, at % line.length) + junk);
  const wild = fc.json().map((json) => `{"type":"assistant","message":${json},"event":${json}}`);
  const typed = fc
    .tuple(fc.constantFrom('system', 'user', 'stream_event', 'result', 'control_request'), fc.jsonValue())
    .map(([type, value]) => JSON.stringify({ ...Object(value), type, message: value, event: value, tasks: value }));
  fc.assert(
    fc.property(fc.array(fc.oneof(broken, wild, typed, fc.string())), (some) => {
      const reader = createClaudeReader();
      for (const line of some) reader.read(line);
      reader.end(null);
    }),
    { numRuns: 300 },
  );
  assert.deepEqual(createClaudeReader().read('Segmentation fault'), [{ type: 'unknown', raw: 'Segmentation fault' }]);
  assert.equal(createClaudeReader().read('{"type":"new_in_2027"}')[0]?.type, 'unknown');
});
