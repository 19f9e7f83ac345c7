/** Reads claude's stream-json output, line by line, into agent events. Knows the format of claude-code 2.1.330. */
import type { AgentEvent } from '../loop/agent-event.ts';
import { NO_TOKENS } from '../loop/tokens.ts';
import { endedByResult, endedWithoutResult } from './claude-outcome.ts';
import { createTranscripts } from './claude-transcript.ts';
import { createUsageBook } from './claude-usage.ts';
import { inputWords, questionOptions, questionWords, resultWords } from './claude-words.ts';
import { callHash, clip, resultHash } from './digest.ts';
import type { Reader } from './engine.ts';
import { count, type Json, list, object, parseObject, text } from './json.ts';
import { limited } from './limit.ts';

/** Most lines of a run with partial messages are text deltas, which say nothing that the whole message does not. */
const DELTA = '{"type":"stream_event","event":{"type":"content_block_delta"';

/** Marks the id of a question of the model's own, whose answer is words and not a permission. */
export const QUESTION = 'question:';

/** System lines that repeat what other lines say, or concern only claude's own screen. */
const SILENT = new Set(
  'status thinking_tokens hook_started hook_progress hook_response task_started task_progress task_updated ui_invalidate'.split(
    ' ',
  ),
);

export function createClaudeReader(): Reader {
  const book = createUsageBook();
  const transcripts = createTranscripts(book);
  /** Questions without an answer: request id -> our id. */
  const asked = new Map<string, string>();
  /** Calls of AskUserQuestion: we answer by denying them, which is no failure of the agent's. */
  const questions = new Set<string>();
  /** Ids of background tasks that will wake the model when they end. */
  let background: readonly string[] = [];
  let session = '';
  let model = '';
  let spoke = false;
  /** The newest turn has its `result`. */
  let closed = false;
  /** A background task ended after the last result: a turn of its own is about to begin. */
  let waking = false;
  let promptEchoed = false;
  /** A request was sent of which nothing has come back: what it costs is not known. */
  let requesting = false;
  /** User lines that claude has read but not begun. */
  let queued = 0;

  function init(line: Json): AgentEvent[] {
    closed = false;
    waking = false;
    const known = text(line.session_id) === session && text(line.model) === model;
    session = text(line.session_id);
    model = text(line.model);
    return known ? [] : [{ type: 'started', session, model }];
  }

  function system(line: Json, raw: string): AgentEvent[] {
    const subtype = text(line.subtype);
    if (subtype === 'status' && line.status === 'requesting') requesting = true;
    if (SILENT.has(subtype)) return [];
    switch (subtype) {
      case 'init':
        return init(line);
      case 'api_retry':
        return [
          ...limited(count(line.error_status), count(line.retry_delay_ms), retryReason(line)),
          { type: 'retrying', reason: retryReason(line), inMs: count(line.retry_delay_ms) },
        ];
      case 'model_fallback':
        return warned(`${text(line.original_model)} is busy: going on with ${text(line.fallback_model)}`);
      case 'permission_denied':
        return warned(`${text(line.tool_name)} was denied: ${text(line.message)}`);
      case 'background_tasks_changed':
        background = list(line.tasks).map((task) => text(object(task).task_id));
        return [];
      case 'task_notification': {
        if (!background.includes(text(line.task_id))) return [];
        // A task that was stopped does not wake the model; one that ended does (seen 24 and 104 ms later).
        waking = closed && ['completed', 'failed'].includes(text(line.status));
        return warned(text(line.summary) || `background task ${text(line.status)}`);
      }
      case 'compact_boundary':
        return warned('the conversation was compacted');
      case 'informational':
        return warned(text(line.content));
      case 'notification':
        return warned(text(line.text));
      default:
        return unknown(raw);
    }
  }

  function assistant(line: Json, raw: string): AgentEvent[] {
    const message = object(line.message);
    const from = text(message.model);
    const synthetic = from === '<synthetic>';
    const speaker = line.parent_tool_use_id ? text(line.subagent_type) || 'sub-agent' : null;
    if (speaker === null) requesting = false;
    const events: AgentEvent[] = synthetic
      ? []
      : // Complete only when it was not streamed: then it has a stop reason and the true output count.
        book.report(text(message.id), from, object(message.usage), text(message.stop_reason) !== '');
    for (const block of list(message.content).map(object)) {
      events.push(...said(block, speaker, synthetic && text(line.error) !== '', raw));
    }
    return events;
  }

  function user(line: Json, raw: string): AgentEvent[] {
    const content = object(line.message).content;
    if (line.isReplay === true) return echoed(content);
    const events: AgentEvent[] = [];
    for (const block of list(content).map(object)) {
      if (text(block.type) === 'tool_result') {
        const output = resultWords(block.content);
        const id = text(block.tool_use_id);
        const ok = block.is_error !== true || questions.has(id);
        events.push({ type: 'observed', id, ok, output: clip(output), hash: resultHash(ok, output) });
      } else if (text(block.type) === 'text') {
        // The prompt of a sub-agent is its caller's input, already shown.
        if (!line.parent_tool_use_id) events.push(...warned(text(block.text)));
      } else events.push(...unknown(raw));
    }
    return typeof content === 'string' ? warned(content) : events;
  }

  /** What we wrote into stdin, once it is in the conversation. The first is the prompt; a string is claude's own note. */
  function echoed(content: unknown): AgentEvent[] {
    if (!Array.isArray(content)) return [];
    if (!promptEchoed) {
      promptEchoed = true;
      return [];
    }
    const words = resultWords(content);
    return [{ type: 'heard', text: clip(words) }];
  }

  function streamEvent(line: Json): AgentEvent[] {
    const event = object(line.event);
    if (event.type === 'message_start') {
      requesting = false;
      const message = object(event.message);
      book.begin(text(message.id));
      return book.report(text(message.id), text(message.model), object(message.usage), false);
    }
    const id = text(line.api_message_id);
    if (event.type !== 'message_delta' || id === '') return [];
    // Of an aborted response claude writes a delta of its own, without a reason to stop and with a placeholder count.
    const complete = text(object(event.delta).stop_reason) !== '';
    return book.report(id, model, object(event.usage), complete);
  }

  function result(line: Json): AgentEvent[] {
    closed = true;
    waking = false;
    queued = count(line.queued_turn_count);
    asked.clear();
    const bill = book.settle(object(line.model_usage_since_last_result));
    const unanswered = text(line.terminal_reason) === 'aborted_streaming' ? unansweredRequest() : [];
    requesting = false;
    const ended = endedByResult(line);
    const refused = limited(count(line.api_error_status), null, ended.error ?? 'the provider refuses');
    return [...bill, ...unanswered, ...refused, ended];
  }

  /** Its input is billed, and nobody told us how much: an entry that never becomes final keeps the meter from calling itself exact. */
  function unansweredRequest(): AgentEvent[] {
    return requesting ? [{ type: 'usage', key: 'unanswered', model, tokens: NO_TOKENS, final: false }] : [];
  }

  function control(line: Json, raw: string): AgentEvent[] {
    const request = object(line.request);
    if (line.type === 'control_request') {
      if (text(request.subtype) !== 'can_use_tool') return unknown(raw);
      const requestId = text(line.request_id);
      const tool = text(request.tool_name);
      const id = tool === 'AskUserQuestion' ? `${QUESTION}${requestId}` : requestId;
      if (id !== requestId) questions.add(text(request.tool_use_id));
      asked.set(requestId, id);
      const input = object(request.input);
      return [{ type: 'asked', id, question: clip(questionWords(tool, input)), options: questionOptions(tool, input) }];
    }
    // Our answer comes back as an echo (--replay-user-messages); a cancelled question needs none.
    const response = object(line.response);
    const requestId = text(response.request_id) || text(line.request_id);
    const id = asked.get(requestId);
    if (id !== undefined) {
      asked.delete(requestId);
      return [{ type: 'answered', id }];
    }
    return text(response.subtype) === 'error' ? warned(text(response.error)) : [];
  }

  function read(raw: string): AgentEvent[] {
    if (raw.startsWith(DELTA) || raw.trim() === '') return [];
    spoke = true;
    const line = parseObject(raw);
    switch (line?.type) {
      case 'system':
        return system(line, raw);
      case 'assistant':
        return assistant(line, raw);
      case 'user':
        return user(line, raw);
      case 'stream_event':
        return streamEvent(line);
      case 'result':
        return result(line);
      case 'control_request':
      case 'control_response':
      case 'control_cancel_request':
        return control(line, raw);
      case 'rate_limit_event': {
        const status = text(object(line.rate_limit_info).status);
        if (status === '' || status === 'allowed') return [];
        if (status !== 'rejected') return warned(`rate limit: ${status}`);
        // Seconds since 1970: the plan's allowance is used up until then.
        const resetsAt = count(object(line.rate_limit_info).resetsAt);
        const until = resetsAt > 0 ? { until: resetsAt * 1000 } : {};
        return [{ type: 'limited', why: 'usage', inMs: null, ...until, detail: "the plan's usage limit is reached" }];
      }
      case 'keep_alive':
      case 'tool_progress':
        return [];
      default:
        return unknown(raw);
    }
  }

  return {
    read,
    readBook: (file, raw) => transcripts.read(file, raw),
    end: (code) => (closed ? [] : [...unansweredRequest(), ...transcripts.end(model), endedWithoutResult(code, spoke)]),
    get wanting() {
      return !closed;
    },
    get finished() {
      return closed && background.length === 0 && !waking && queued === 0;
    },
    get idle() {
      return closed;
    },
  };
}

