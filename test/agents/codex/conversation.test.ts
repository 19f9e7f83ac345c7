/** The app-server's side is recorded, ours is values: what the bridge would print and send. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toBridge } from '../../../source/agents/bridge/protocol.ts';
import { type Conversation, createConversation } from '../../../source/agents/codex/conversation.ts';
import { createCodexReader } from '../../../source/agents/codex/reader.ts';
import { object } from '../../../source/agents/json.ts';
import type { AgentEvent } from '../../../source/loop/agent-event.ts';
import { billOf, linesOf } from '../recordings.ts';

const SETTINGS = {
  model: 'gpt-6-astra',
  effort: null,
  sandbox: 'danger-full-access',
  approvals: 'never',
  cwd: '/repo',
  resume: null,
} as const;

type Message = Readonly<Record<string, unknown>>;

/** A recording through the conversation and through the reader of what it says, without rollouts. */
function replay(name: string) {
  const conversation = createConversation(SETTINGS);
  const reader = createCodexReader();
  reader.withoutBooks?.();
  const events: AgentEvent[] = [];
  for (const line of linesOf(`codex-appserver-${name}.jsonl`)) {
    for (const said of conversation.hear(line).say) events.push(...reader.read(JSON.stringify(said)));
  }
  return { events: [...events, ...reader.end(0)], reader, conversation };
}

const of = <T extends AgentEvent['type']>(events: readonly AgentEvent[], type: T) =>
  events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);
const outcomes = (events: readonly AgentEvent[]) => of(events, 'ended').map(({ outcome }) => outcome);

test('two turns with a switch of models between them', () => {
  const { events, reader } = replay('two-turns-model-switch');
  assert.deepEqual(of(events, 'unknown'), []);
  assert.deepEqual(outcomes(events), ['done', 'done']);
  assert.deepEqual(
    of(events, 'acted').map(({ input }) => input),
    ['echo hi > out.txt', 'echo second > second.txt'],
  );
  assert.deepEqual(
    of(events, 'observed').map(({ ok }) => ok),
    [true, true],
  );
  assert.deepEqual(of(events, 'thought'), [{ type: 'thought', text: 'I should write the file.' }]);
  assert.deepEqual(of(events, 'heard'), [{ type: 'heard', text: 'Harder [[mock:second]]' }]);
  assert.equal(reader.finished, true);
  // The total of the thread, on the model it began with: one reason more for the rollouts.
  const bill = { input: 5222, cacheRead: 80_200, cacheWrite: 0, output: 162, reasoning: 20 };
  assert.deepEqual(billOf(events), { 'gpt-6-astra': bill });
});

test('a note is steered into a turn that is then interrupted', () => {
  const { events } = replay('steer-interrupt');
  assert.deepEqual(of(events, 'unknown'), []);
  assert.deepEqual(outcomes(events), ['interrupted']);
  assert.equal(of(events, 'heard').length, 1);
  assert.equal(of(events, 'acted').length, 3);
});

test('a turn that is interrupted in mid-stream has a bill that nobody knows', () => {
  const { events } = replay('interrupt-mid-stream');
  assert.deepEqual(of(events, 'unknown'), []);
  assert.deepEqual(outcomes(events), ['interrupted']);
  assert.deepEqual(billOf(events), {});
});

test('the turns that a goal begins by itself are read like any other', () => {
  const { events } = replay('goal-budget');
  assert.deepEqual(of(events, 'unknown'), []);
  assert.ok(outcomes(events).length > 1);
});

/** A conversation that has opened its thread, with or without a turn under way. */
function opened(change: Partial<Parameters<typeof createConversation>[0]> = {}) {
  const conversation = createConversation({ ...SETTINGS, ...change });
  const sent: Message[] = [];
  const said: Message[] = [];
  const take = ({ say, send }: ReturnType<Conversation['hear']>) => {
    sent.push(...send);
    said.push(...(say as readonly Message[]));
  };
  const hear = (message: Message) => take(conversation.hear(JSON.stringify(message)));
  const answer = (result: Message) => hear({ id: sent.at(-1)?.id, result });
  take(conversation.begin());
  take(conversation.obey(toBridge({ type: 'prompt', text: 'Do it.' })));
  answer({});
  answer({ thread: { id: 't' }, model: 'gpt-6-astra' });
  const note = (method: string, params: Message) => hear({ method, params: { threadId: 't', ...params } });
  const tell = (text: string, ask: string | null = null) =>
    take(conversation.obey(toBridge({ type: 'tell', text, ask })));
  const began = () => note('turn/started', { turn: { id: 'u' } });
  const ended = (status: string, error: Message | null = null) => note('turn/completed', { turn: { status, error } });
  const interrupt = () => take(conversation.obey(toBridge({ type: 'interrupt' })));
  return { conversation, sent, said, hear, note, tell, began, ended, interrupt };
}

