/** Tool calls of an ACP agent: told in pieces, by agents that each leave out other pieces. One action and one observation come of each. */
import type { AgentEvent } from '../../../loop/agent-event.ts';
import { callHash, clip, resultHash } from '../../digest.ts';
import { outputOf, succeeded } from '../../grok-words.ts';
import { type Json, list, object, text } from '../../json.ts';

interface Call {
  readonly tool: string;
  readonly kind: string;
  readonly title: string;
  readonly input: Json;
  readonly content: readonly unknown[];
  readonly output: unknown;
  readonly stage: 'told' | 'acted' | 'observed';
}

export interface ToolBook {
  /** A `tool_call`, a `tool_call_update`, or the `toolCall` of a permission request (`asking`). */
  tell(update: Json, asking: boolean): AgentEvent[];
  /** What is known of a call: ACP's kind of tool, and the call in words. */
  about(id: string): { readonly kind: string; readonly words: string };
}

/** Says what a call does; `cwd` alone does not (opencode sends it first, and the command with the next piece). */
const TELLING = [
  'command',
  'file_path',
  'filePath',
  'path',
  'abs_path',
  'pattern',
  'query',
  'url',
  'description',
  'prompt',
];

const NEW: Call = { tool: '', kind: '', title: '', input: {}, content: [], output: undefined, stage: 'told' };

export function createToolBook(): ToolBook {
  const calls = new Map<string, Call>();

  return {
    tell(update, asking) {
      const id = text(update.toolCallId);
      const before = calls.get(id) ?? NEW;
      if (before.stage === 'observed') return [];
      const call = merged(before, update);
      const status = text(update.status);
      const over = status === 'completed' || status === 'failed';
      const begun = over || asking || status === 'in_progress' || inputWords(call) !== '';
      const events: AgentEvent[] = [];
      if (begun && call.stage === 'told') events.push(acted(id, call));
      if (over) events.push(observed(id, call, status === 'failed'));
      calls.set(id, { ...call, stage: over ? 'observed' : begun ? 'acted' : call.stage });
      return events;
    },
    about(id) {
      const call = calls.get(id) ?? NEW;
      return { kind: call.kind, words: `${call.tool || 'tool'}: ${wordsOf(call)}` };
    },
  };
}

function merged(call: Call, update: Json): Call {
  const input = object(update.rawInput);
  return {
    ...call,
    tool: call.tool || toolOf(update),
    kind: text(update.kind) || call.kind,
    title: text(update.title) || call.title,
    input: Object.keys(input).length > 0 ? { ...call.input, ...input } : call.input,
    // A list replaces the one before, also by nothing: gemini tells of a command where it runs, and never what it printed.
    content: Array.isArray(update.content) ? list(update.content) : call.content,
    output: update.rawOutput ?? call.output,
  };
}

/** The agent's own name of the tool where it says so, else ACP's kind of tool. */
function toolOf(update: Json): string {
  const meta = object(update._meta);
  const own = text(object(meta.claudeCode).toolName) || text(object(meta['x.ai/tool']).name);
  return own || text(update.kind) || text(update.title);
}

const inputWords = ({ input }: Call): string => TELLING.map((key) => text(input[key])).find(Boolean) ?? '';

const wordsOf = (call: Call): string => inputWords(call) || call.title || JSON.stringify(call.input);

function acted(id: string, call: Call): AgentEvent {
  const words = wordsOf(call);
  const tool = call.tool || 'tool';
  return { type: 'acted', id, tool, input: clip(words), hash: callHash(tool, { words, ...call.input }) };
}

function observed(id: string, call: Call, failed: boolean): AgentEvent {
  const raw = object(call.output);
  const exit = object(raw.metadata).exit;
  const ok = !failed && succeeded(raw) && (typeof exit !== 'number' || exit === 0);
  const output = (typeof call.output === 'string' ? call.output : outputOf(raw)) || contentWords(call.content);
  return { type: 'observed', id, ok, output: clip(output), hash: resultHash(ok, output) };
}

/** Blocks of text, files that were changed, terminals. */
function contentWords(content: readonly unknown[]): string {
  return content
    .map(object)
    .map((block) => text(object(block.content).text) || (block.type === 'diff' ? `changed ${text(block.path)}` : ''))
    .filter(Boolean)
    .join('\n');
}
