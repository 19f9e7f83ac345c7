/** The recorded streams of real agents, and what a reader makes of them. */
import { readFileSync } from 'node:fs';
import type { Reader } from '../../source/agents/engine.ts';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import { add, NO_TOKENS, type Tokens } from '../../source/loop/tokens.ts';

export interface Recording {
  readonly file: string;
  readonly exit: { readonly code: number | null; readonly signal: string | null };
}

const FOLDER = new URL('../fixtures/streams/', import.meta.url);
const INDEX: Recording[] = JSON.parse(readFileSync(new URL('index.json', FOLDER), 'utf8'));

/** All recordings of a CLI, by the beginning of their file names. */
export const recordingsOf = (cli: string): readonly Recording[] =>
  INDEX.filter(({ file }) => file.startsWith(`${cli}-`));

export const linesOf = (file: string): string[] =>
  readFileSync(new URL(file, FOLDER), 'utf8').split('\n').filter(Boolean);

export function readAll(reader: Reader, lines: readonly string[]): AgentEvent[] {
  return lines.flatMap((line) => reader.read(line));
}

/** What the meter makes of usage events: the larger of each bucket per key, added up per model. */
export function billOf(events: readonly AgentEvent[]): Record<string, Tokens> {
  const keys = new Map<string, { model: string; tokens: Tokens }>();
  for (const event of events) if (event.type === 'usage') keys.set(event.key, event);
  const models: Record<string, Tokens> = {};
  for (const { model, tokens } of keys.values()) models[model] = add(models[model] ?? NO_TOKENS, tokens);
  return models;
}
