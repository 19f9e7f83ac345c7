import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createBridgeReader } from '../../../source/agents/bridge/reader.ts';
import type { AgentEvent } from '../../../source/loop/agent-event.ts';
import { NO_TOKENS } from '../../../source/loop/tokens.ts';

const EVENTS: AgentEvent[] = [
  { type: 'started', session: 's', model: 'm' },
  { type: 'thought', text: 'hm' },
  { type: 'said', text: 'hi' },
  { type: 'acted', id: '1', tool: 'exec', input: 'ls', hash: 'a' },
  { type: 'observed', id: '1', ok: false, output: 'no', hash: 'b' },
  { type: 'usage', key: 'k', model: 'm', tokens: { ...NO_TOKENS, input: 3 }, final: true },
  { type: 'usage', key: 'k', model: 'm', tokens: NO_TOKENS, usd: 0.5, final: false, estimated: true },
  { type: 'asked', id: '7', question: 'May I?' },
  { type: 'asked', id: '8', question: 'Which?', options: ['Allow once', 'Always'] },
  { type: 'answered', id: '7' },
  { type: 'heard', text: 'Mind the gap.' },
  { type: 'retrying', reason: 'busy', inMs: 0 },
  { type: 'limited', why: 'rate', inMs: null, detail: '429' },
  { type: 'limited', why: 'usage', inMs: 60_000, detail: 'used up' },
  { type: 'hidden', what: 'titles' },
  { type: 'warned', text: 'careful' },
  { type: 'ended', outcome: 'done' },
  { type: 'ended', outcome: 'failed', error: 'why' },
  { type: 'unknown', raw: '{}' },
];

const line = (value: unknown) => JSON.stringify(value);

test('every event comes out as the bridge wrote it', () => {
  const reader = createBridgeReader();
  for (const event of EVENTS) assert.deepEqual(reader.read(line(event)), [event]);
});

test('it is finished once its turn is over, until it goes on', () => {
  const reader = createBridgeReader();
  reader.read(line({ type: 'said', text: 'hi' }));
  assert.deepEqual([reader.idle, reader.finished], [false, false]);
  reader.read(line({ type: 'ended', outcome: 'done' }));
  assert.deepEqual(reader.read(line({ type: 'idle' })), []);
  assert.deepEqual([reader.idle, reader.finished], [true, true]);
  reader.read(line({ type: 'warned', text: 'by the way' }));
  assert.equal(reader.finished, true);
  reader.read(line({ type: 'heard', text: 'one more thing' }));
  assert.deepEqual([reader.idle, reader.finished], [false, false]);
});

test('a bridge that dies in a turn is a failed one, and after the end of its turn it has said all', () => {
  const cut = createBridgeReader();
  assert.deepEqual(cut.end(1)[0]?.type, 'ended');
  cut.read(line({ type: 'said', text: 'hi' }));
  assert.deepEqual(cut.end(143), [{ type: 'ended', outcome: 'interrupted' }]);
  cut.read(line({ type: 'ended', outcome: 'done' }));
  assert.deepEqual(cut.end(0), []);
});

test('whatever else the line is, it is kept as unknown', () => {
  const strange = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constantFrom('{"type":"ended","outcome":"green"}', '{"type":"limited","why":1}', '{"type":"nonsense"}'),
  );
  fc.assert(
    fc.property(strange, (raw) => {
      const reader = createBridgeReader();
      const [event] = reader.read(raw);
      if (raw.trim() !== '') assert.equal(event?.type, 'unknown');
    }),
  );
});