const methods = (sent: readonly Message[]) => sent.map(({ method }) => method);

test('it greets, opens a thread with the rights it was given, and begins the turn with the prompt', () => {
  const { sent, said } = opened({ approvals: 'untrusted', effort: 'high' });
  assert.deepEqual(methods(sent), ['initialize', 'initialized', 'thread/start', 'turn/start']);
  const { model, cwd, sandbox, approvalPolicy } = object(sent[2]?.params);
  assert.deepEqual(
    { model, cwd, sandbox, approvalPolicy },
    {
      model: 'gpt-6-astra',
      cwd: '/repo',
      sandbox: 'danger-full-access',
      approvalPolicy: 'untrusted',
    },
  );
  const turn = object(sent[3]?.params);
  assert.deepEqual(turn.input, [{ type: 'text', text: 'Do it.', text_elements: [] }]);
  assert.equal(turn.effort, 'high');
  assert.deepEqual(said, [{ type: 'started', session: 't', model: 'gpt-6-astra' }]);
});

test('a note before the turn has begun waits for it, and one that comes too late begins a turn', () => {
  const { sent, said, tell, note, began, ended, hear, conversation } = opened();
  tell('Early.');
  assert.equal(methods(sent).at(-1), 'turn/start');
  began();
  assert.equal(methods(sent).at(-1), 'turn/steer');
  tell('Late.');
  const steers = sent.filter(({ method }) => method === 'turn/steer');
  hear({ id: steers[0]?.id, result: { turnId: 'u' } });
  ended('completed');
  assert.notEqual(said.at(-1)?.type, 'idle', 'the late note is on its way');
  hear({ id: steers[1]?.id, error: { message: 'no active turn to steer' } });
  assert.equal(methods(sent).at(-1), 'turn/start');
  assert.equal(conversation.resting, false);
  hear({ id: sent.at(-1)?.id, result: { turn: { id: 'v' } } });
  note('turn/completed', { turn: { id: 'v', status: 'completed' } });
  assert.equal(said.at(-1)?.type, 'idle');
});

test('an interrupt that comes before the turn has an id interrupts it once it has', () => {
  const { sent, interrupt, began, ended, said, conversation } = opened();
  interrupt();
  assert.equal(methods(sent).at(-1), 'turn/start');
  began();
  assert.deepEqual(sent.at(-1)?.params, { threadId: 't', turnId: 'u' });
  ended('interrupted');
  assert.deepEqual(said.slice(-2), [{ type: 'ended', outcome: 'interrupted' }, { type: 'idle' }]);
  assert.equal(conversation.resting, true);
});

test('a question waits for its answer: yes, no, or words that the agent hears besides', () => {
  const { sent, said, hear, tell, began } = opened();
  began();
  const ask = (id: number) =>
    hear({
      id,
      method: 'item/commandExecution/requestApproval',
      params: { threadId: 't', command: "/bin/bash -lc 'sh fix.sh'" },
    });
  ask(0);
  assert.equal(said.at(-1)?.type, 'asked');
  assert.equal(said.at(-1)?.question, "exec: /bin/bash -lc 'sh fix.sh'?");
  assert.deepEqual(said.at(-1)?.options, ['yes', 'no']);
  const id = String(said.at(-1)?.id);
  tell('yes', id);
  assert.deepEqual(sent.at(-1), { id: 0, result: { decision: 'accept' } });
  assert.deepEqual(said.at(-1), { type: 'answered', id });
  ask(1);
  tell('use printf instead', String(said.at(-1)?.id));
  assert.deepEqual(sent.at(-2), { id: 1, result: { decision: 'decline' } });
  assert.equal(methods(sent).at(-1), 'turn/steer');
});

