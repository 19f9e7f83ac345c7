/** One request of an agent, from its first byte to its bill: held back, admitted or refused, sent on, answered, charged. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AgentEvent } from '../../loop/agent-event.ts';
import { atCap } from '../../loop/decide.ts';
import type { Event } from '../../loop/event.ts';
import type { RunState, WireBound } from '../../loop/state.ts';
import { isZero, type Tokens } from '../../loop/tokens.ts';
import type { AgentId, RunId } from '../../loop/units.ts';
import { admission, holdsBack } from '../../loop/wire.ts';
import type { Ledger } from '../ledger.ts';
import type { Address } from './address.ts';
import { decoded, readBody } from './body.ts';
import { answeredBy, boundOf, type Call, canShorten, dialectOf, type PriceOf, readCall, rewritten } from './call.ts';
import { chargeFor, outgrows } from './charge.ts';
import type { Client } from './client.ts';
import { kindOf, type Seen } from './dialect.ts';
import { type Answer, forward, type Lines, type Tap } from './forward.ts';
import { toUpstream } from './headers.ts';
import { limitedBy } from './limited.ts';
import type { Prompts } from './prompts.ts';
import { tapFor } from './tap.ts';
import { meantFor } from './upstreams.ts';

/** What every exchange needs at hand. */
export interface Desk {
  readonly ledger: Ledger;
  readonly lines: Lines;
  readonly prompts: Prompts;
  readonly priceOf: PriceOf;
  /** Base URL of an upstream; null for a name that nobody has configured. */
  upstream(name: string): URL | null;
  /** Resolves when the state may have changed; rejects when `signal` aborts. */
  changed(signal: AbortSignal): Promise<void>;
  /** ms since 1970. */
  now(): number;
}

export interface Owner {
  readonly run: RunId;
  readonly agent: AgentId;
}

/** Under which name the prompts of an agent are known. */
export const conversationOf = ({ run, agent }: Owner): string => `${run}/${agent}`;

/** Serves the request, to its bill. Rejects only when the client has left before anything was sent for it. */
export async function exchange(
  desk: Desk,
  owner: Owner,
  address: Address,
  request: IncomingMessage,
  reply: ServerResponse,
  client: Client,
): Promise<void> {
  const upstream = meantFor(address.upstream, request.headers);
  const base = desk.upstream(upstream);
  if (base === null) return end(reply, 404, nowhere(upstream));
  const raw = await readBody(request);
  if (raw === null) return end(reply, 413, null);
  const path = address.rest.replace(/\?.*$/s, '');
  const kind = kindOf(request.method ?? 'GET', path);
  await untilFree(desk, owner, client.left);
  const send = (to: string, body: Buffer, isDecoded: boolean) => ({
    origin: base,
    method: request.method ?? 'GET',
    path: base.pathname.replace(/\/$/, '') + to,
    headers: toUpstream(request.rawHeaders, base.host, request.method === 'GET' ? -1 : body.length, isDecoded),
    body,
  });
  if (kind.is !== 'billed') {
    const answer = await forward(desk.lines, send(address.rest, raw, false), reply, () => null, client.left);
    if (answer.came === 'unsent' || answer.came === 'none') end(reply, 502, null);
    // Somebody may charge for it, and nothing here knows how much.
    else if (kind.is === 'unknown' && answer.status < 400)
      await desk.ledger.record(read(owner, `wire-${path}`, true, [{ type: 'hidden', what: `POST ${path}` }]));
    return;
  }
  const dialect = dialectOf(kind.dialect);
  const body = decoded(raw, request.headers['content-encoding']);
  const call = body === null ? null : readCall(kind.dialect, path, body.toString('utf8'));
  if (call === null)
    return end(reply, 400, dialect.error(400, 'looptop cannot read this request, and sends on only what it can meter'));
  const granted = await admitted(desk, owner, call, canShorten(call, base.hostname), client.left);
  if ('refused' in granted) return end(reply, 400, dialect.error(400, granted.refused));
  const sent = rewritten(call, address.rest, granted.model, granted.bound.output);
  const changed = sent.text !== call.text;
  const outgoing = send(sent.path, changed ? Buffer.from(sent.text) : raw, changed);
  await billed(desk, owner, call, granted, upstream, reply, client, (tap) =>
    forward(desk.lines, outgoing, reply, tap, client.givenUp),
  );
}

interface Granted {
  readonly key: string;
  readonly model: string;
  readonly bound: WireBound;
}

/** Waits until the run may ask: not while it is frozen, parked with its provider, being ended, or the disk is full. */
async function untilFree(desk: Desk, owner: Owner, signal: AbortSignal): Promise<void> {
  while (heldBack(desk, owner)) await desk.changed(signal);
  signal.throwIfAborted();
}

function heldBack({ ledger }: Desk, { run: id, agent }: Owner): boolean {
  const run = ledger.state.runs[id];
  return run === undefined || run.agent?.id !== agent || holdsBack(ledger.state, run);
}

/**
 * Reserves what the request may cost, in the journal, before it is sent: the ledger asks in the state in which it will be
 * recorded, so no two requests can have the same room, and what a crash leaves open is known.
 */
