/** Puts a price on what agents report, and estimates for those that report nothing. Counting what counts is the ledger's. */
import type { Engine } from '../../agents/engine.ts';
import { createEstimator } from '../../agents/estimate.ts';
import { priceOf } from '../../agents/prices.ts';
import type { AgentEvent } from '../../loop/agent-event.ts';
import { NO_TOKENS, type Tokens } from '../../loop/tokens.ts';

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

export function createMeter(): Meter {
  const estimator = createEstimator();
  return {
    forAgent: (engine, prompt) =>
      engine.abilities.meter === 'estimated' ? estimating(prompt, estimator.count) : reporting,
    priceOf: (model, tokens) => priceOf(model, tokens),
    close: () => estimator.close(),
  };
}

const priced = (event: AgentEvent): AgentEvent =>
  event.type === 'usage' ? { ...event, usd: priceOf(event.model, event.tokens) } : event;

const reporting: AgentMeter = {
  price: (events) => Promise.resolve(events.map(priced)),
  close: () => Promise.resolve([]),
};

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
