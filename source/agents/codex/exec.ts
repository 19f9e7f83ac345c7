/** Reads what `codex exec --json` prints: one turn. It says nothing of tokens until the turn is over, and then the thread's whole total. */
import type { AgentEvent } from '../../loop/agent-event.ts';
import type { Tokens } from '../../loop/tokens.ts';
import { clip } from '../digest.ts';
import { type Json, object, text } from '../json.ts';
import { createItems, type Stage } from './items.ts';
import { codexTokens } from './tokens.ts';
import { failureOf, limited } from './trouble.ts';

export interface ExecReader {
  read(line: Json, raw: string): AgentEvent[];
  /** The turn has said how it ended. */
  readonly closed: boolean;
  /** The thread's running total, earlier processes included; null while no turn was completed. */
  readonly total: Tokens | null;
  readonly thread: string;
}

const RETRY = /^Reconnecting\.\.\. \d+\/\d+ ?\(?([\s\S]*?)\)?$/;

/** Whether a line is exec's and not a bridge's. */
export const isExec = (line: Json): boolean => text(line.type).includes('.') || line.type === 'error';

export function createExecReader(): ExecReader {
  const items = createItems();
  const limits = new Set<string>();
  let closed = false;
  let total: Tokens | null = null;
  let thread = '';

  function troubled(words: string): AgentEvent[] {
    const retry = RETRY.exec(words);
    const reason = retry?.[1] || words;
    const again: AgentEvent[] = retry === null ? [] : [{ type: 'retrying', reason: clip(reason), inMs: 0 }];
    const news = limited(reason, null, null).filter((event) => event.type === 'limited' && !limits.has(event.why));
    for (const event of news) if (event.type === 'limited') limits.add(event.why);
    return [...again, ...news];
  }

  return {
    read(line, raw) {
      const type = text(line.type);
      switch (type) {
        case 'thread.started':
          thread = text(line.thread_id);
          return [{ type: 'started', session: thread, model: '' }];
        case 'turn.started':
          closed = false;
          return [];
        case 'turn.completed':
          closed = true;
          total = codexTokens(line.usage);
          return [{ type: 'ended', outcome: 'done' }];
        case 'turn.failed': {
          closed = true;
          const words = text(object(line.error).message);
          return [...troubled(words), { type: 'ended', outcome: failureOf(words, null), error: clip(words) }];
        }
        case 'error':
          return troubled(text(line.message));
        case 'item.started':
        case 'item.updated':
        case 'item.completed':
          return items.read(type.slice(5) as Stage, object(line.item), null) ?? unknown(raw);
        default:
          return unknown(raw);
      }
    },
    get closed() {
      return closed;
    },
    get total() {
      return total;
    },
    get thread() {
      return thread;
    },
  };
}

const unknown = (raw: string): AgentEvent[] => [{ type: 'unknown', raw: clip(raw) }];
