/** Makes agent events of what an ACP agent sends. Pure: messages in, events out; requests are answered elsewhere (conversation.ts). */
import type { AgentEvent, Outcome } from '../../../loop/agent-event.ts';
import { clip } from '../../digest.ts';
import { hiddenBy, SUMMARY } from '../../grok-reader.ts';
import { type Json, list, object, text } from '../../json.ts';
import { limitedBy, statusIn } from '../../refusal.ts';
import { createToolBook, type ToolBook } from './tools.ts';
import { createAcpBook } from './usage.ts';

export interface Translator {
  /** One message of the agent's. `method` is what a response answers, where that is known. */
  read(message: Json, method?: string): AgentEvent[];
  /** Names the session and its model, if they are not what was named last. */
  announce(): AgentEvent[];
  /** What is known of a tool call, for the question whether it may be made. */
  about: ToolBook['about'];
  /** The model that was chosen for what follows. */
  model: string;
  /** The session that the conversation goes on in. */
  session: string;
  /** While true, session updates are the replay of an old conversation and say nothing new. */
  replaying: boolean;
  /** How many there were. */
  readonly replays: number;
}

/** Session updates that concern only an editor's screen. `usage_update` says how full the context is. */
const SILENT = new Set(
  'user_message_chunk available_commands_update current_mode_update session_info_update usage_update'.split(' '),
);

/** A text is told by paragraphs, and one without an end after this many characters: nobody waits for it to be whole. */
const LONGEST = 4000;

/** It gives no name, but a mark. */
const GROK = 'grok';

/** JSON-RPC: the agent wants a login (ACP). */
const AUTH_REQUIRED = -32000;

export function createTranslator(): Translator {
  const tools = createToolBook();
  const book = createAcpBook();
  let agent = '';
  let announced = '';
  /** Text arrives in pieces of a few characters; a piece of another kind ends it. */
  let speech: { kind: 'said' | 'thought'; id: string; text: string } | null = null;

  const replays = 0;

  const translator: Translator = {
    get replays() {
      return replays;
    },
    model: '',
    session: '',
    replaying: false,
    about: tools.about,
    read(message, method) {
      const events = translate(message, method);
      return events.length === 0 ? [] : [...translator.announce(), ...events];
    },
    announce() {
      const { session, model } = translator;
      const name = `${session}\0${model}`;
      if (session === '' || name === announced) return [];
      announced = name;
      return [{ type: 'started', session, model }];
    },
  };

  function translate(message: Json, method: string | undefined): AgentEvent[] {
    if (typeof message.method === 'string') {
      const params = object(message.params);
      if (message.method === 'session/update')
        return translator.replaying ? [] : update(object(params.update), message);
      if (message.method === 'session/request_permission') return [...flush(), ...tool(object(params.toolCall), true)];
      // Extensions begin with an underscore and may be passed over (ACP).
      if (message.method === '_x.ai/session_notification') return grokNews(object(params.update));
      return message.method.startsWith('_') || 'id' in message ? [] : unknown(message);
    }
    return 'error' in message ? failed(object(message.error), method) : answer(object(message.result));
  }

  function update(news: Json, message: Json): AgentEvent[] {
    const kind = text(news.sessionUpdate);
    if (SILENT.has(kind)) return [];
    switch (kind) {
      case 'agent_message_chunk':
        return piece('said', news);
      case 'agent_thought_chunk':
        return piece('thought', news);
      case 'tool_call':
      case 'tool_call_update':
        return [...flush(), ...tool(news, false)];
      case 'plan':
        return [...flush(), { type: 'thought', text: clip(planWords(news)) }];
      case 'config_option_update':
        translator.model = modelOf(news) || translator.model;
        return [];
      default:
        return unknown(message);
    }
  }

  function piece(kind: 'said' | 'thought', news: Json): AgentEvent[] {
    const content = object(news.content);
    const words = content.type === 'text' ? text(content.text) : `(${text(content.type) || 'nothing'})`;
    const id = text(news.messageId);
    const before = speech !== null && (speech.kind !== kind || speech.id !== id) ? flush() : [];
    const all = (speech?.text ?? '') + words;
    const end = all.lastIndexOf('\n\n') + 1 || (all.length > LONGEST ? all.length : 0);
    speech = { kind, id, text: all.slice(end) };
    return end === 0 ? before : [...before, ...spoken(kind, all.slice(0, end))];
  }

  function flush(): AgentEvent[] {
    const words = speech?.text ?? '';
    const kind = speech?.kind ?? 'said';
    speech = null;
    return spoken(kind, words);
  }

  function tool(news: Json, asking: boolean): AgentEvent[] {
    return tools.tell(news, asking).flatMap((event) => {
      const beside = agent === GROK && event.type === 'acted' ? hiddenBy(event.tool) : null;
      return beside === null ? [event] : [event, ...book.hide(beside)];
    });
  }

  function grokNews(news: Json): AgentEvent[] {
    if (/compact/.test(text(news.sessionUpdate))) return book.hide(SUMMARY);
    if (news.sessionUpdate !== 'response_completed') return [];
    return [...flush(), ...book.response(object(news.usage), translator.model)];
  }

  function answer(result: Json): AgentEvent[] {
    agent = object(result._meta).grokShell === true ? GROK : text(object(result.agentInfo).name) || agent;
    translator.session = text(result.sessionId) || translator.session;
    translator.model = modelOf(result) || translator.model;
    if (typeof result.stopReason !== 'string') return [];
    return [...flush(), ...bill(result), endedBy(result.stopReason)];
  }

  function failed(error: Json, method: string | undefined): AgentEvent[] {
    if (method !== undefined && method !== 'session/prompt') return [];
    const words = errorWords(error);
    const limits = limitsIn(error);
    const outcome = limits.length > 0 || statusIn(words) !== null ? 'api-error' : 'failed';
    return [...flush(), ...bill(object(error.data)), ...limits, { type: 'ended', outcome, error: clip(words) }];
  }

  function bill(source: Json): AgentEvent[] {
    return book.turn(source, { agent, model: translator.model });
  }

  return translator;
}

