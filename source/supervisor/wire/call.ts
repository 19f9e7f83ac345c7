/** One request for an answer as the meter understands it: what it may cost, and how it is changed where it must be. */
import { type Json, parseObject } from '../../agents/json.ts';
import { modelId, sameModel } from '../../agents/prices.ts';
import { isMaker } from '../../loop/crew/crew.ts';
import type { EngineName } from '../../loop/definition/definition.ts';
import type { RunState, WireBound } from '../../loop/state.ts';
import { NO_TOKENS, type Tokens } from '../../loop/tokens.ts';
import type { Ask, Dialect } from './dialect.ts';
import { anthropic } from './dialects/anthropic.ts';
import { asksNoBill, chat } from './dialects/chat.ts';
import { gemini, withModelIn } from './dialects/gemini.ts';
import { responses } from './dialects/responses.ts';
import { withValue } from './edit.ts';
import { type Parts, type Prompts, partsOf } from './prompts.ts';

const DIALECTS: Readonly<Record<Dialect['name'], Dialect>> = { anthropic, responses, chat, gemini };

export const dialectOf = (name: Dialect['name']): Dialect => DIALECTS[name];

/** USD of tokens of a model; null where no price is known. */
export type PriceOf = (model: string, tokens: Tokens) => number | null;

export interface Call {
  readonly dialect: Dialect;
  readonly ask: Ask;
  readonly parts: Parts;
  readonly text: string;
  /** It is streamed and would not be told its bill: it asks for it, and the piece with the bill is kept from the agent. */
  readonly asksForBill: boolean;
}

/** Reads the body of a request; null when it is not a JSON object or names no model. `path` without the query. */
export function readCall(name: Dialect['name'], path: string, text: string): Call | null {
  const body: Json | null = parseObject(text);
  if (body === null) return null;
  const dialect = DIALECTS[name];
  const ask = dialect.ask(body, path);
  if (ask.model === '') return null;
  return { dialect, ask, parts: partsOf(body), text, asksForBill: name === 'chat' && asksNoBill(body) };
}

/**
 * The model that answers: the run's where the request of its maker asks for the one that its agent was started with, else what it asks for.
 * So an agent that was escalated goes on with the stronger model, and its small side requests stay small.
 */
export function answeredBy(run: RunState, ask: Ask): { readonly model: string; readonly own: boolean } {
  if (run.agent === null) return { model: ask.model, own: false };
  const started = idOf(run.agent.engine, run.agent.model);
  const own = sameModel(ask.model, started);
  const now = idOf(run.agent.engine, run.model);
  const swaps = own && isMaker(run.agent.role) && !sameModel(now, started);
  return { model: swaps ? now : ask.model, own };
}

/** What the provider calls a model of a loop file: opencode's names begin with the provider. */
const idOf = (engine: EngineName, model: string): string =>
  modelId(engine === 'opencode' ? model.slice(model.indexOf('/') + 1) : model);

/** Where neither request nor configuration says how long an answer may be: the most of the large models (docs, 2026-11). */
const MOST_OUTPUT = 128_000;

/** The most that the request can cost when `model` answers it. */
export function boundOf(
  call: Call,
  model: string,
  agent: string,
  prompts: Prompts,
  priceOf: PriceOf,
  now: number,
): WireBound {
  const { ask, parts } = call;
  const { input, warm } = prompts.bound(agent, model, parts, ask.elsewhere, now);
  const output = (ask.maxOutput ?? MOST_OUTPUT) * ask.answers;
  const usd = (tokens: Partial<Tokens>) => priceOf(model, { ...NO_TOKENS, ...tokens }) ?? 0;
  // A prompt may be written to the cache, which costs more than reading it does where it costs anything.
  const cold = Math.max(usd({ input }), usd({ cacheWrite: input }));
  const cached = input - warm;
  const warmed = Math.max(usd({ input: warm, cacheRead: cached }), usd({ cacheWrite: warm, cacheRead: cached }));
  return {
    input,
    warm,
    output,
    usd: { input: cold, warm: Math.min(cold, warmed), output: usd({ input, output }) - usd({ input }) },
  };
}

/**
 * The providers' own doors for subscriptions refuse a request that names a most for its output
 * (chatgpt.com: "Unsupported parameter: max_output_tokens").
 */
export const canShorten = (call: Call, host: string): boolean =>
  call.ask.maxOutput !== null || !/(^|\.)chatgpt\.com$/.test(host);

/** The request as it is sent: byte for byte, but for the model, the most output and the wish for a bill, where these must change. */
export function rewritten(
  call: Call,
  path: string,
  model: string,
  output: number,
): { readonly text: string; readonly path: string } {
  const { ask } = call;
  let { text } = call;
  let sentTo = path;
  if (model !== ask.model) {
    if (ask.at.model === null) sentTo = withModelIn(path, model);
    else text = withValue(text, ask.at.model, model) ?? text;
  }
  const each = Math.floor(output / ask.answers);
  if (each < (ask.maxOutput ?? MOST_OUTPUT)) text = withValue(text, ask.at.maxOutput, each) ?? text;
  if (call.asksForBill) text = withValue(text, ['stream_options', 'include_usage'], true) ?? text;
  return { text, path: sentTo };
}
