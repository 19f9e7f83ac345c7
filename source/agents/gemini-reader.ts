/** Reads gemini's stream-json output, line by line, into agent events. Knows the format of gemini-cli 0.61.0. */
import type { AgentEvent } from '../loop/agent-event.ts';
import { isZero, type Tokens } from '../loop/tokens.ts';
import { callHash, clip, resultHash } from './digest.ts';
import type { Reader } from './engine.ts';
import { endedByGemini, type GeminiResult } from './gemini-outcome.ts';
import { count, type Json, object, parseObject, text } from './json.ts';

/** What it says comes in pieces of a few words; more than this many characters are shown without waiting for the rest. */
const PIECE = 1000;

export function createGeminiReader(): Reader {
  let result: GeminiResult | null = null;
  let spoke = false;
  /** What it has begun to say. */
  let saying = '';
  /** Words of its `error` lines: the result after them names no error. */
  const warnings: string[] = [];

  /** What it was saying, now that something else follows. */
  function said(): AgentEvent[] {
    const words = saying.trim();
    saying = '';
    return words === '' ? [] : [{ type: 'said', text: clip(words) }];
  }

  function message(line: Json): AgentEvent[] {
    // The other role is ours: the prompt.
    if (line.role !== 'assistant') return [];
    saying += text(line.content);
    const end = saying.lastIndexOf('\n');
    if (saying.length < PIECE || end < 0) return [];
    const rest = saying.slice(end + 1);
    saying = saying.slice(0, end);
    const events = said();
    saying = rest;
    return events;
  }

  function read(raw: string): AgentEvent[] {
    if (raw.trim() === '') return [];
    spoke = true;
    const line = parseObject(raw);
    switch (line?.type) {
      case 'init':
        return [{ type: 'started', session: text(line.session_id), model: text(line.model) }];
      case 'message':
        return message(line);
      case 'tool_use':
        return [...said(), acted(line)];
      case 'tool_result':
        return [...said(), observed(line)];
      case 'error': {
        warnings.push(text(line.message));
        return [...said(), { type: 'warned', text: clip(text(line.message)) }];
      }
      case 'result':
        result = {
          ok: line.status === 'success',
          type: text(object(line.error).type),
          message: text(object(line.error).message),
        };
        return [...said(), ...bills(object(object(line.stats).models))];
      default:
        return [{ type: 'unknown', raw: clip(raw) }];
    }
  }

  return {
    read,
    end: (code) => [...said(), ...endedByGemini(code, result, warnings, spoke)],
    finished: false,
    get idle() {
      return result !== null;
    },
  };
}

/** Side requests and sub-agents are in it. A model that was asked and refused is in it with zeros. */
function bills(models: Json): AgentEvent[] {
  return Object.entries(models).flatMap(([model, figures]): AgentEvent[] => {
    const tokens = tokensOf(object(figures));
    return isZero(tokens) ? [] : [{ type: 'usage', key: `bill:${model}`, model, tokens, final: true }];
  });
}

/**
 * `input_tokens` are all prompt tokens, cached ones too, and `output_tokens` leave out the thoughts: those are what is missing
 * to the total. (So are prompt tokens that the provider's own tools added, of which the CLI uses none; they would count as output.)
 */
function tokensOf(stats: Json): Tokens {
  const prompt = count(stats.input_tokens);
  const cached = Math.min(count(stats.cached), prompt);
  const answer = count(stats.output_tokens);
  const thoughts = Math.max(0, count(stats.total_tokens) - prompt - answer);
  return { input: prompt - cached, cacheRead: cached, cacheWrite: 0, output: answer + thoughts, reasoning: thoughts };
}

function acted(line: Json): AgentEvent {
  const tool = text(line.tool_name);
  const input = object(line.parameters);
  return {
    type: 'acted',
    id: text(line.tool_id),
    tool,
    input: clip(inputWords(tool, input)),
    hash: callHash(tool, input),
  };
}

/** A shell command that fails is a success here: neither its exit code nor the fact is in the stream. */
function observed(line: Json): AgentEvent {
  const ok = line.status !== 'error';
  const output = text(line.output) || text(object(line.error).message);
  return { type: 'observed', id: text(line.tool_id), ok, output: clip(output), hash: resultHash(ok, output) };
}

/** The one parameter that says what the call is about; all of them for a tool we do not know. */
function inputWords(tool: string, input: Json): string {
  const key = MAIN[tool];
  const main = key === undefined ? '' : text(input[key]);
  return main || (Object.keys(input).length === 0 ? '' : JSON.stringify(input));
}

const MAIN: Readonly<Record<string, string>> = {
  run_shell_command: 'command',
  read_file: 'file_path',
  write_file: 'file_path',
  replace: 'file_path',
  list_directory: 'dir_path',
  glob: 'pattern',
  grep_search: 'pattern',
  google_web_search: 'query',
  web_fetch: 'prompt',
  invoke_agent: 'prompt',
};
