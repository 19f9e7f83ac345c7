/**
 * What is known of prompts that were billed, so that the next one can be bounded closely: a conversation grows at its end, and of a
 * request only what no known prompt had is new. Forgotten at a restart: then the first request of each agent is bounded by its text.
 */
import { hash } from 'node:crypto';
import { type Json, list, object } from '../../agents/json.ts';
import type { Tokens } from '../../loop/tokens.ts';
import { weigh } from './weigh.ts';

/** A request's parts: hash -> how often it is there, and the most tokens that one of it can be. */
export type Parts = ReadonlyMap<string, { readonly times: number; readonly weight: number }>;

interface Known {
  readonly model: string;
  readonly parts: Parts;
  /** Tokens of the whole prompt, as billed. */
  readonly prompt: number;
  /** Of these, what the provider has in its cache by its own word. */
  readonly cached: number;
  /** Of these, what was billed as fresh. */
  readonly fresh: number;
  /** The cache held what the provider had said of the conversation before it. */
  readonly kept: boolean;
  /** What was written in answer to it. */
  readonly output: number;
  readonly at: number;
}

export interface Prompts {
  /**
   * The most tokens of input: all of it, and what is not in the provider's cache if that still holds. `elsewhere`: the request
   * goes on from an earlier answer that the provider keeps.
   */
  bound(
    agent: string,
    model: string,
    parts: Parts,
    elsewhere: boolean,
    now: number,
  ): { readonly input: number; readonly warm: number };
  /** A request of these parts was billed so. `cachesOnRequest`: the provider has cached what it says. */
  learn(agent: string, model: string, parts: Parts, tokens: Tokens, cachesOnRequest: boolean, now: number): void;
  forget(agent: string): void;
}

/** Conversations of one agent that are remembered: its own, and those of sub-agents. */
const PER_AGENT = 8;
/** First prompts of agents, for the next agents: the same system prompt and tools. */
const OPENINGS = 16;
/** A cached prompt is kept for 5 minutes from its last use (Anthropic, docs); less what a request takes. */
const CACHED_MS = 240_000;
/** A conversation of which nothing was seen here: the context that most models have. */
const UNSEEN = 200_000;
/** A cache that holds so much less than it should is still the same one: its blocks are of 1,024 tokens (docs, prompt caching). */
const CACHE_GRAIN = 1024;
/** What a provider adds to a prompt that is not in the request, for the use of tools: 346 tokens were the most (docs, tool use). */
const ADDED = 500;

export function createPrompts(): Prompts {
  const agents = new Map<string, Known[]>();
  let openings: Known[] = [];

  return {
    bound(agent, model, parts, elsewhere, now) {
      if (elsewhere) {
        const all = (agents.get(agent) ?? []).map(({ prompt, output }) => prompt + output);
        const input = (all.length === 0 ? UNSEEN : Math.max(...all)) + ADDED + newIn(parts, NOTHING);
        return { input, warm: input };
      }
      const own = (agents.get(agent) ?? []).filter((known) => known.model === model);
      const bounds = [...own, ...openings.filter((known) => known.model === model)].map(
        (known) => known.prompt + newIn(parts, known.parts),
      );
      const input = Math.min(ADDED + newIn(parts, NOTHING), ...bounds);
      // Never less than the last time: what is new in the text is not all that a provider writes to its cache anew.
      const warm = own
        .filter((known) => known.kept && now - known.at < CACHED_MS)
        .map((known) => Math.max(known.prompt - known.cached, known.fresh) + newIn(parts, known.parts));
      return { input, warm: Math.min(input, ...warm) };
    },

    learn(agent, model, parts, tokens, cachesOnRequest, now) {
      const prompt = tokens.input + tokens.cacheRead + tokens.cacheWrite;
      const goesOn = (before: Known) => before.model === model && newIn(before.parts, parts) === 0;
      const cached = cachesOnRequest ? tokens.cacheRead + tokens.cacheWrite : 0;
      const own = agents.get(agent);
      const kept = (own ?? []).every((before) => !goesOn(before) || tokens.cacheRead >= before.cached - CACHE_GRAIN);
      const fresh = tokens.input + tokens.cacheWrite;
      const known: Known = { model, parts, prompt, cached, fresh, kept, output: tokens.output, at: now };
      if (own === undefined) openings = [known, ...openings].slice(0, OPENINGS);
      // One that this one goes on from tells nothing any more.
      const others = (own ?? []).filter((before) => !goesOn(before));
      agents.set(agent, [known, ...others].slice(0, PER_AGENT));
    },

    forget: (agent) => void agents.delete(agent),
  };
}

const NOTHING: Parts = new Map();

/** The most tokens of `parts` that `known` does not have. */
function newIn(parts: Parts, known: Parts): number {
  let sum = 0;
  for (const [name, { times, weight }] of parts) sum += weight * Math.max(0, times - (known.get(name)?.times ?? 0));
  return sum;
}

/** A request cut where conversations grow: each block of each message, each tool, each other field. */
export function partsOf(body: Json): Parts {
  const parts = new Map<string, { times: number; weight: number }>();
  const put = (value: unknown) => {
    const name = hash('sha1', JSON.stringify(value) ?? '', 'base64');
    const there = parts.get(name);
    if (there) there.times++;
    else parts.set(name, { times: 1, weight: weigh(value) });
  };
  for (const [name, value] of Object.entries(body)) {
    if (name === 'request') for (const part of Object.entries(object(value))) cut(part, put);
    else cut([name, value], put);
  }
  return parts;
}

function cut([name, value]: readonly [string, unknown], put: (value: unknown) => void): void {
  if (!Array.isArray(value)) {
    put([name, value]);
    return;
  }
  for (const each of value) {
    const { content, parts, ...shell } = object(each);
    const blocks = [...list(content), ...list(parts)];
    if (blocks.length === 0) put([name, unmarked(each)]);
    else {
      put([name, shell]);
      for (const block of blocks) put([name, unmarked(block)]);
    }
  }
}

/** Cache marks wander to the newest message and say nothing to the model. */
function unmarked(block: unknown): unknown {
  if (typeof block !== 'object' || block === null || !('cache_control' in block)) return block;
  const { cache_control: _mark, ...rest } = block;
  return rest;
}
