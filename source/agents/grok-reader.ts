/** Reads grok's streaming-messages-json, line by line, into agent events: claude's format as Grok Build 1.0.41 writes it. */
import type { AgentEvent } from '../loop/agent-event.ts';
import { endedWithoutResult } from './claude-outcome.ts';
import { createUsageBook } from './claude-usage.ts';
import { callHash, clip, resultHash } from './digest.ts';
import type { Reader } from './engine.ts';
import { grokEnd } from './grok-outcome.ts';
import { grokInput, grokResult } from './grok-words.ts';
import { count, type Json, list, object, parseObject, text } from './json.ts';

const SUB_AGENT = 'the title of a sub-agent’s session';
const SERVICE = 'web searches, pictures and videos';
export const SUMMARY = 'the summaries that shorten a long conversation';
const CUT = 'the last response: grok tells its bill only when its tools have ended';

/** Requests that are in none of grok's figures (measured against a provider's ledger). */
export const HIDES = [SUB_AGENT, SERVICE, SUMMARY] as const;

/** Tools that make requests of their own. */
const BESIDES: Readonly<Record<string, string>> = {
  spawn_subagent: SUB_AGENT,
  workflow: SUB_AGENT,
  web_search: SERVICE,
  image_gen: SERVICE,
  image_edit: SERVICE,
  image_to_video: SERVICE,
  reference_to_video: SERVICE,
};

/** What a call of this tool spends that no figure of grok's holds; null for nothing. */
export const hiddenBy = (tool: string): string | null => BESIDES[tool] ?? null;

/** Where grok begins to shorten the conversation, as a share of the context (its default); a failed attempt leaves no line. */
const SHORTENS_AT = 0.85;

export function createGrokReader(): Reader {
  const book = createUsageBook();
  const hidden = new Set<string>();
  let spoke = false;
  let closed = false;
  /** A request is with the provider: what it costs is known only when it has ended. */
  let requesting = false;
  let denied = false;
  /** What has been told of messages, and the block of the newest that is being streamed. */
  const told = new Set<string>();
  let streamed = '';
  let block: Json = {};
  let pieces = '';
  let model = '';
  /** The newest context, and the largest that another request came after: tokens. */
  let latest = 0;
  let largest = 0;

  const hide = (what: string): AgentEvent[] => {
    if (hidden.has(what)) return [];
    hidden.add(what);
    return [{ type: 'hidden', what }];
  };

  function system(line: Json, raw: string): AgentEvent[] {
    if (text(line.subtype) === 'compact_boundary') {
      return [{ type: 'warned', text: 'the conversation was compacted' }, ...hide(SUMMARY)];
    }
    if (text(line.subtype) !== 'init') return unknown(raw);
    requesting = true;
    model = text(line.model);
    return [{ type: 'started', session: text(line.session_id), model }];
  }

  /** A whole message comes when its tools have ended; what it says has been streamed before. */
  function assistant(line: Json, raw: string): AgentEvent[] {
    const message = object(line.message);
    const usage = object(message.usage);
    requesting = false;
    latest = contextOf(usage);
    const bill = book.report(text(message.id), text(message.model), usage, true);
    return [...bill, ...list(message.content).flatMap((block) => tell(text(message.id), object(block), raw))];
  }

  /** A block of a message, the first time that it is complete. */
  function tell(id: string, block: Json, raw: string): AgentEvent[] {
    const words = text(block.text) || text(block.thinking);
    const key = `${id} ${text(block.type)} ${text(block.id) || `${words.length} ${words.slice(0, 50)}`}`;
    if (told.has(key)) return [];
    told.add(key);
    const what = hiddenBy(text(block.name));
    return [...said(block, raw), ...(what === null ? [] : hide(what))];
  }

  function user(line: Json, raw: string): AgentEvent[] {
    requesting = true;
    largest = Math.max(largest, latest);
    return list(object(line.message).content)
      .map(object)
      .flatMap((block): AgentEvent[] => {
        if (text(block.type) !== 'tool_result') return unknown(raw);
        const isError = block.is_error === true;
        const { ok, output } = grokResult(text(block.content), isError);
        denied ||= isError && output.includes('User cancelled the execution');
        const id = text(block.tool_use_id);
        return [{ type: 'observed', id, ok, output: clip(output), hash: resultHash(ok, output) }];
      });
  }

  function streamEvent(line: Json, raw: string): AgentEvent[] {
    const event = object(line.event);
    switch (event.type) {
      case 'message_start':
        requesting = true;
        streamed = text(object(event.message).id);
        return [];
      case 'content_block_start':
        block = object(event.content_block);
        pieces = '';
        return [];
      case 'content_block_delta': {
        const delta = object(event.delta);
        pieces += text(delta.text) || text(delta.thinking) || text(delta.partial_json);
        return [];
      }
      case 'content_block_stop':
        return tell(streamed, completed(block, pieces), raw);
      default:
        return [];
    }
  }

  function result(line: Json): AgentEvent[] {
    closed = true;
    const modelUsage = object(line.modelUsage);
    const context = count(object(modelUsage[model]).contextWindow);
    const shortened = context > 0 && largest >= SHORTENS_AT * context ? hide(SUMMARY) : [];
    return [...book.settle(modelUsage), ...shortened, ...grokEnd(line, denied)];
  }

  return {
    read(raw) {
      if (raw.trim() === '') return [];
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
          return streamEvent(line, raw);
        case 'result':
          return result(line);
        default:
          return unknown(raw);
      }
    },
    end(code) {
      if (closed) return [];
      // Its first line comes with the first words of the model: one that was killed before may have been billed.
      const killed = !spoke && (code === null || code > 128);
      return [...(requesting || killed ? hide(CUT) : []), endedWithoutResult(code, spoke)];
    },
    get finished() {
      return closed;
    },
    get idle() {
      return closed;
    },
  };
}

const contextOf = (usage: Json): number =>
  count(usage.input_tokens) +
  count(usage.cache_read_input_tokens) +
  count(usage.cache_creation_input_tokens) +
  count(usage.output_tokens);

/** The block that began as `block` and went on with these pieces. */
function completed(block: Json, pieces: string): Json {
  switch (block.type) {
    case 'text':
      return { ...block, text: pieces };
    case 'thinking':
      return { ...block, thinking: pieces };
    default:
      return pieces === '' ? block : { ...block, input: parseObject(pieces) ?? { input: pieces } };
  }
}

function said(block: Json, raw: string): AgentEvent[] {
  switch (text(block.type)) {
    case 'text':
      return text(block.text) === '' ? [] : [{ type: 'said', text: clip(text(block.text)) }];
    case 'thinking':
      return text(block.thinking) === '' ? [] : [{ type: 'thought', text: clip(text(block.thinking)) }];
    case 'tool_use':
    case 'server_tool_use': {
      const tool = text(block.name);
      const input = clip(grokInput(object(block.input)));
      return [{ type: 'acted', id: text(block.id), tool, input, hash: callHash(tool, block.input) }];
    }
    case 'web_search_tool_result': {
      const output = list(block.content)
        .map((hit) => text(object(hit).url))
        .join('\n');
      const ok = Array.isArray(block.content);
      return [
        { type: 'observed', id: text(block.tool_use_id), ok, output: clip(output), hash: resultHash(ok, output) },
      ];
    }
    default:
      return unknown(raw);
  }
}

const unknown = (raw: string): AgentEvent[] => [{ type: 'unknown', raw: clip(raw) }];
