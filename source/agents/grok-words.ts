/** Grok's tool calls and results as a person reads them. A result is JSON in a text, and its output a list of byte values. */
import { type Json, object, text } from './json.ts';

/** The field of a tool's input that says what it does. */
const TELLING = ['command', 'file_path', 'path', 'target_file', 'pattern', 'query', 'url'];

export function grokInput(input: Json): string {
  if (text(input.prompt) !== '') return [text(input.description), text(input.prompt)].filter(Boolean).join(': ');
  const telling = TELLING.map((key) => text(input[key])).find(Boolean);
  return telling ?? JSON.stringify(input);
}

export interface GrokResult {
  readonly ok: boolean;
  readonly output: string;
}

/** A `tool_result`'s content. `is_error` is false for a command that failed: only the exit code inside tells. */
export function grokResult(content: string, isError: boolean): GrokResult {
  const value = parsed(content);
  if (Array.isArray(value)) return { ok: !isError, output: blocks(value) };
  return typeof value === 'object' && value !== null
    ? { ok: !isError && succeeded(object(value)), output: outputOf(object(value)) ?? content }
    : { ok: !isError, output: content };
}

/** Whether the outcome of a command says so; true for what is no command. */
export function succeeded(outcome: Json): boolean {
  const code = outcome.exit_code;
  return (typeof code !== 'number' || code === 0) && outcome.timed_out !== true && !text(outcome.signal);
}

/** What a tool printed: bytes, or a text, or what was told to the model; null when there is none of them. */
export function outputOf(result: Json): string | null {
  const { output } = result;
  if (typeof output === 'string') return output;
  if (Array.isArray(output)) return decoded(output);
  for (const [key, value] of Object.entries(result)) {
    if (key.endsWith('output_for_prompt')) return text(value);
    const inner = object(value);
    if (Object.keys(inner).length === 0) continue;
    const words = outputOf(inner);
    if (words !== null) return words;
  }
  return null;
}

/** Text that a tool cut in the middle of a character is shown with a replacement character, not refused. */
function decoded(bytes: readonly unknown[]): string {
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => (typeof byte === 'number' ? byte : 0)));
}

const blocks = (content: readonly unknown[]) =>
  content
    .map((block) => text(object(object(block).content).text) || text(object(block).text))
    .filter(Boolean)
    .join('\n');

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}
