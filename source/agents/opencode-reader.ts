/** Reads the lines of `opencode run --format json` into agent events. Knows the format of opencode 1.18.33. */
import type { AgentEvent } from '../loop/agent-event.ts';
import type { Tokens } from '../loop/tokens.ts';
import { callHash, clip, resultHash } from './digest.ts';
import type { Reader } from './engine.ts';
import { count, type Json, object, parseObject, text } from './json.ts';
import { endedByOpencode, type OpencodeError } from './opencode-outcome.ts';

/** `asked` is the model that it was started with, `provider/model`: no line names one. */
export function createOpencodeReader(asked = ''): Reader {
  const model = asked.slice(asked.indexOf('/') + 1);
  let session = '';
  let spoke = false;
  /** A response began, and its bill has not come. */
  let open = false;
  /** How the last response ended: `stop`, `tool-calls`, `length` and others. */
  let reason = '';
  let refusal = '';
  let error: OpencodeError | null = null;

  /** A response is tried again when it breaks, in silence; only its second beginning shows. */
  function begun(): AgentEvent[] {
    const broken = open;
    open = true;
    return broken ? [CUT] : [];
  }

  function billed(part: Json): AgentEvent[] {
    open = false;
    reason = text(part.reason);
    return [{ type: 'usage', key: text(part.id), model, tokens: tokensOf(object(part.tokens)), final: true }];
  }

  /** Only finished calls are told, so call and result come together. */
  function used(part: Json): AgentEvent[] {
    const id = text(part.callID);
    const tool = text(part.tool);
    const state = object(part.state);
    const input = object(state.input);
    const exit = object(state.metadata).exit;
    const failed = state.status === 'error';
    const ok = !failed && tool !== 'invalid' && (typeof exit !== 'number' || exit === 0);
    const output = failed ? text(state.error) : text(state.output);
    refusal = failed && REJECTED.test(output) ? `${tool}: ${output}` : '';
    return [
      { type: 'acted', id, tool, input: clip(inputWords(tool, input)), hash: callHash(tool, input) },
      { type: 'observed', id, ok, output: clip(output), hash: resultHash(ok, output) },
      ...(tool === 'task' ? [SUB_AGENT] : []),
    ];
  }

  function failed(line: Json): AgentEvent[] {
    const name = text(object(line.error).name);
    const data = object(object(line.error).data);
    error = {
      name,
      message: text(data.message) || name,
      status: count(data.statusCode),
      headers: object(data.responseHeaders),
    };
    return [];
  }

  function started(line: Json): AgentEvent[] {
    if (session !== '' || text(line.sessionID) === '') return [];
    session = text(line.sessionID);
    return [{ type: 'started', session, model: asked }];
  }

  function body(line: Json | null, raw: string): AgentEvent[] {
    const part = object(line?.part);
    switch (line?.type) {
      case 'step_start':
        return begun();
      case 'step_finish':
        return billed(part);
      case 'text':
        return text(part.text) === '' ? [] : [{ type: 'said', text: clip(text(part.text)) }];
      case 'reasoning':
        return text(part.text) === '' ? [] : [{ type: 'thought', text: clip(text(part.text)) }];
      case 'tool_use':
        return used(part);
      case 'error':
        return failed(line);
      default:
        return [{ type: 'unknown', raw: clip(raw) }];
    }
  }

  return {
    read(raw) {
      if (raw.trim() === '') return [];
      spoke = true;
      const line = parseObject(raw);
      return [...(line === null ? [] : started(line)), ...body(line, raw)];
    },
    end: (code) => [
      ...(isHidden(code, open, reason, error) ? [CUT] : []),
      ...endedByOpencode({ code, reason, refusal, error, spoke }),
    ],
    finished: false,
    get idle() {
      return reason !== '' && reason !== 'tool-calls' && !open;
    },
  };
}

const CUT: AgentEvent = { type: 'hidden', what: 'a response that was cut' };
/** Its session has a bill of its own, which is in opencode's database and in no line. */
const SUB_AGENT: AgentEvent = { type: 'hidden', what: 'what sub-agents spend' };

/** What it says in a tool's stead when a person, or nobody, refuses. */
const REJECTED = /rejected permission|user rejected/i;

/**
 * A response without a bill: it had begun; or the process was killed where the next one may have been under way, of which no
 * line tells before its first word.
 */
function isHidden(code: number | null, open: boolean, reason: string, error: OpencodeError | null): boolean {
  if (open) return true;
  const killed = code === null || code > 128;
  return killed && error === null && (reason === '' || reason === 'tool-calls');
}

/** Disjoint already: input leaves out what was cached, output the reasoning. */
function tokensOf(tokens: Json): Tokens {
  const cache = object(tokens.cache);
  const reasoning = count(tokens.reasoning);
  return {
    input: count(tokens.input),
    cacheRead: count(cache.read),
    cacheWrite: count(cache.write),
    output: count(tokens.output) + reasoning,
    reasoning,
  };
}

/** The one parameter that says what the call is about; all of them for a tool we do not know. */
function inputWords(tool: string, input: Json): string {
  const key = Object.hasOwn(MAIN, tool) ? MAIN[tool] : undefined;
  const main = key === undefined ? '' : text(input[key]);
  return main || (Object.keys(input).length === 0 ? '' : JSON.stringify(input));
}

const MAIN: Readonly<Record<string, string>> = {
  bash: 'command',
  read: 'filePath',
  write: 'filePath',
  edit: 'filePath',
  glob: 'pattern',
  grep: 'pattern',
  webfetch: 'url',
  task: 'prompt',
  skill: 'name',
};
