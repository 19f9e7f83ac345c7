/** The wire meter at work without agents: a real journal and ledger, a real proxy, and a provider of the test's own behind it. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { priceOf } from '../../../source/agents/prices.ts';
import type { LoopDefinition } from '../../../source/loop/definition/definition.ts';
import type { Event, Stamped } from '../../../source/loop/event.ts';
import { emptyFleet, fold } from '../../../source/loop/fold.ts';
import type { RunState, Settings } from '../../../source/loop/state.ts';
import type { AgentId, RunId } from '../../../source/loop/units.ts';
import { openJournal } from '../../../source/supervisor/journal/journal.ts';
import { type Ledger, openLedger } from '../../../source/supervisor/ledger.ts';
import { openWire, type Wire } from '../../../source/supervisor/wire/wire.ts';
import { madeLoop } from '../../loop/made-loop.ts';

export const AGENT = '1-maker' as AgentId;
export const run = (n: number): RunId => `fix-${n}` as RunId;

export const MODEL = 'claude-sonnet-5-5';
export const MESSAGES = '/anthropic/v1/messages';
export const BODY = { model: MODEL, max_tokens: 1000, stream: true, messages: [{ role: 'user', content: 'Hello' }] };
export const EVENTS = { 'content-type': 'text/event-stream' };
export const USAGE = { input: 11, cacheRead: 200, cacheWrite: 30, output: 44 };

/** Answers one request, given its body. */
export type Provider = (request: IncomingMessage, reply: ServerResponse, body: string) => void | Promise<void>;

export interface Said {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface Asked {
  /** The answer's head and, when it is whole, its body. Rejects when it is cut. */
  readonly said: Promise<Said>;
  /** Bytes that have come so far. */
  readonly soFar: () => Buffer;
  leave(): void;
}

export interface SceneOptions {
  /** A server of its own, or what it answers. */
  readonly provider: Provider | Server;
  readonly runs?: number;
  readonly model?: string;
  readonly loop?: Partial<LoopDefinition>;
  readonly settings?: Partial<Settings>;
  /** How long an answer is read on whose client has left. */
  readonly readOnMs?: number;
}

export class Scene implements AsyncDisposable {
  readonly folder: string;
  readonly upstream: Server;
  readonly events: Event[] = [];
  readonly logged: string[] = [];
  #ledger: Ledger;
  #wire: Wire;
  #shut: () => Promise<void>;

  private constructor(folder: string, upstream: Server, opened: Opened) {
    this.folder = folder;
    this.upstream = upstream;
    this.#ledger = opened.ledger;
    this.#wire = opened.wire;
    this.#shut = opened.shut;
  }

