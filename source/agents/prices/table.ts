/** Our own price table: USD per million tokens, each row with its day and its source. Which names find a row is names.ts. */
import type { Price, Rates } from '../../loop/price.ts';

/** costUSD of claude-code's own result lines, read off by billing one kind of token at a time. */
const CLI = 'claude-code 2.1.330, costUSD';
const ANTHROPIC = 'platform.claude.com, pricing';
const OPENAI = 'developers.openai.com, models';
const GENAI = 'genai-prices 0.1.8';
/** genai-prices 0.1.8 was published then. */
const GENAI_DAY = '2026-09-23';
const READ = '2026-11-23';

type Four = readonly [input: number, cacheWrite: number, cacheRead: number, output: number];

const row = (rates: Rates, asOf: string, source: string, long?: Price['long']): Price => ({
  ...rates,
  by: 'table',
  asOf,
  source,
  ...(long === undefined ? {} : { long }),
});

/** Anthropic: what is written for an hour costs twice the input; five minutes have a rate of their own. */
const anthropic = ([input, cacheWrite, cacheRead, output]: Four): Rates => ({
  input,
  cacheWrite,
  cacheWrite1h: 2 * input,
  cacheRead,
  output,
});

/** OpenAI from GPT-5.6 on: above 272k tokens of prompt everything but output costs twice as much, output half as much again. */
function openai([input, cacheWrite, cacheRead, output]: Four, asOf: string, source: string): Price {
  const long = { input: 2 * input, cacheWrite: 2 * cacheWrite, cacheRead: 2 * cacheRead, output: 1.5 * output };
  return row({ input, cacheWrite, cacheRead, output }, asOf, source, { over: 272_000, rates: long });
}

/** Who does not charge for writing to the cache bills those tokens as input. */
const unwritten = (input: number, cacheRead: number, output: number): Rates => ({
  input,
  cacheWrite: input,
  cacheRead,
  output,
});

/** xAI from 200k tokens of prompt on: everything costs twice as much. */
const xai = (input: number, cacheRead: number, output: number): Price =>
  row(unwritten(input, cacheRead, output), GENAI_DAY, GENAI, {
    over: 199_999,
    rates: unwritten(2 * input, 2 * cacheRead, 2 * output),
  });

const google = (input: number, cacheRead: number, output: number, long?: Price['long']): Price =>
  row(unwritten(input, cacheRead, output), GENAI_DAY, GENAI, long);

const HAIKU = row(anthropic([0.1, 0.125, 0.01, 0.5]), READ, CLI, {
  over: 100_000,
  rates: anthropic([0.5, 0.625, 0.05, 2.5]),
});
const SONNET = row(anthropic([2, 2.5, 0.1, 10]), READ, CLI);
const OPUS = row(anthropic([4, 5, 0.2, 20]), READ, CLI);

export const PRICES: Readonly<Record<string, Price>> = {
  'claude-haiku-5-5': HAIKU,
  'claude-sonnet-5-5': SONNET,
  'claude-opus-5-5': OPUS,
  'claude-fable-5-2': row(anthropic([8, 10, 0.2, 40]), READ, CLI),
  'claude-fable-5-1': row(anthropic([10, 12.5, 0.25, 50]), READ, ANTHROPIC),
  'claude-opus-5': row(anthropic([5, 6.25, 0.5, 25]), READ, ANTHROPIC),
  'claude-opus-4-8': row(anthropic([5, 6.25, 0.5, 25]), READ, ANTHROPIC),
  'claude-opus-4-5': row(anthropic([5, 6.25, 0.5, 25]), READ, CLI),
  'claude-sonnet-4-5': row(anthropic([3, 3.75, 0.3, 15]), READ, CLI, {
    over: 200_000,
    rates: anthropic([6, 7.5, 0.6, 22.5]),
  }),
  'claude-haiku-4-5': row(anthropic([1, 1.25, 0.1, 5]), READ, ANTHROPIC),
  'gpt-6.2-sol': openai([2, 2.5, 0.1, 10], READ, OPENAI),
  'gpt-6.1-sol': openai([2, 2.5, 0.1, 10], READ, 'Codex-Manager 0.4.7, after developers.openai.com'),
  'gpt-6-sol': openai([2, 2.5, 0.2, 10], READ, OPENAI),
  'gpt-6-luna': openai([0.1, 0.125, 0.01, 0.5], GENAI_DAY, GENAI),
  'gpt-6-astra': openai([10, 12.5, 1, 50], GENAI_DAY, GENAI),
  'gpt-5.6-luna': openai([0.2, 0.25, 0.02, 1.2], GENAI_DAY, GENAI),
  'gpt-5.6-terra': openai([2, 2.5, 0.2, 12], GENAI_DAY, GENAI),
  'gpt-5.6-sol': openai([4, 5, 0.4, 20], GENAI_DAY, GENAI),
  'gpt-5.3-codex': row(unwritten(1.75, 0.175, 14), GENAI_DAY, GENAI),
  'grok-4.6': xai(2, 0.5, 6),
  'grok-4.5': xai(2, 0.3, 6),
  'grok-build-0.1': xai(1, 0.2, 2),
  'gemini-3.8-flash': google(0.75, 0.075, 3.75),
  'gemini-3.7-flash': google(0.75, 0.075, 3.75),
  'gemini-3.6-flash': google(0.75, 0.075, 3.75),
  'gemini-3.5-flash-lite': google(0.3, 0.03, 2.5),
  'gemini-3.1-pro-preview': google(2, 0.2, 12, { over: 200_000, rates: unwritten(4, 0.4, 18) }),
  // The scripted engine's models cost what the tiers of a real engine do, so that a demo's budget means something.
  'scripted-cheap': { ...HAIKU, source: 'as claude-haiku-5-5' },
  'scripted-standard': { ...SONNET, source: 'as claude-sonnet-5-5' },
  'scripted-strong': { ...OPUS, source: 'as claude-opus-5-5' },
};

/** What claude-code 2.1.330 makes of its aliases. */
export const ALIASES: Readonly<Record<string, string>> = {
  haiku: 'claude-haiku-5-5',
  sonnet: 'claude-sonnet-5-5',
  opus: 'claude-opus-5-5',
  fable: 'claude-fable-5-2',
};
