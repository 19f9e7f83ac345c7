/** Reads what a bridge of ours prints: agent events as they are. The translation from the agent's protocol is the bridge's. */
import type { AgentEvent, Limit, Outcome } from '../../loop/agent-event.ts';
import type { Tokens } from '../../loop/tokens.ts';
import { endedWithoutResult } from '../claude-outcome.ts';
import { clip, offered } from '../digest.ts';
import type { Reader } from '../engine.ts';
import { count, type Json, list, object, parseObject, text } from '../json.ts';

/** What is said about a turn that is over; everything else means that the agent works (again). */
const ABOUT: ReadonlySet<string> = new Set<AgentEvent['type']>([
  'started',
  'usage',
  'limited',
  'hidden',
  'warned',
  'ended',
  'unknown',
]);

export function createBridgeReader(): Reader {
  let spoke = false;
  let ended = false;
  let idle = false;

  return {
    read(raw) {
      if (raw.trim() === '') return [];
      const line = parseObject(raw);
      if (line?.type === 'idle') {
        idle = true;
        return [];
      }
      const event = line === null ? null : eventOf(line);
      if (event === null) return [{ type: 'unknown', raw: clip(raw) }];
      spoke = true;
      if (event.type === 'ended') ended = true;
      else if (!ABOUT.has(event.type)) {
        ended = false;
        idle = false;
      }
      return [event];
    },
    end: (code) => (ended ? [] : [endedWithoutResult(code, spoke)]),
    get finished() {
      return idle;
    },
    get idle() {
      return idle;
    },
  };
}

const OUTCOMES = 'done interrupted max-turns over-budget api-error refused failed'.split(' ');
const LIMITS = 'rate overloaded usage login'.split(' ');

/** The line as an event; null when it is none. Total: the file it stands in belongs to the agent's user. */
function eventOf(line: Json): AgentEvent | null {
  const id = text(line.id);
  switch (line.type) {
    case 'started':
      return { type: 'started', session: text(line.session), model: text(line.model) };
    case 'thought':
    case 'said':
    case 'heard':
    case 'warned':
      return { type: line.type, text: text(line.text) };
    case 'acted':
      return { type: 'acted', id, tool: text(line.tool), input: text(line.input), hash: text(line.hash) };
    case 'observed':
      return { type: 'observed', id, ok: line.ok === true, output: text(line.output), hash: text(line.hash) };
    case 'usage': {
      const estimated = line.estimated === true ? { estimated: true } : {};
      const usd = typeof line.usd === 'number' ? { usd: count(line.usd) } : {};
      const { key, model } = { key: text(line.key), model: text(line.model) };
      return {
        type: 'usage',
        key,
        model,
        tokens: tokensOf(line.tokens),
        ...usd,
        final: line.final === true,
        ...estimated,
      };
    }
    case 'asked': {
      const options = offered(list(line.options).map(text));
      return { type: 'asked', id, question: text(line.question), ...(options.length === 0 ? {} : { options }) };
    }
    case 'answered':
      return { type: 'answered', id };
    case 'retrying':
      return { type: 'retrying', reason: text(line.reason), inMs: count(line.inMs) };
    case 'limited': {
      const inMs = typeof line.inMs === 'number' ? count(line.inMs) : null;
      return isLimit(line.why) ? { type: 'limited', why: line.why, inMs, detail: text(line.detail) } : null;
    }
    case 'hidden':
      return { type: 'hidden', what: text(line.what) };
    case 'ended': {
      const error = text(line.error);
      if (!isOutcome(line.outcome)) return null;
      return { type: 'ended', outcome: line.outcome, ...(error === '' ? {} : { error }) };
    }
    case 'unknown':
      return { type: 'unknown', raw: text(line.raw) };
    default:
      return null;
  }
}

const isOutcome = (value: unknown): value is Outcome => OUTCOMES.includes(text(value));
const isLimit = (value: unknown): value is Limit => LIMITS.includes(text(value));

function tokensOf(value: unknown): Tokens {
  const tokens = object(value);
  return {
    input: count(tokens.input),
    cacheRead: count(tokens.cacheRead),
    cacheWrite: count(tokens.cacheWrite),
    output: count(tokens.output),
    reasoning: count(tokens.reasoning),
  };
}
