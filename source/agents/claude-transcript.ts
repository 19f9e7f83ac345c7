/**
 * Claude's own books: the transcript of a session and of each of its sub-agents, in which every response has its final usage the moment
 * it is complete. A process that could print no bill left it there. As of claude-code 2.1.330.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AgentEvent } from '../loop/agent-event.ts';
import { NO_TOKENS } from '../loop/tokens.ts';
import type { UsageBook } from './claude-usage.ts';
import type { Books } from './engine.ts';
import { object, parseObject, text } from './json.ts';

export const transcriptBooks: Books = {
  when: 'end',
  shelves({ env, cwd, session }) {
    const home = env.CLAUDE_CONFIG_DIR || join(env.HOME || homedir(), '.claude');
    const project = join(home, 'projects', cwd.replace(/[^a-zA-Z0-9]/g, '-'));
    return [
      { folder: project, name: new RegExp(`^${session.replace(/[^a-zA-Z0-9-]/g, '.')}\\.jsonl$`) },
      { folder: join(project, session, 'subagents'), name: /^agent-.*\.jsonl$/ },
    ];
  },
};

export interface Transcripts {
  read(file: string, line: string): AgentEvent[];
  /** Requests of sub-agents that were never answered: stdout does not show that they were sent. `model` is the session's. */
  end(model: string): AgentEvent[];
}

/** Most lines are parts of the conversation; a look before the parser spares megabytes. */
const TELLING = /"type":"(?:assistant|api-request)"/;

export function createTranscripts(book: UsageBook): Transcripts {
  /** Files whose last request has no response yet. */
  const asking = new Set<string>();

  return {
    read(file, raw) {
      if (!TELLING.test(raw)) return [];
      const line = parseObject(raw);
      if (line?.type === 'api-request') asking.add(file);
      if (line?.type !== 'assistant') return [];
      asking.delete(file);
      const message = object(line.message);
      const model = text(message.model);
      if (model === '<synthetic>' || text(message.id) === '') return [];
      return book.reconcile(text(message.id), model, object(message.usage), text(message.stop_reason) !== '');
    },
    end: (model) =>
      [...asking].map((file) => ({ type: 'usage', key: `unanswered:${file}`, model, tokens: NO_TOKENS, final: false })),
  };
}
