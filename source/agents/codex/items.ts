/** The items of a codex turn as agent events. Exec and the app-server tell the same items, one in snake_case, the other in camelCase. */
import type { AgentEvent } from '../../loop/agent-event.ts';
import { callHash, clip, resultHash } from '../digest.ts';
import { type Json, list, object, text } from '../json.ts';

export type Stage = 'started' | 'updated' | 'completed';

export interface Items {
  /** `speaker` is the sub-agent whose item it is; null for the agent itself. Empty for items that say nothing new; null for an unknown kind. */
  read(stage: Stage, item: Json, speaker: string | null): AgentEvent[] | null;
}

export function createItems(): Items {
  /** Calls that have begun and not ended. */
  const open = new Set<string>();

  return {
    read(stage, item, speaker) {
      const kind = camel(text(item.type));
      const prefix = speaker === null ? '' : `${speaker}: `;
      const spoken = stage === 'completed' ? saying(kind, item, prefix) : null;
      if (spoken !== null) return spoken;
      if (kind === 'todoList') return thought(listed(list(item.items).map(object), 'text'), prefix);
      if (SPOKEN.has(kind)) return [];
      const call = callOf(kind, item);
      if (call === null) return null;
      const id = text(item.id);
      const events: AgentEvent[] = [];
      if (!open.has(id)) {
        open.add(id);
        const { tool, input } = call;
        events.push({ type: 'acted', id, tool, input: clip(prefix + input), hash: callHash(tool, { input }) });
      }
      if (stage === 'completed') {
        open.delete(id);
        const { ok, output } = call;
        events.push({ type: 'observed', id, ok, output: clip(output), hash: resultHash(ok, output) });
      }
      return events;
    },
  };
}

/** Kinds whose beginning says nothing yet. */
const SPOKEN = new Set(
  'agentMessage reasoning plan error userMessage subAgentActivity contextCompaction hookPrompt enteredReviewMode exitedReviewMode functionCallOutput'.split(
    ' ',
  ),
);

function saying(kind: string, item: Json, prefix: string): AgentEvent[] | null {
  switch (kind) {
    case 'agentMessage':
    case 'plan':
      return text(item.text) === '' ? [] : [{ type: 'said', text: clip(prefix + text(item.text)) }];
    case 'reasoning':
      return thought(text(item.text) || [...list(item.summary), ...list(item.content)].map(text).join('\n'), prefix);
    case 'error':
      return [{ type: 'warned', text: clip(prefix + text(item.message)) }];
    case 'contextCompaction':
      return [{ type: 'warned', text: `${prefix}the conversation was compacted` }];
    case 'subAgentActivity':
      return [{ type: 'warned', text: clip(`sub-agent ${text(item.agentPath)}: ${text(item.kind)}`) }];
    default:
      return null;
  }
}

const thought = (words: string, prefix: string): AgentEvent[] =>
  words === '' ? [] : [{ type: 'thought', text: clip(prefix + words) }];

/** A plan as lines, what is done with a cross. */
export function listed(steps: readonly Json[], words: string): string {
  const done = (step: Json) => step.completed === true || step.status === 'completed';
  return steps.map((step) => `[${done(step) ? 'x' : ' '}] ${text(step[words])}`).join('\n');
}

interface Call {
  readonly tool: string;
  readonly input: string;
  readonly ok: boolean;
  readonly output: string;
}

function callOf(kind: string, item: Json): Call | null {
  const status = text(item.status);
  const well = status === 'completed' || status === '';
  switch (kind) {
    case 'commandExecution': {
      const exit = item.exit_code ?? item.exitCode ?? null;
      const output = text(item.aggregated_output ?? item.aggregatedOutput);
      const code = typeof exit === 'number' && exit !== 0 ? `\n[exit ${exit}]` : '';
      const input = commandOf(text(item.command));
      return { tool: 'exec', input, ok: well && code === '', output: `${output}${code}` || (well ? '' : status) };
    }
    case 'fileChange': {
      const changes = list(item.changes).map(object);
      const input = changes
        .map(({ kind, path }) => `${text(kind) || text(object(kind).type)} ${text(path)}`)
        .join(', ');
      return { tool: 'patch', input, ok: well, output: well ? '' : status };
    }
    case 'mcpToolCall':
    case 'dynamicToolCall': {
      const from = text(item.server ?? item.namespace);
      const tool = `${from === '' ? '' : `${from}.`}${text(item.tool)}`;
      const error = text(object(item.error).message) || text(item.error);
      const ok = well && error === '' && item.success !== false;
      const content = list(object(item.result).content ?? item.contentItems).map((part) => text(object(part).text));
      return { tool, input: shown(item.arguments), ok, output: error || content.join('\n') };
    }
    case 'collabToolCall':
    case 'collabAgentToolCall':
      return { tool: `sub-agent ${text(item.tool)}`, input: text(item.prompt), ok: well, output: well ? '' : status };
    case 'webSearch':
      return { tool: 'web search', input: text(item.query) || shown(item.action), ok: true, output: '' };
    case 'imageView':
      return { tool: 'view image', input: text(item.path), ok: true, output: '' };
    case 'imageGeneration':
      return { tool: 'make image', input: text(item.revisedPrompt), ok: well, output: text(item.savedPath) };
    case 'sleep':
      return { tool: 'sleep', input: '', ok: true, output: '' };
    default:
      return null;
  }
}

const shown = (value: unknown) => (value === undefined || value === null ? '' : JSON.stringify(value));

/** `/bin/bash -lc 'npm test'` is `npm test`: the shell around it is codex's, and the same every time. */
function commandOf(line: string): string {
  const inner = /^\S*\/?(?:ba|z|da)?sh -l?c ([\s\S]+)$/.exec(line)?.[1];
  if (inner === undefined) return line;
  const quoted = /^'([^']*)'$/.exec(inner) ?? /^"((?:[^"\\$`]|\\.)*)"$/.exec(inner);
  return quoted?.[1]?.replace(/\\(["\\$`])/g, '$1') ?? inner;
}

const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
