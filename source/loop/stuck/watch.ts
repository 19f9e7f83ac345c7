/**
 * What the stuck rules remember of an agent at work: a window of its calls, and counts that the fold keeps up to date, so that
 * judging a run at every event compares numbers and reads nothing again.
 */
import type { AgentEvent } from '../agent-event.ts';
import { chants } from './chants.ts';

/** One tool call. Equal keys are equal calls, equal results equal answers. */
export interface Call {
  readonly id: string;
  readonly key: string;
  /** Null until it is answered. */
  readonly result: string | null;
  readonly ok: boolean;
  /** `Bash npm test`, cut to 120 characters. */
  readonly label: string;
  /** How many answers the agent had seen when it made the call: calls made at once share it, and no loop is made of those. */
  readonly seen: number;
  /** It was not allowed. */
  readonly denied: boolean;
}

export interface Watch {
  /** When the agent was last heard of, ms since 1970; null before that. */
  readonly heardAt: number | null;
  /** Answers it has seen. */
  readonly results: number;
  /** How often in a row, the newest included: the same call with the same answer; the same call failing; a call denied. */
  readonly repeats: number;
  readonly errors: number;
  readonly denials: number;
  /** Calls that come back in the same order, and how often; what is called of them, in words. */
  readonly cycle: { readonly rounds: number; readonly labels: readonly string[] };
  /** The newest call is one that waits for something: asking again is what it is for. */
  readonly waits: boolean;
  /** Responses in a row that said something and did nothing; `spoke`: the one under way has said something. */
  readonly messages: number;
  readonly spoke: boolean;
  /** How often the end of the newest text repeats itself. */
  readonly chant: number;
  /** What the run had spent when a call last showed something new; null until this agent begins. */
  readonly news: { readonly fresh: number; readonly usd: number } | null;
}

export const NOTHING_SEEN: Watch = {
  heardAt: null,
  results: 0,
  repeats: 0,
  errors: 0,
  denials: 0,
  cycle: { rounds: 0, labels: [] },
  waits: false,
  messages: 0,
  spoke: false,
  chant: 0,
  news: null,
};

/** Cycles of 5 calls, 3 times as often where they wait: 60 calls hold four rounds of those and twelve of the others. */
const CALLS_KEPT = 60;
/** gemini-cli looks for cycles of 1 to 5 calls; 1 is a repeat. */
const LONGEST_CYCLE = 5;
const LABEL = 120;

/** Asking again is the point of these: a pause before the look, a command that blocks until something happens, output of a job. */
const WAITS =
  /\bsleep\s+\d|--watch\b(?!=false)|\b(?:kubectl|docker|gh \w+) (?:wait|watch)\b|^(?:BashOutput|TaskOutput|Monitor|wait\w*|write_stdin|read_terminal|get_\w*output)\b/i;
/** How the engines' tools say that they were not let. The system's own EACCES is a failure as any other. */
const DENIED =
  /permission to use .{1,80} (?:has been|was) denied|requested permissions? to use|haven't granted|(?:user|policy|hook) (?:has )?(?:rejected|denied|blocked|refused)|rejected permission|(?:rejected|denied|blocked) by (?:the )?(?:user|policy|permission|approval|hook|sandbox)|requires approval/i;
/** An edit whose event does not say what was written (codex): two of them look alike and need not be. */
const UNSEEN_EDIT = /^(?:file_?change|apply_?patch|patch)$/i;

type Heard<T extends AgentEvent['type']> = Extract<AgentEvent, { type: T }>;

export function withCall(
  calls: readonly Call[],
  watch: Watch,
  { id, tool, input, hash: key }: Heard<'acted'>,
): { readonly calls: readonly Call[]; readonly watch: Watch } {
  const call: Call = {
    id,
    key: UNSEEN_EDIT.test(tool) ? `${key}:${id}` : key,
    result: null,
    ok: true,
    label: `${tool} ${input}`.slice(0, LABEL),
    seen: watch.results,
    denied: false,
  };
  return {
    calls: [...calls.slice(1 - CALLS_KEPT), call],
    watch: { ...watch, messages: 0, spoke: false, chant: 0 },
  };
}

/** @param spent what the run has spent so far */
export function withResult(
  before: readonly Call[],
  watch: Watch,
  event: Heard<'observed'>,
  spent: NonNullable<Watch['news']>,
): { readonly calls: readonly Call[]; readonly watch: Watch; readonly news: boolean } {
  const denied = !event.ok && DENIED.test(event.output.slice(0, 2000));
  const calls = before.map((call) =>
    call.id === event.id ? { ...call, result: event.hash, ok: event.ok, denied } : call,
  );
  const answered = calls.filter((call) => call.result !== null);
  const last = answered.at(-1);
  if (last === undefined) return { calls, watch, news: false };
  const signs = answered.map(sign);
  const own = signs.at(-1) ?? '';
  const news = !denied && signs.indexOf(own) === signs.length - 1;
  const cycle = longest(signs, answered);
  return {
    calls,
    watch: {
      ...watch,
      results: watch.results + 1,
      repeats: inARow(answered, (call) => sign(call) === own),
      errors: inARow(answered, (call) => !call.ok && !call.denied && call.key === last.key),
      denials: inARow(answered, (call) => call.denied),
      cycle,
      waits: WAITS.test(last.label) || cycle.labels.some((label) => WAITS.test(label)),
      news: news ? spent : watch.news,
    },
    news,
  };
}

export function withText(watch: Watch, { type, text }: Heard<'said' | 'thought'>): Watch {
  const chant = chants(text);
  const spoke = watch.spoke || type === 'said';
  return watch.spoke === spoke && watch.chant === chant ? watch : { ...watch, spoke, chant };
}

/** A response is complete. */
export const withResponse = (watch: Watch): Watch =>
  watch.spoke ? { ...watch, spoke: false, messages: watch.messages + 1 } : watch;

/** A person has spoken to the agent: what it did before that no longer counts. */
export const spokenTo = (watch: Watch): Watch => ({
  ...NOTHING_SEEN,
  heardAt: watch.heardAt,
  results: watch.results,
  news: watch.news,
});

const sign = (call: Call): string => `${call.key}=${call.result}`;

/** How many turns the row of matching calls at the end has. */
function inARow(calls: readonly Call[], matches: (call: Call) => boolean): number {
  const begins = calls.findLastIndex((call) => !matches(call)) + 1;
  return new Set(calls.slice(begins).map((call) => call.seen)).size;
}

/** The cycle that came round most often, of 2 to 5 calls; one and the same call again and again is none. */
function longest(signs: readonly string[], calls: readonly Call[]): Watch['cycle'] {
  let best: Watch['cycle'] = { rounds: 0, labels: [] };
  for (let length = 2; length <= LONGEST_CYCLE; length++) {
    const rounds = roundsOf(signs, length);
    if (rounds > best.rounds) best = { rounds, labels: calls.slice(-length).map((call) => call.label) };
  }
  return best.rounds < 2 ? { rounds: 0, labels: [] } : best;
}

function roundsOf(signs: readonly string[], length: number): number {
  const round = signs.slice(-length);
  if (round.length < length || new Set(round).size === 1) return 0;
  let at = signs.length - 1 - length;
  while (at >= 0 && signs[at] === signs[at + length]) at--;
  return Math.floor((signs.length - 1 - at) / length);
}