/** The error in words, with what the agent put beside the message. */
export function errorWords(error: Json): string {
  const { data } = error;
  const details =
    typeof data === 'string' ? data : [text(object(data).message), text(object(data).details)].find(Boolean);
  const status = object(data).http_status;
  const suffix = typeof status === 'number' ? ` (${status})` : '';
  return `${[text(error.message), details].filter(Boolean).join(': ') || 'it gave an error without words'}${suffix}`;
}

/** Whether an error of the protocol means that the credential is refused. */
export function limitsIn(error: Json): Extract<AgentEvent, { type: 'limited' }>[] {
  const words = errorWords(error);
  const limits = limitedBy(words);
  if (limits.length > 0 || error.code !== AUTH_REQUIRED) return limits;
  return [{ type: 'limited', why: 'login', inMs: null, detail: clip(words) }];
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  end_turn: 'done',
  max_tokens: 'failed',
  max_turn_requests: 'max-turns',
  refusal: 'refused',
  cancelled: 'interrupted',
};

function endedBy(stopReason: string): AgentEvent {
  const outcome = OUTCOMES[stopReason] ?? 'failed';
  if (outcome === 'done' || outcome === 'interrupted') return { type: 'ended', outcome };
  return { type: 'ended', outcome, error: `the agent stopped: ${stopReason.replaceAll('_', ' ')}` };
}

/** The current model by either of the two ways to tell it; empty when neither is there. */
export function modelOf(from: Json): string {
  const option = list(from.configOptions)
    .map(object)
    .find(({ category }) => category === 'model');
  return text(option?.currentValue) || text(object(from.models).currentModelId);
}

function planWords(news: Json): string {
  const marks: Readonly<Record<string, string>> = { completed: '[x]', in_progress: '[>]' };
  const entries = list(news.entries).map(object);
  return ['Plan:', ...entries.map((entry) => `${marks[text(entry.status)] ?? '[ ]'} ${text(entry.content)}`)].join(
    '\n',
  );
}

const spoken = (kind: 'said' | 'thought', words: string): AgentEvent[] =>
  words.trim() === '' ? [] : [{ type: kind, text: clip(words.trim()) }];

const unknown = (message: Json): AgentEvent[] => [{ type: 'unknown', raw: clip(JSON.stringify(message)) }];
