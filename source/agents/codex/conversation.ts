/**
 * The client's side of codex's app-server protocol as values: messages in, agent events and messages out. One thread, whose turns
 * begin with the prompt and with notes that come between turns. It touches no process; the bridge does.
 */
import type { AgentEvent } from '../../loop/agent-event.ts';
import type { FromBridge } from '../bridge/protocol.ts';
import { clip } from '../digest.ts';
import { count, type Json, list, object, parseObject, text } from '../json.ts';
import { createItems, listed, type Stage } from './items.ts';
import { type Question, questionIn } from './questions.ts';
import { createThreadBills } from './thread-bills.ts';
import { failureOf, limited } from './trouble.ts';

export interface ThreadSettings {
  readonly model: string;
  readonly effort: string | null;
  readonly sandbox: 'read-only' | 'workspace-write' | 'danger-full-access';
  readonly approvals: 'never' | 'untrusted';
  readonly cwd: string;
  /** The thread to continue; null for a new one. */
  readonly resume: string | null;
}

export interface Spoken {
  /** Lines of the bridge's stdout. */
  readonly say: readonly FromBridge[];
  /** Messages to the server. */
  readonly send: readonly Json[];
}

export interface Conversation {
  begin(): Spoken;
  /** A line of the server's stdout. */
  hear(line: string): Spoken;
  /** A line of our own stdin (`ToBridge`). */
  obey(line: string): Spoken;
  interrupt(): Spoken;
  /** No turn is under way and none is about to begin. */
  readonly resting: boolean;
}

/** Notifications that repeat what others say, come in pieces, or concern screens. */
const SILENT =
  /delta$|^(?:remoteControl|account|app|skills|fs|hook|project|mcpServer|thread\/(?:status|readState|settings|name|goal|archived|unarchived|closed|compacted|environment|queue|prediction)|serverRequest|rawResponse|rawResponseItem)\b|summaryPartAdded$|^turn\/(?:diff|moderation)|^item\/(?:commandExecution|fileChange|mcpToolCall|autoApprovalReview)\/|^model\/(?:verification|safetyBuffering)|^modelProvider\//i;

const CLIENT = { clientInfo: { name: 'looptop', title: 'looptop', version: '1' } };
const STAGES: Readonly<Record<string, Stage>> = { 'item/started': 'started', 'item/completed': 'completed' };

