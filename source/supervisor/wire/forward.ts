/** Sends a request on and its answer back, byte for byte and as it comes. What it means is the tap's to say. */
import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
  type ServerResponse,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { toClient } from './headers.ts';

/** Connections to the providers, kept open between requests. */
export interface Lines {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  close(): void;
}

export interface Outgoing {
  /** Whom to ask; its path is not looked at. */
  readonly origin: URL;
  /** As it stands in the request line: never normalised. */
  readonly path: string;
  readonly method: string;
  /** Names and values in turn, as in `rawHeaders`. */
  readonly headers: string[];
  readonly body: Buffer;
}

/** Sees the answer pass. */
export interface Tap {
  /** Whether the answer is handed on by `take` instead of as it comes. */
  readonly takes: boolean;
  /** Bytes of the answer; of one that is handed on by the tap, what of it goes to the client. */
  take(chunk: Buffer): Buffer;
  /** The answer is over; what is still to be handed on. */
  end(): Buffer;
}

export interface Answer {
  /** `whole`: to its end. `cut`: begun, and not to its end. `none`: sent, and nothing came back. `unsent`: it never reached anybody. */
  readonly came: 'whole' | 'cut' | 'none' | 'unsent';
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** The beginning of what came with an error status. */
  readonly body: string;
  /** Why it did not come; empty when it did. Never holds anything of the request. */
  readonly why: string;
}

/** Bytes that are read ahead of a client that does not read: a frozen agent's answer is then still counted to its end. */
const READ_AHEAD = 4 * 1024 * 1024;
const ERROR_KEPT = 64 * 1024;
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ETIMEDOUT',
]);

export function openLines(env: NodeJS.ProcessEnv): Lines {
  // The operator's own HTTPS_PROXY and NO_PROXY hold for what leaves the machine.
  const options = { keepAlive: true, proxyEnv: env };
  const http = new HttpAgent(options);
  const https = new HttpsAgent(options);
  return {
    http,
    https,
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}

/**
 * Resolves when the exchange is over, whichever way. `signal` gives it up: the upstream is then hung up on, which ends its work. A client
 * that leaves does not: the tap is shown the answer to its end. `begun` makes the tap when the answer's head is there. Nothing is written
 * to `reply` when nothing came back.
 */
export async function forward(
  lines: Lines,
  outgoing: Outgoing,
  reply: ServerResponse,
  begun: (status: number, contentType: string) => Tap | null,
  signal: AbortSignal,
): Promise<Answer> {
  const first = await attempt(lines, outgoing, reply, begun, signal);
  // The upstream closed an idle connection just as it was used again: nobody has read the request (Node docs, reusedSocket).
  return first === 'again' ? ((await attempt(lines, outgoing, reply, begun, signal, true)) as Answer) : first;
}

function attempt(
  lines: Lines,
  { origin, path, method, headers, body }: Outgoing,
  reply: ServerResponse,
  begun: (status: number, contentType: string) => Tap | null,
  signal: AbortSignal,
  last = false,
): Promise<Answer | 'again'> {
  return new Promise((resolve) => {
    const secure = origin.protocol === 'https:';
    const send = secure ? requestHttps : requestHttp;
    const nothing = { status: 0, headers: {}, body: '' };
    let upstream: ClientRequest;
    let answer: IncomingMessage | null = null;
    const giveUp = () => upstream.destroy(new Error('given up'));
    const over = (result: Answer | 'again') => {
      signal.removeEventListener('abort', giveUp);
      resolve(result);
    };
    try {
      upstream = send(origin, { path, method, headers, agent: secure ? lines.https : lines.http });
    } catch (error) {
      over({ ...nothing, came: 'unsent', why: codeOf(error) });
      return;
    }
    signal.addEventListener('abort', giveUp, { once: true });
    upstream.on('error', (error) => {
      if (answer !== null) return;
      const code = codeOf(error);
      if (upstream.reusedSocket && code === 'ECONNRESET' && !signal.aborted && !last) over('again');
      else over({ ...nothing, came: isUnsent(error) ? 'unsent' : 'none', why: code });
    });
    upstream.on('response', (message) => {
      answer = message;
      handOn(message, reply, begun, (ended) => over({ ...ended, headers: message.headers }));
    });
    upstream.end(body);
    if (signal.aborted) giveUp();
  });
}

function handOn(
  message: IncomingMessage,
  reply: ServerResponse,
  begun: (status: number, contentType: string) => Tap | null,
  over: (answer: Omit<Answer, 'headers'>) => void,
): void {
  const status = message.statusCode ?? 502;
  const tap = begun(status, message.headers['content-type'] ?? '');
  const kept: Buffer[] = [];
  let length = 0;
  if (!reply.destroyed) {
    reply.sendDate = false;
    reply.writeHead(status, message.statusMessage, toClient(message.rawHeaders, tap?.takes ?? false));
    reply.flushHeaders();
  }
  const write = (bytes: Buffer) => {
    if (bytes.length > 0 && !reply.destroyed) reply.write(bytes);
  };
  const resume = () => void message.resume();
  reply.on('drain', resume);
  // Nobody holds it back any more.
  reply.on('close', resume);
  message.on('data', (chunk: Buffer) => {
    // The client first: counting must not cost it time.
    if (tap === null || !tap.takes) write(chunk);
    const passed = tap?.take(chunk);
    if (tap?.takes && passed) write(passed);
    if (status >= 400 && length < ERROR_KEPT) kept.push(chunk);
    length += chunk.length;
    if (!reply.destroyed && reply.writableLength > READ_AHEAD) message.pause();
  });
  let ended = false;
  const end = (came: 'whole' | 'cut', why: string) => {
    if (ended) return;
    ended = true;
    reply.off('drain', resume);
    reply.off('close', resume);
    const rest = tap?.end();
    if (tap?.takes && rest && came === 'whole') write(rest);
    // Cut as it was cut: an end would look like a whole answer.
    if (came === 'cut') reply.destroy();
    else if (!reply.destroyed) reply.end();
    over({ came, status, body: Buffer.concat(kept).toString('utf8').slice(0, ERROR_KEPT), why });
  };
  message.on('end', () => end('whole', ''));
  message.on('error', (error) => end('cut', codeOf(error)));
  message.on('close', () => end('cut', 'the connection was closed'));
}

const isUnsent = (error: Error): boolean => NEVER_SENT.has(codeOf(error)) || /CERT|TLS|SSL/.test(codeOf(error));

/** The code of a system error, which holds nothing of the request; its message may hold the address. */
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'the connection failed';