function said(block: Json, speaker: string | null, failed: boolean, raw: string): AgentEvent[] {
  const prefix = speaker === null ? '' : `${speaker}: `;
  switch (text(block.type)) {
    case 'text':
      if (text(block.text) === '') return [];
      return failed ? warned(text(block.text)) : [{ type: 'said', text: clip(prefix + text(block.text)) }];
    case 'thinking':
      return text(block.thinking) === '' ? [] : [{ type: 'thought', text: clip(prefix + text(block.thinking)) }];
    case 'redacted_thinking':
      return [];
    case 'tool_use':
    case 'server_tool_use': {
      const tool = text(block.name);
      const input = clip(prefix + inputWords(tool, object(block.input)));
      return [{ type: 'acted', id: text(block.id), tool, input, hash: callHash(tool, block.input) }];
    }
    default:
      return unknown(raw);
  }
}

function retryReason(line: Json): string {
  const status = count(line.error_status);
  const what = `${text(line.error) || 'unknown'}${status > 0 ? ` (${status})` : ''}`;
  return `${what}, try ${count(line.attempt)} of ${count(line.max_retries)}`;
}

const warned = (words: string): AgentEvent[] => (words === '' ? [] : [{ type: 'warned', text: clip(words) }]);
const unknown = (raw: string): AgentEvent[] => [{ type: 'unknown', raw: clip(raw) }];