  static async set({ provider, runs = 1, model = 'sonnet', loop, settings, readOnMs }: SceneOptions): Promise<Scene> {
    const folder = await mkdtemp(join(tmpdir(), 'looptop-wire-'));
    const upstream = await listening(provider);
    const opened = await open(folder, urlOf(upstream), readOnMs);
    const scene = new Scene(folder, upstream, opened);
    opened.told((event) => scene.events.push(event), scene.logged);
    if (settings) await scene.record({ type: 'settings-read', settings: { ...emptyFleet().settings, ...settings } });
    for (let n = 1; n <= runs; n++) await scene.begin(n, model, loop);
    return scene;
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  /** Where the provider itself listens. */
  get origin(): string {
    return urlOf(this.upstream);
  }

  get wire(): Wire {
    return this.#wire;
  }

  runOf(n = 1): RunState {
    const found = this.#ledger.state.runs[run(n)];
    if (found === undefined) throw new Error(`no run ${n}`);
    return found;
  }

  record(...events: readonly Event[]): Promise<void> {
    return this.#ledger.record(...events);
  }

  /** A run whose agent is alive and metered on the wire. */
  async begin(n: number, model: string, loop: Partial<LoopDefinition> = {}): Promise<void> {
    const maker = { ...madeLoop().maker, engine: 'claude', model, scenario: null } as const;
    const definition = madeLoop({ maker, budget: { tokens: 1e9, usd: 1e6, wallMs: 1e9, passes: 8 }, ...loop });
    const nonce = randomBytes(16).toString('hex');
    const id = run(n);
    await this.record(
      { type: 'run-queued', run: id, loop: 'fix', number: n, item: null, nonce, definition, by: 'test' },
      { type: 'prepare-started', run: id },
      { type: 'prepared', run: id, worktree: '/nowhere', branch: 'b', base: 'c' },
      {
        type: 'agent-planned',
        run: id,
        agent: AGENT,
        role: 'maker',
        engine: 'claude',
        model,
        resumes: null,
        guidance: true,
        promptHash: '',
        rules: [],
        notes: [],
        wire: true,
      },
      {
        type: 'agent-started',
        run: id,
        agent: AGENT,
        process: { pid: 1, startTime: '1', bootId: '1' },
        containment: 'marked',
        adopted: false,
      },
    );
  }

  address(n = 1): string {
    return this.#wire.address(this.runOf(n), AGENT);
  }

  /** Sends a request through the wire as run `n`'s agent. */
  ask(path: string, body: unknown, { n = 1, headers = {}, method = 'POST' }: AskOptions = {}): Asked {
    return ask(this.address(n) + path, body, headers, method);
  }

  /** The bills of request closings, in order. */
  closings(): Extract<Event, { type: 'wire-read' }>[] {
    return this.events.filter(
      (event): event is Extract<Event, { type: 'wire-read' }> => event.type === 'wire-read' && event.closed,
    );
  }

  async until(wanted: () => boolean, what: string): Promise<void> {
    for (let tries = 0; !wanted(); tries++) {
      if (tries > 500) throw new Error(`never: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Another supervisor on the same journal. */
  async restart(): Promise<void> {
    await this.#wire.close();
    await this.#shut();
    const opened = await open(this.folder, urlOf(this.upstream));
    opened.told((event) => this.events.push(event), this.logged);
    this.#ledger = opened.ledger;
    this.#wire = opened.wire;
    this.#shut = opened.shut;
    await this.record(...opened.wire.opened);
  }

  /** Everything that was journaled or logged, as text. */
  async written(): Promise<string> {
    const folder = join(this.folder, 'journal');
    const names = await readdir(folder);
    const files = await Promise.all(
      names.filter((name) => name.endsWith('.jsonl')).map((name) => readFile(join(folder, name), 'utf8')),
    );
    return [...files, ...this.logged].join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#wire.close();
    await this.#shut();
    this.upstream.closeAllConnections();
    await new Promise((resolve) => this.upstream.close(resolve));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface AskOptions {
  readonly n?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

interface Opened {
  readonly ledger: Ledger;
  readonly wire: Wire;
  shut(): Promise<void>;
  told(listener: (event: Event) => void, log: string[]): void;
}

async function open(folder: string, upstream: string, readOnMs?: number): Promise<Opened> {
  const { journal, snapshot, tail } = await openJournal(join(folder, 'journal'));
  const state = tail.reduce(fold, snapshot?.state ?? emptyFleet());
  let wire: Wire | null = null;
  let listener: (event: Event) => void = () => {};
  let log: string[] = [];
  const clock = { now: Date.now, day: () => '2026-11-23' };
  const ledger = openLedger(journal, { state, seq: journal.seq }, clock, (events: readonly Stamped[]) => {
    for (const { event } of events) listener(event);
    wire?.look();
  });
  const upstreams = { anthropic: upstream, openai: `${upstream}/v1`, google: upstream, xai: `${upstream}/v1` };
  wire = await openWire({
    ledger,
    priceOf,
    root: folder,
    port: null,
    upstreams,
    env: {},
    ...(readOnMs === undefined ? {} : { readOnMs }),
    log: (text) => void log.push(text),
  });
  if (wire === null) throw new Error('no port');
  return {
    ledger,
    wire,
    shut: async () => {
      ledger.close();
      await journal.close();
    },
    told: (each, lines) => {
      listener = each;
      log = lines;
    },
  };
}

export const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function listening(provider: Provider | Server): Promise<Server> {
  const server = typeof provider === 'function' ? serving(provider) : provider;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const serving = (provider: Provider): Server =>
  createServer(async (request, reply) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    await provider(request, reply, Buffer.concat(chunks).toString('utf8'));
  });

export function ask(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  method = 'POST',
  heard: (chunk: Buffer) => void = () => {},
): Asked {
  const chunks: Buffer[] = [];
  const sent = request(url, { method, headers: { 'content-type': 'application/json', ...headers } });
  const said = new Promise<Said>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (answer) => {
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        heard(chunk);
      });
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
    });
  });
  said.catch(() => {});
  sent.end(body === null ? undefined : typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  return { said, soFar: () => Buffer.concat(chunks), leave: () => void sent.destroy() };
}

/** An Anthropic answer as a stream, `pause` between its pieces. */
export const streamed = (
  model: string,
  usage: Readonly<Record<string, number>>,
  words: readonly string[] = ['Hello.'],
): string[] => {
  const event = (type: string, rest: Record<string, unknown>) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
  const { output = 40, ...input } = usage;
  return [
    event('message_start', {
      message: {
        id: 'msg_1',
        type: 'message',
        model,
        content: [],
        usage: {
          input_tokens: input.input ?? 0,
          cache_read_input_tokens: input.cacheRead ?? 0,
          cache_creation_input_tokens: input.cacheWrite ?? 0,
          output_tokens: 1,
        },
      },
    }),
    ...words.map((text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
    event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: output } }),
    event('message_stop', {}),
  ];
};

/** Answers at once with these pieces. */
export const answering =
  (pieces: readonly (string | Buffer)[]): Provider =>
  (_request, reply) => {
    reply.writeHead(200, EVENTS);
    for (const piece of pieces) reply.write(piece);
    reply.end();
  };