test('what the model offers for one question can be chosen by its words', () => {
  const { said, hear, began } = opened();
  began();
  const ask = (id: number, ...questions: object[]) => {
    hear({ id, method: 'item/tool/requestUserInput', params: { questions } });
    return said.at(-1)?.options;
  };
  const one = { id: 'a', question: 'Which?', options: [{ label: 'pg' }, { label: 'my' }] };
  assert.deepEqual(ask(7, one), ['pg', 'my']);
  assert.deepEqual(ask(8, one, { id: 'b', question: 'And why?' }), []);
});

test('questions die with their turn, and what nobody can answer is answered with an error', () => {
  const { sent, said, hear, began, ended } = opened();
  began();
  hear({ id: 5, method: 'item/fileChange/requestApproval', params: { reason: 'outside' } });
  ended('interrupted');
  assert.equal(said.at(-3)?.type, 'answered');
  hear({ id: 6, method: 'attestation/generate', params: {} });
  assert.equal(object(sent.at(-1)?.error).code, -32601);
});

test('a thread that cannot be resumed fails in words', () => {
  const conversation = createConversation({ ...SETTINGS, resume: 'gone' });
  conversation.begin();
  conversation.obey(toBridge({ type: 'prompt', text: 'x' }));
  const { send } = conversation.hear(JSON.stringify({ id: 'hello-1', result: {} }));
  assert.equal(send.at(-1)?.method, 'thread/resume');
  const { say } = conversation.hear(JSON.stringify({ id: send.at(-1)?.id, error: { message: 'no rollout found' } }));
  assert.deepEqual(say, [{ type: 'ended', outcome: 'failed', error: 'no rollout found' }, { type: 'idle' }]);
  assert.equal(conversation.resting, true);
});

test('limits carry why, and when the allowance comes back', () => {
  const { said, note, began, hear } = opened();
  began();
  const failing = (codexErrorInfo: unknown, message = 'no', willRetry = false) =>
    note('error', { error: { message, codexErrorInfo }, willRetry });
  failing({ responseStreamDisconnected: { httpStatusCode: 429 } }, 'Reconnecting... 1/2', true);
  failing({ responseTooManyFailedAttempts: { httpStatusCode: 429 } });
  failing({ httpConnectionFailed: { httpStatusCode: 401 } });
  note('account/rateLimits/updated', { rateLimits: { primary: { usedPercent: 100, resetsAt: 1000 } } });
  hear({
    method: 'error',
    params: { error: { message: 'used up', codexErrorInfo: 'usageLimitExceeded' }, threadId: 't' },
    emittedAtMs: 940_000,
  });
  assert.deepEqual(
    said.filter(({ type }) => type === 'limited').map(({ why, inMs }) => [why, inMs]),
    [
      ['rate', null],
      ['login', null],
      ['usage', 60_000],
    ],
  );
  assert.equal(said.filter(({ type }) => type === 'retrying').length, 1);
});

test('what a resumed thread had cost before is not billed again', () => {
  const { said, note, began } = opened({ resume: 't' });
  const usage = (input: number, output: number) => ({
    tokenUsage: { total: { inputTokens: input, cachedInputTokens: 0, outputTokens: output } },
  });
  note('thread/tokenUsage/updated', usage(100, 10));
  began();
  note('thread/tokenUsage/updated', usage(150, 17));
  const bills = said.filter(({ type }) => type === 'usage');
  assert.equal(bills.length, 1);
  assert.deepEqual(bills[0]?.tokens, { input: 50, cacheRead: 0, cacheWrite: 0, output: 7, reasoning: 0 });
});

test('no line of the server and none of ours can break it', () => {
  const method = fc.constantFrom('turn/started', 'turn/completed', 'item/completed', 'error', 'thread/started', 'x/y');
  const message = fc.record(
    { id: fc.anything(), method, params: fc.anything(), result: fc.anything() },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          message.map((one) => JSON.stringify(one)),
          fc.string(),
          fc.json(),
        ),
      ),
      (lines) => {
        const conversation = createConversation(SETTINGS);
        conversation.begin();
        for (const line of lines) {
          conversation.hear(line);
          conversation.obey(line);
        }
      },
    ),
  );
});
