/**
 * Codex's own books: a rollout file per thread, with the bill of each response (`token_usage_record`) as soon as it has come, before
 * its tools run. Stdout tells less (exec: nothing until the turn is over, sub-agents never) and later. As of codex-cli 0.169.0.
 */
import type { AgentEvent } from '../../loop/agent-event.ts';
import { max, NO_TOKENS, type Tokens } from '../../loop/tokens.ts';
import { object, parseObject, text } from '../json.ts';
import { codexTokens } from './tokens.ts';

export interface Rollouts {
  /** One line of the rollout `file`. Lines of one file come in order. */
  read(file: string, line: string): AgentEvent[];
  /** Requests whose response had not come when the process ended: billed, and nobody knows how much. */
  end(): AgentEvent[];
  /** What the session's own thread has cost in all its processes; null while no record was read. */
  readonly total: Tokens | null;
}

interface Thread {
  id: string;
  model: string;
  /** A request was sent of which the bill has not come. */
  asking: boolean;
  /** Calls that have no output yet: the next request waits for all of them. */
  readonly calls: Set<string>;
}

/** Nearly every line is a part of the conversation, some of them long; what they are stands in their first 120 characters. */
const HEAD = /^\{"timestamp":"[^"]*",(?:"ordinal":\d+,)?"type":"(\w+)","payload":\{(?:"type":"(\w+)")?/;
const CALL = /"call_id":"([^"]+)"/;
/** What codex writes for a call that an interrupt has ended: no request follows. */
const ABORTED = /"output":"aborted/;
const HEAD_LENGTH = 600;

export function createRollouts(): Rollouts {
  const threads = new Map<string, Thread>();
  let total: Tokens | null = null;

  function record(thread: Thread, raw: string): AgentEvent[] {
    const payload = object(parseObject(raw)?.payload);
    const owner = text(payload.thread_id);
    // The rollout of a fork may begin with what its parent had written.
    if (owner !== thread.id) return [];
    thread.asking = false;
    if (owner === text(payload.session_id)) {
      total = max(total ?? NO_TOKENS, codexTokens(payload.thread_token_usage));
    }
    const tokens = codexTokens(payload.usage);
    return [{ type: 'usage', key: text(payload.response_id), model: thread.model, tokens, final: true }];
  }

  function item(thread: Thread, kind: string, head: string): void {
    const call = CALL.exec(head)?.[1] ?? '';
    if (kind.endsWith('_call')) thread.calls.add(call);
    if (!kind.endsWith('_call_output')) return;
    thread.calls.delete(call);
    thread.asking = thread.calls.size === 0 && !ABORTED.test(head);
  }

  function turn(thread: Thread, kind: string, raw: string): AgentEvent[] {
    switch (kind) {
      case 'task_started':
        thread.asking = true;
        thread.calls.clear();
        return [];
      case 'turn_aborted':
        return unanswered(thread);
      case 'task_complete': {
        const error = text(object(object(parseObject(raw)?.payload).error).message);
        // Any other error is one that the provider answered with, and does not bill.
        if (error.includes('stream disconnected')) return unanswered(thread);
        thread.asking = false;
        return [];
      }
      default:
        return [];
    }
  }

  /** An entry that never becomes final keeps the meter from calling itself exact. */
  function unanswered(thread: Thread): AgentEvent[] {
    if (!thread.asking) return [];
    thread.asking = false;
    return [{ type: 'usage', key: `unanswered:${thread.id}`, model: thread.model, tokens: NO_TOKENS, final: false }];
  }

  return {
    read(file, raw) {
      const head = raw.slice(0, HEAD_LENGTH);
      const [, type, kind = ''] = HEAD.exec(head) ?? [];
      let thread = threads.get(file);
      if (thread === undefined) {
        thread = { id: '', model: '', asking: false, calls: new Set() };
        threads.set(file, thread);
      }
      switch (type) {
        case 'session_meta':
          thread.id ||= text(object(parseObject(raw)?.payload).id);
          return [];
        case 'turn_context':
          thread.model = text(object(parseObject(raw)?.payload).model) || thread.model;
          return [];
        case 'token_usage_record':
          return record(thread, raw);
        case 'response_item':
          item(thread, kind, head);
          return [];
        case 'event_msg':
          return turn(thread, kind, raw);
        default:
          return [];
      }
    },
    end: () => [...threads.values()].flatMap(unanswered),
    get total() {
      return total;
    },
  };
}

/** The session that the rollout with this first line belongs to: a sub-agent's is its root's. Null when the line is none of codex's. */
export function sessionOf(firstLine: string): string | null {
  const line = parseObject(firstLine);
  if (line?.type !== 'session_meta') return null;
  const payload = object(line.payload);
  return text(payload.session_id) || text(payload.parent_thread_id) || text(payload.id) || null;
}
