/** How a scripted agent speaks: claude's stream-json lines on stdout, with a bill that adds up the way claude's does. */
import { randomUUID } from 'node:crypto';
import type { Usage } from './scenario.ts';

type Block = Readonly<Record<string, unknown>>;

export type ResultKind = 'done' | 'api-error' | 'aborted_streaming' | 'aborted_tools';

export interface Speech {
  model: string;
  init(): void;
  /** Opens a response when none is open, and adds a block to it. */
  block(block: Block): void;
  /** A tool call; ends the response, as tool calls do. Returns the call's id. */
  act(tool: string, input: Block): string;
  observe(id: string, ok: boolean, output: string): void;
  /** Words of the user's, echoed as --replay-user-messages does. */
  echo(text: string): void;
  /** A whole response without text, of exactly this bill. */
  spend(usage: Usage): void;
  /** Ends an open response; `aborted` leaves it without a reason to stop. */
  close(aborted?: boolean): void;
  result(kind: ResultKind, text: string): void;
  line(value: Readonly<Record<string, unknown>>): void;
}

/** Characters per token, near enough for a bill that nobody pays. */
const CHARACTERS_PER_TOKEN = 4;
/** System prompt and tools of a real agent, tokens. */
const SYSTEM_PROMPT = 12_000;

const NOTHING: Usage = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 };

/** `fixed` is the bill of every response; null lets it grow with the conversation. */
export function createSpeech(session: string, model: string, fixed: Usage | null): Speech {
  const nonce = randomUUID().slice(0, 8);
  const ever = new Map<string, Usage>();
  let since = new Map<string, Usage>();
  let responses = 0;
  let results = 0;
  let turns = 0;
  let open: { readonly id: string; readonly model: string; readonly usage: Usage; characters: number } | null = null;
  /** Tokens of the conversation, and how many of them the cache holds. */
  let context = SYSTEM_PROMPT;
  let cached = 0;

  const line = (value: Readonly<Record<string, unknown>>) => {
    process.stdout.write(`${JSON.stringify({ ...value, session_id: session })}\n`);
  };
  const streamed = (id: string, event: Block) =>
    line({ type: 'stream_event', event, parent_tool_use_id: null, api_message_id: id });

  function start(usage: Usage) {
    const id = `msg_${nonce}_${++responses}`;
    open = { id, model: speech.model, usage, characters: 0 };
    const message = { id, type: 'message', role: 'assistant', model: open.model, content: [] };
    streamed(id, { type: 'message_start', message: { ...message, usage: reported({ ...usage, output: 1 }) } });
    return open;
  }

  function grown(): Usage {
    const usage = { input: 4, cacheRead: cached, cacheWrite: context - cached, output: 0 };
    cached = context;
    return usage;
  }

  const speech: Speech = {
    model,
    line,

    init() {
      line({ type: 'system', subtype: 'init', cwd: process.cwd(), model: speech.model, tools: [], mcp_servers: [] });
      line({ type: 'system', subtype: 'status', status: 'requesting' });
    },

    block(block) {
      const response = open ?? start(fixed ?? grown());
      response.characters += JSON.stringify(block).length;
      const { id } = response;
      const message = { id, type: 'message', role: 'assistant', model: response.model, content: [block] };
      const usage = reported({ ...response.usage, output: 1 });
      line({ type: 'assistant', message: { ...message, stop_reason: null, usage }, parent_tool_use_id: null });
    },

    act(tool, input) {
      const id = `toolu_${nonce}_${responses}_${++turns}`;
      speech.block({ type: 'tool_use', id, name: tool, input });
      speech.close();
      return id;
    },

    observe(id, ok, output) {
      context += tokensIn(output);
      const content = [{ type: 'tool_result', tool_use_id: id, content: output, is_error: !ok }];
      line({ type: 'user', message: { role: 'user', content }, parent_tool_use_id: null });
    },

    echo(text) {
      context += tokensIn(text);
      const message = { role: 'user', content: [{ type: 'text', text }] };
      line({ type: 'user', message, parent_tool_use_id: null, isReplay: true });
    },

    spend(usage) {
      speech.close();
      start(usage);
      speech.close();
    },

    close(aborted = false) {
      if (open === null) return;
      const { id, usage, characters } = open;
      const written = Math.ceil(characters / CHARACTERS_PER_TOKEN);
      const output = usage.output > 0 && !aborted ? usage.output : written;
      context += written;
      const delta = { stop_reason: aborted ? null : 'end_turn', stop_sequence: null };
      streamed(id, { type: 'message_delta', delta, usage: { output_tokens: aborted ? 1 : output } });
      streamed(id, { type: 'message_stop' });
      const bill = { ...usage, output };
      for (const book of [ever, since]) book.set(open.model, sum(book.get(open.model) ?? NOTHING, bill));
      open = null;
    },

    result(kind, text) {
      speech.close(kind.startsWith('aborted'));
      const ok = kind === 'done';
      line({
        type: 'result',
        subtype: kind.startsWith('aborted') ? 'error_during_execution' : 'success',
        is_error: !ok,
        terminal_reason: ok ? 'completed' : kind === 'api-error' ? 'api_error' : kind,
        stop_reason: ok ? 'end_turn' : null,
        num_turns: turns + 1,
        result: text,
        result_index: results++,
        queued_turn_count: 0,
        modelUsage: billed(ever),
        model_usage_since_last_result: billed(since),
      });
      since = new Map();
    },
  };
  return speech;
}

const tokensIn = (text: string) => Math.ceil(text.length / CHARACTERS_PER_TOKEN);

const sum = (a: Usage, b: Usage): Usage => ({
  input: a.input + b.input,
  cacheRead: a.cacheRead + b.cacheRead,
  cacheWrite: a.cacheWrite + b.cacheWrite,
  output: a.output + b.output,
});

/** As the provider's API counts. */
const reported = (usage: Usage) => ({
  input_tokens: usage.input,
  cache_creation_input_tokens: usage.cacheWrite,
  cache_read_input_tokens: usage.cacheRead,
  output_tokens: usage.output,
});

/** As claude's result lines count. */
const billed = (book: ReadonlyMap<string, Usage>) =>
  Object.fromEntries(
    [...book].map(([model, usage]) => [
      model,
      {
        inputTokens: usage.input,
        outputTokens: usage.output,
        cacheReadInputTokens: usage.cacheRead,
        cacheCreationInputTokens: usage.cacheWrite,
        thinkingTokens: 0,
      },
    ]),
  );