export function createConversation(settings: ThreadSettings): Conversation {
  const items = createItems();
  const bills = createThreadBills();
  const questions = new Map<string, { readonly request: unknown; readonly question: Question }>();
  /** Sent and not answered: request id -> the words that it carries. */
  const sent = new Map<string, string>();
  /** What is to be said as soon as there is a turn to say it in. */
  let waiting: string[] = [];
  let thread = '';
  let turn = '';
  let ready = false;
  let starting = false;
  /** The turn that is about to begin, once the server has named it. */
  let next = '';
  /** An interrupt came before the turn had an id. */
  let interrupting = false;
  let prompted = false;
  let echoes = 0;
  let serial = 0;
  let resetsAt = 0;
  let limits = new Set<string>();

  let say: FromBridge[] = [];
  let send: Json[] = [];
  const spoken = (): Spoken => {
    const all = { say, send };
    say = [];
    send = [];
    return all;
  };

  function request(kind: string, method: string, params: Json, words = ''): void {
    const id = `${kind}-${++serial}`;
    sent.set(id, words);
    send.push({ id, method, params });
  }

  const input = (words: string) => [{ type: 'text', text: words, text_elements: [] }];

  function startTurn(words: string): void {
    starting = true;
    next = '';
    const effort = settings.effort === null ? {} : { effort: settings.effort };
    request('turn', 'turn/start', { threadId: thread, input: input(words), model: settings.model, ...effort }, words);
  }

  /** Into the running turn, or as a turn of its own. */
  function tell(words: string): void {
    if (!ready || starting) waiting.push(words);
    else if (turn === '') startTurn(words);
    else request('steer', 'turn/steer', { threadId: thread, input: input(words), expectedTurnId: turn }, words);
  }

  function flush(): void {
    const words = waiting;
    waiting = [];
    for (const one of words) tell(one);
  }

  function opened(answer: Json): void {
    const { id } = object(answer.thread);
    thread = text(id);
    const model = text(answer.model) || text(object(answer.thread).model);
    bills.model(thread, model);
    ready = true;
    say.push({ type: 'started', session: thread, model });
    flush();
  }

  function answered(id: string, message: Json): void {
    const words = sent.get(id);
    if (words === undefined) return;
    sent.delete(id);
    const [kind] = id.split('-');
    const error = text(object(message.error).message);
    if (error === '') {
      if (kind === 'hello') {
        send.push({ method: 'initialized' });
        open();
      } else if (kind === 'thread') opened(object(message.result));
      else if (kind === 'turn') next = text(object(object(message.result).turn).id);
      else if (kind === 'steer') rest();
      return;
    }
    if (kind === 'steer') {
      // The turn was over just before: then the note begins one.
      turn = '';
      tell(words);
    } else if (kind === 'interrupt') say.push({ type: 'warned', text: clip(error) });
    else fail(error);
  }

  function open(): void {
    const { model, sandbox, approvals, cwd, resume } = settings;
    const params = { model, cwd, sandbox, approvalPolicy: approvals };
    if (resume === null) request('thread', 'thread/start', params);
    else request('thread', 'thread/resume', { threadId: resume, excludeTurns: true, ...params });
  }

  function fail(error: string): void {
    starting = false;
    waiting = [];
    say.push(...limited(error, null, null), { type: 'ended', outcome: 'failed', error: clip(error) });
    rest();
  }

  function asked(message: Json): void {
    const question = questionIn(text(message.method), object(message.params));
    if (question === null) {
      send.push({ id: message.id, error: { code: -32601, message: 'looptop has no answer to this' } });
      return;
    }
    const id = `question-${String(message.id)}`;
    questions.set(id, { request: message.id, question });
    say.push({ type: 'asked', id, question: question.words, options: question.options });
  }

  function answerQuestion(ask: string, words: string): boolean {
    const open = questions.get(ask);
    if (open === undefined) return false;
    questions.delete(ask);
    send.push({ id: open.request, result: open.question.answer(words) });
    say.push({ type: 'answered', id: ask });
    const remark = open.question.remark(words);
    if (remark !== null) tell(remark);
    return true;
  }

  function turnBegan(begun: Json): void {
    turn = text(begun.id);
    starting = false;
    limits = new Set();
    if (interrupting) interruptTurn();
    flush();
  }

  function interruptTurn(): void {
    interrupting = false;
    request('interrupt', 'turn/interrupt', { threadId: thread, turnId: turn });
  }

  function turnEnded(ended: Json): void {
    turn = '';
    if (text(ended.id) === next) starting = false;
    for (const id of questions.keys()) say.push({ type: 'answered', id });
    questions.clear();
    const error = object(ended.error);
    const words = text(error.message);
    const status = text(ended.status);
    if (status === 'completed') say.push({ type: 'ended', outcome: 'done' });
    else if (status === 'interrupted') say.push({ type: 'ended', outcome: 'interrupted' });
    else say.push({ type: 'ended', outcome: failureOf(words, error.codexErrorInfo), error: clip(words || status) });
    flush();
    rest();
  }

  /** A note that is on its way may find no turn any more, and then begins one. */
  const resting = () =>
    turn === '' && !starting && waiting.length === 0 && ![...sent.keys()].some((id) => id.startsWith('steer'));

  function rest(): void {
    if (resting()) say.push({ type: 'idle' });
  }

  function troubled(params: Json, at: number): void {
    const error = object(params.error);
    const words = text(error.additionalDetails) || text(error.message);
    const inMs = resetsAt > 0 && at > 0 ? Math.max(0, resetsAt * 1000 - at) : null;
    if (params.willRetry === true) say.push({ type: 'retrying', reason: clip(words), inMs: 0 });
    for (const event of limited(words, error.codexErrorInfo, inMs)) {
      if (event.type !== 'limited' || limits.has(event.why)) continue;
      limits.add(event.why);
      say.push(event);
    }
  }

  /** When the allowance that is used up comes back. */
  function allowance(snapshot: Json): void {
    const windows = [object(snapshot.primary), object(snapshot.secondary)];
    const full = windows.filter((window) => count(window.usedPercent) >= 100).map(({ resetsAt: at }) => count(at));
    resetsAt = Math.max(0, ...full);
  }

  function item(stage: Stage, params: Json, raw: string): void {
    const it = object(params.item);
    const owner = text(params.threadId);
    if (it.type === 'userMessage') {
      if (stage === 'started' && owner === thread && echoes++ > 0) say.push({ type: 'heard', text: clip(wordsOf(it)) });
      return;
    }
    if (it.type === 'subAgentActivity') bills.model(text(it.agentThreadId), text(it.model));
    const events = items.read(stage, it, owner === thread ? null : 'sub-agent');
    say.push(...(events ?? unknown(raw)));
  }

  function notified(message: Json, raw: string): void {
    const method = text(message.method);
    const params = object(message.params);
    const mine = text(params.threadId) === thread;
    const stage = STAGES[method];
    if (stage !== undefined) {
      item(stage, params, raw);
      return;
    }
    switch (method) {
      case 'thread/started':
        // The answer to thread/start says the same; in a recording it may be all there is.
        if (thread === '') opened(params);
        break;
      case 'turn/started':
        bills.begun(text(params.threadId));
        if (mine) turnBegan(object(params.turn));
        break;
      case 'turn/completed':
        say.push(...bills.ended(text(params.threadId), object(params.turn).status !== 'interrupted'));
        if (mine) turnEnded(object(params.turn));
        break;
      case 'error':
        troubled(params, count(message.emittedAtMs));
        break;
      case 'thread/tokenUsage/updated':
        say.push(...bills.update(text(params.threadId), object(params.tokenUsage)));
        break;
      case 'account/rateLimits/updated':
        allowance(object(params.rateLimits));
        break;
      case 'turn/plan/updated':
        say.push({ type: 'thought', text: clip(listed(list(params.plan).map(object), 'step')) });
        break;
      case 'model/rerouted':
        say.push({ type: 'warned', text: `${text(params.fromModel)} was replaced by ${text(params.toModel)}` });
        break;
      case 'warning':
      case 'guardianWarning':
      case 'configWarning':
      case 'deprecationNotice':
        say.push({ type: 'warned', text: clip(text(params.message) || text(params.summary)) });
        break;
      default:
        if (!SILENT.test(method)) say.push(...unknown(raw));
    }
  }

  return {
    begin() {
      request('hello', 'initialize', CLIENT);
      return spoken();
    },
    hear(raw) {
      const message = parseObject(raw);
      if (message === null) say.push(...(raw.trim() === '' ? [] : unknown(raw)));
      else if (message.method === undefined) answered(String(message.id), message);
      else if (message.id !== undefined) asked(message);
      else notified(message, raw);
      return spoken();
    },
    obey(raw) {
      const line = parseObject(raw);
      if (line?.type === 'prompt' && !prompted) {
        prompted = true;
        tell(text(line.text));
      } else if (line?.type === 'tell') {
        if (!answerQuestion(text(line.ask), text(line.text))) tell(text(line.text));
      } else if (line?.type === 'interrupt') return this.interrupt();
      return spoken();
    },
    interrupt() {
      waiting = [];
      if (turn !== '') interruptTurn();
      else interrupting = starting;
      return spoken();
    },
    get resting() {
      return resting();
    },
  };
}

const wordsOf = (item: Json) =>
  list(item.content)
    .map((part) => text(object(part).text))
    .join('\n');

const unknown = (raw: string): AgentEvent[] => [{ type: 'unknown', raw: clip(raw) }];
