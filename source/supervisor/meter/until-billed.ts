/**
 * The meter of an agent that is silent about tokens until its last line: an estimate of what it has spent so far, so that a cap
 * holds while it runs, until its true bill takes the estimate's place. Not for commands that never know their bill.
 *
 * The estimate is a lower bound, for what is once counted as spent is never taken back: only what is fresh for certain, once
 * each, in the words that the events carry. Left out are the system prompt and the tools (10 to 20 thousand tokens in a first
 * request), the context that every later request sends again, mostly from the cache, and what `clip` cut from long outputs. If it
 * is too high all the same, where the provider had the prompt in its cache from an earlier run, the higher number stands,
 * and the run's meter goes on to call itself estimated (loop/meter.ts, `record`).
 */
import type { AgentEvent } from '../../loop/agent-event.ts';
import { NO_TOKENS } from '../../loop/tokens.ts';

type Usage = Extract<AgentEvent, { type: 'usage' }>;

/** The share of the estimated tokens that is charged: vendors' tokenizers differ from ours by up to a fifth, either way. */
const SHARE = 0.75;
/** Characters that are collected before they are counted again. */
const BATCH = 4096;
/** Of the estimate, and of the largest bill, which replaces it. */
const KEY = 'until-billed';

export interface UntilBilled {
  /** The same events, with an estimate where they make one, and the bill under the estimate's key. Usage is not priced. */
  read(events: readonly AgentEvent[]): Promise<AgentEvent[]>;
}

/** `count` gives the tokens of a text. Deterministic: the same events make the same estimates, whenever they come. */
export function untilBilled(prompt: string, count: (text: string) => Promise<number>): UntilBilled {
  let model = '';
  /** Read by the model for certain only when it has answered: a request that fails costs nothing. */
  let unread = prompt;
  let read = '';
  let wrote = '';
  let input = 0;
  let output = 0;
  let estimated = false;
  let broken = false;
  /** The key of the bill that took the estimate's place. */
  let replaced: string | null = null;
  let billed = false;

  function hear(event: AgentEvent): void {
    switch (event.type) {
      case 'started':
        model = event.model;
        break;
      case 'observed':
        unread += `${event.output}\n`;
        break;
      case 'thought':
      case 'said':
        answered(event.text);
        break;
      case 'acted':
        answered(event.input);
        break;
    }
  }

  function answered(words: string): void {
    read += unread;
    unread = '';
    wrote += `${words}\n`;
  }

  async function estimate(): Promise<AgentEvent[]> {
    try {
      const [more, said] = await Promise.all([count(read), count(wrote)]);
      input += more;
      output += said;
    } catch (error) {
      // An agent without a meter is better than an agent that nobody attends: its bill still comes.
      broken = true;
      const why = error instanceof Error ? error.message : String(error);
      return [{ type: 'warned', text: `its tokens cannot be estimated before its bill: ${why}` }];
    }
    read = '';
    wrote = '';
    estimated = true;
    const tokens = { ...NO_TOKENS, input: Math.floor(input * SHARE), output: Math.floor(output * SHARE) };
    return [{ type: 'usage', key: KEY, model, tokens, final: false, estimated: true }];
  }

  /** The bill of most fresh tokens takes the estimate's place; those of other models, of side requests and sub-agents, stand beside it. */
  function inPlace(events: readonly AgentEvent[], bills: readonly Usage[]): AgentEvent[] {
    if (!estimated) return [...events];
    const weight = ({ tokens }: Usage) => tokens.input + tokens.output + tokens.cacheWrite;
    replaced ??= bills.reduce((most, bill) => (weight(bill) > weight(most) ? bill : most)).key;
    return events.map((event) => (event.type === 'usage' && event.key === replaced ? { ...event, key: KEY } : event));
  }

  return {
    async read(events) {
      const bills = events.filter((event) => event.type === 'usage');
      if (bills.length > 0) {
        billed = true;
        return inPlace(events, bills);
      }
      if (billed || broken) return [...events];
      for (const event of events) hear(event);
      const enough = !estimated || read.length + wrote.length >= BATCH;
      return wrote !== '' && enough ? [...events, ...(await estimate())] : [...events];
    },
  };
}