async function admitted(
  desk: Desk,
  owner: Owner,
  call: Call,
  shorten: boolean,
  signal: AbortSignal,
): Promise<Granted | { readonly refused: string }> {
  const { ledger, prompts, priceOf } = desk;
  const key = `wire-${randomBytes(6).toString('hex')}`;
  for (;;) {
    await untilFree(desk, owner, signal);
    const now = desk.now();
    const asked = await ledger.ask((state): { events: Event[]; granted: Granted | string | null } => {
      const run = state.runs[owner.run];
      if (run === undefined || run.agent?.id !== owner.agent || holdsBack(state, run))
        return { events: [], granted: null };
      const { model, own } = answeredBy(run, call.ask);
      const bound = boundOf(call, model, conversationOf(owner), prompts, priceOf, now);
      const shortest = shorten ? call.ask.leastOutput * call.ask.answers : null;
      const verdict = admission(state, run, bound, now, shortest);
      if (verdict.verdict === 'wait') return { events: [], granted: null };
      if (verdict.verdict === 'refuse') return { events: capEvents(run, verdict.words), granted: verdict.words };
      const sent = { ...owner, key, model, own, bound: verdict.bound };
      return { events: [{ type: 'wire-sent', ...sent }], granted: { key, model, bound: verdict.bound } };
    });
    const granted = 'granted' in asked ? asked.granted : asked.refused;
    if (typeof granted === 'string')
      return { refused: `looptop: this request could cross the cap of its run: ${granted}` };
    if (granted !== null) return granted;
    await desk.changed(signal);
  }
}

/** The run stops at its cap, as it does when the cap is crossed by what agents report. */
const capEvents = (run: RunState, words: string): Event[] =>
  run.status.tag === 'open' && run.status.hold === null ? [atCap(run, `stopped at its cap, ${words}`)] : [];

/** Lets `go` have the answer, and journals its bill, whatever becomes of it. */
async function billed(
  desk: Desk,
  owner: Owner,
  call: Call,
  { key, model, bound }: Granted,
  upstream: string,
  reply: ServerResponse,
  client: Client,
  go: (begun: Parameters<typeof forward>[3]) => Promise<Answer>,
): Promise<void> {
  const { ledger } = desk;
  const reader = call.dialect.answer();
  const usage = (seen: Seen, tokens: Tokens, final: boolean, estimated: boolean): AgentEvent => {
    const name = seen.model || model;
    const usd = desk.priceOf(name, tokens) ?? desk.priceOf(model, tokens);
    return { type: 'usage', key, model: name, tokens, usd, final, ...(estimated ? { estimated } : {}) };
  };
  const live = (seen: Seen) => {
    if (seen.tokens !== null && !seen.final)
      void ledger.record(read(owner, key, false, [usage(seen, seen.tokens, false, false)]));
  };
  const began = performance.now();
  const tapped = (contentType: string): Tap => {
    const tap = tapFor(reader, contentType, call.asksForBill, live);
    return {
      ...tap,
      take: (chunk) => {
        const passed = tap.take(chunk);
        if (client.left.aborted && outgrows(reader.seen, bound)) client.giveUp();
        return passed;
      },
    };
  };
  const answer = client.left.aborted
    ? GONE
    : await go((status, contentType) => (status < 400 ? tapped(contentType) : null));
  const events: AgentEvent[] = [];
  if (answer.came !== 'unsent' && answer.status < 400) {
    const blind = call.dialect.hidesOutput || call.ask.atOnce;
    const { tokens, estimated } = chargeFor(reader.seen, bound, blind, performance.now() - began);
    if (!isZero(tokens)) events.push(usage(reader.seen, tokens, true, estimated));
    const now = desk.now();
    // One that has left may be dead, and its prompts forgotten.
    if (!estimated && !client.left.aborted)
      desk.prompts.learn(conversationOf(owner), model, call.parts, tokens, call.dialect.cachesOnRequest, now);
  }
  const limited = answer.status < 400 ? null : limitedBy({ upstream, ...answer }, desk.now());
  if (limited !== null) events.push(limited);
  const closed = ledger.record(read(owner, key, true, events));
  if (!reply.headersSent && !client.left.aborted)
    end(reply, 502, call.dialect.error(502, `looptop cannot reach ${upstream}: ${answer.why}`));
  await closed;
}

const GONE: Answer = { came: 'unsent', status: 0, headers: {}, body: '', why: 'the client has left' };

const read = (owner: Owner, key: string, closed: boolean, events: readonly AgentEvent[]): Event => ({
  type: 'wire-read',
  ...owner,
  key,
  closed,
  events,
});

/** In the shape that most APIs have in common: an agent shows these words. */
const nowhere = (upstream: string): unknown => ({
  type: 'error',
  error: {
    type: 'not_found_error',
    message: `looptop does not know where ${upstream} is: name its base URL in the configuration, wire.upstreams.${upstream}`,
  },
});

function end(reply: ServerResponse, status: number, body: unknown): void {
  if (reply.headersSent || reply.destroyed) return;
  const text = body === null ? '' : JSON.stringify(body);
  reply.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  reply.end(text);
}
