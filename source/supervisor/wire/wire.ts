/**
 * The wire meter: a proxy on loopback through which agents reach their providers, so that every answer is counted to the token and
 * no request that could cross a cap is sent. Keys pass through it and are kept nowhere. While no supervisor runs, nobody listens,
 * and the CLIs try again; the next one listens on the same port under the same paths.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Event } from '../../loop/event.ts';
import type { FleetState, RunState } from '../../loop/state.ts';
import type { AgentId, RunId } from '../../loop/units.ts';
import type { Ledger } from '../ledger.ts';
import { ownerOf, parseAddress, portsFor, tokenOf } from './address.ts';
import type { PriceOf } from './call.ts';
import { chargeForLost } from './charge.ts';
import { Client, READ_ON_MS } from './client.ts';
import { conversationOf, type Desk, exchange, type Owner } from './exchange.ts';
import { openLines } from './forward.ts';
import { createPrompts } from './prompts.ts';
import { upstreamOf } from './upstreams.ts';

export interface Wire {
  /** What is to be journaled before anything else: the port, and the bills that the last supervisor did not live to see. */
  readonly opened: readonly Event[];
  /** Where an agent's requests go, for `StartSpec.wire`. */
  address(run: Pick<RunState, 'nonce'>, agent: AgentId): string;
  /** To be called after every change of state: held requests may go on. */
  look(): void;
  /** The agent is dead: what was not sent of its requests is not sent any more. What was is read to its end, and its bill comes when it comes. */
  settle(run: RunId, agent: AgentId): void;
  /** Takes no more requests, gives those under way a moment to end and cuts the rest, each with its bill. */
  close(): Promise<void>;
}

export interface OpenWire {
  readonly ledger: Ledger;
  readonly priceOf: PriceOf;
  /** The repository, by which the port is chosen where the operator asks for none. */
  readonly root: string;
  readonly port: number | null;
  readonly upstreams: Readonly<Record<string, string>>;
  readonly env: NodeJS.ProcessEnv;
  /** How long an answer is read on whose client has left, ms. */
  readonly readOnMs?: number;
  log(text: string): void;
}

/** How long answers under way may take to end when the supervisor does: those that an agent waits for, which asks again, and those of the dead. */
const CLOSE_MS = { awaited: 2000, left: 5000 } as const;
/** Longer than clients keep an idle connection, so that it is they who close it. */
const IDLE_MS = 120_000;

interface UnderWay extends Owner {
  readonly client: Client;
  readonly done: Promise<void>;
}

/** Listens; null, with words in the log, when no port can be had. */
export async function openWire({
  ledger,
  priceOf,
  root,
  port,
  upstreams,
  env,
  readOnMs = READ_ON_MS,
  log,
}: OpenWire): Promise<Wire | null> {
  const underWay = new Set<UnderWay>();
  const lines = openLines(env);
  const prompts = createPrompts();
  const waiting = new Set<() => void>();
  const desk: Desk = {
    ledger,
    lines,
    prompts,
    priceOf,
    upstream: (name) => upstreamOf(name, upstreams, env),
    now: Date.now,
    changed: (signal) =>
      new Promise((resolve, reject) => {
        const leave = () => {
          waiting.delete(go);
          reject(signal.reason);
        };
        const go = () => {
          signal.removeEventListener('abort', leave);
          resolve();
        };
        if (signal.aborted) return reject(signal.reason);
        signal.addEventListener('abort', leave, { once: true });
        waiting.add(go);
      }),
  };

  const serve = (request: IncomingMessage, reply: ServerResponse) => {
    const address = parseAddress(request.url ?? '');
    const owner = address && ownerOf(ledger.state, address.token);
    if (address === null || owner === null) {
      reply.writeHead(404).end();
      request.resume();
      return;
    }
    const client = new Client(readOnMs);
    reply.on('close', () => {
      if (!reply.writableFinished) client.leave();
    });
    reply.on('error', () => client.leave());
    const who: Owner = { run: owner.run.id, agent: owner.agent };
    const done = exchange(desk, who, address, request, reply, client)
      .catch((error: unknown) => {
        if (!client.left.aborted) log(`${who.run}: a request on the wire failed: ${wordsOf(error)}`);
        reply.destroy();
      })
      .finally(() => {
        underWay.delete(entry);
        client[Symbol.dispose]();
      });
    const entry: UnderWay = { ...who, client, done };
    underWay.add(entry);
  };

  const known = ledger.state.wirePort;
  const server = await listen(serve, portsFor(root, port, known)).catch((error: NodeJS.ErrnoException) => {
    log(`the wire meter cannot listen (${error.code}): agents are metered by what they report`);
    return null;
  });
  if (server === null) {
    lines.close();
    return null;
  }
  const listening = (server.address() as AddressInfo).port;
  if (known !== null && known !== listening)
    log(`the wire meter listens on port ${listening} instead of ${known}: agents that still run cannot reach it`);

  const look = () => {
    const all = [...waiting];
    waiting.clear();
    for (const go of all) go();
  };
  const allDone = () => Promise.all([...underWay].map(({ done }) => done));
  const within = (ms: number) => Promise.race([allDone(), new Promise((resolve) => setTimeout(resolve, ms).unref())]);

  return {
    opened: [{ type: 'wire-opened', port: listening }, ...lostBills(ledger.state, priceOf, Date.now())],
    address: (run, agent) => `http://127.0.0.1:${listening}/${tokenOf(run, agent)}`,
    look,
    settle: (run, agent) => {
      prompts.forget(conversationOf({ run, agent }));
      for (const entry of underWay) if (entry.run === run && entry.agent === agent) entry.client.leave();
    },
    close: async () => {
      server.close();
      await within(CLOSE_MS.awaited);
      for (const { client } of underWay) if (!client.left.aborted) client.giveUp();
      await within(CLOSE_MS.left - CLOSE_MS.awaited);
      for (const { client } of underWay) client.giveUp();
      await allDone();
      server.closeAllConnections();
      lines.close();
    },
  };
}

/** What requests cost of which the last supervisor did not live to see the bill. */
function lostBills(fleet: FleetState, priceOf: PriceOf, now: number): Event[] {
  return Object.values(fleet.runs).flatMap((run) =>
    Object.entries(run.wire).map(([key, { agent, model, bound, at }]): Event => {
      const known = Object.hasOwn(run.meter.live, key) ? run.meter.live[key] : undefined;
      const { tokens, estimated } = chargeForLost(known?.tokens ?? null, bound, Math.max(0, now - at));
      const name = known?.model ?? model;
      const usage = { key, model: name, tokens, usd: priceOf(name, tokens), final: true, estimated } as const;
      return { type: 'wire-read', run: run.id, agent, key, closed: true, events: [{ type: 'usage', ...usage }] };
    }),
  );
}

async function listen(
  serve: (request: IncomingMessage, reply: ServerResponse) => void,
  ports: readonly number[],
): Promise<Server> {
  const server = createServer({ keepAliveTimeout: IDLE_MS, requestTimeout: 0 }, serve);
  let cause: unknown = null;
  for (const port of ports) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host: '127.0.0.1' }, () => {
          server.off('error', reject);
          resolve();
        });
      });
      return server;
    } catch (error) {
      cause = error;
    }
  }
  throw cause;
}

/** Without the address, in which the token stands. */
const wordsOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
