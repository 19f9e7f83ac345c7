/** Puts a price on what agents report, and estimates for those that report nothing. Counting what counts is the ledger's. */
import type { Engine } from '../../agents/engine.ts';
import { createEstimator } from '../../agents/estimate.ts';
import type { Pricer } from '../../agents/prices.ts';
import type { AgentEvent } from '../../loop/agent-event.ts';
import { costOf, type Price } from '../../loop/price.ts';
import { NO_TOKENS, type Tokens } from '../../loop/tokens.ts';
import { untilBilled } from './until-billed.ts';

export interface AgentMeter {
  /** The same events, every usage with its price; with an estimate added where the engine reports nothing. */
  price(events: readonly AgentEvent[]): Promise<AgentEvent[]>;
  /** What is left to say when the output has ended. */
  close(): Promise<AgentEvent[]>;
}

export interface Meter {
  forAgent(engine: Engine, prompt: string): AgentMeter;
  /** USD of tokens of a model; null where no price is known. */
  priceOf(model: string, tokens: Tokens): number | null;
  close(): Promise<void>;
}

/** Text that is collected before it is counted: small pieces over-count (200 characters: +2 %, measured). */
const BATCH = 4096;

/** Who wants to know of prices, and of what went wrong with one. */
export interface Listener {
  /** Each time a model is charged at another price than the last time; null when it is unpriced. */
  charged(model: string, price: Price | null): void;
  log(text: string): void;
}

export function createMeter(pricer: Pricer, listener: Listener): Meter {
  const estimator = createEstimator();
  const known = new Map<string, string>();
  const looked = new Map<string, Price>();

  const look = async (model: string): Promise<Price | null> => {
    const price = await pricer.priceOf(model, Date.now()).catch((error: unknown) => {
      // What cannot be looked up has no price: no agent is to be lost over that.
      listener.log(`the price of ${model} could not be looked up: ${String(error)}`);
      return null;
    });
    const words = JSON.stringify(price);
    if (known.get(model) !== words) listener.charged(model, price);
    known.set(model, words);
    if (price !== null) looked.set(model, price);
    return price;
  };

  const priced = async (event: AgentEvent): Promise<AgentEvent> => {
    if (event.type !== 'usage') return event;
    const price = await look(event.model);
    return { ...event, usd: price === null ? null : costOf(price, event.tokens) };
  };

  const reporting: AgentMeter = {
    price: async (events) => {
      const out: AgentEvent[] = [];
      for (const event of events) out.push(await priced(event));
      return out;
    },
    close: () => Promise.resolve([]),
  };

  /** With an estimate until then, priced as what it is an estimate of. */
  const reportingAtEnd = (live: ReturnType<typeof untilBilled>): AgentMeter => ({
    ...reporting,
    price: async (events) => reporting.price(await live.read(events)),
  });

  return {
    forAgent: ({ abilities }, prompt) => {
      switch (abilities.meter) {
        case 'per-response':
          return reporting;
        case 'at-end':
          return reportingAtEnd(untilBilled(prompt, estimator.count));
        case 'estimated':
          return estimating(prompt, estimator.count);
      }
    },
    priceOf: (model, tokens) => {
      // Rows are at hand; what only genai-prices knows is there once it was looked up.
      const price = pricer.row(model) ?? looked.get(model) ?? null;
      void look(model);
      return price === null ? null : costOf(price, tokens);
    },
    close: () => estimator.close(),
  };
}

/** Counts what went in and came out of a command that knows nothing of tokens. Always marked `estimated`; has no price. */
function estimating(prompt: string, count: (text: string) => Promise<number>): AgentMeter {
  let input: number | null = null;
  let output = 0;
  let pending = '';
  let broken = false;
  const usage = async (): Promise<AgentEvent[]> => {
    if (broken) return [];
    try {
      input ??= await count(prompt);
      if (pending !== '') output += await count(pending);
      pending = '';
    } catch (error) {
      // An agent without a meter is better than an agent that nobody attends: its tokens stay unknown.
      broken = true;
      const why = error instanceof Error ? error.message : String(error);
      return [{ type: 'warned', text: `its tokens cannot be estimated: ${why}` }];
    }
    const tokens = { ...NO_TOKENS, input, output };
    return [{ type: 'usage', key: 'estimate', model: 'unknown', tokens, usd: null, final: true, estimated: true }];
  };
  return {
    price: async (events) => {
      for (const event of events) if (event.type === 'said') pending += `${event.text}\n`;
      return pending.length < BATCH ? [...events] : [...events, ...(await usage())];
    },
    close: usage,
  };
}
