/**
 * A provider that bills as real ones do: the new part of a prompt is written to its cache, what it knows is read from it, output
 * counts as it is written, a client that leaves pays for what was written until then, and max_tokens is kept.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Bill {
  requests: number;
  /** Fresh tokens: input + cache write + output. */
  fresh: number;
  /** The most that one response cost. */
  largest: number;
  /** Responses that were cut. */
  cut: number;
}

export interface BillingProvider extends AsyncDisposable {
  readonly url: string;
  readonly bill: Bill;
}

export interface Answers {
  /** Tokens of output of each answer, before max_tokens. */
  readonly output: number;
  /** How long an answer takes, ms. */
  readonly ms: number;
}

const PIECES = 20;
const BYTES_PER_TOKEN = 4;

export async function startProvider({ output, ms }: Answers): Promise<BillingProvider> {
  const bill: Bill = { requests: 0, fresh: 0, largest: 0, cut: 0 };
  /** Tokens of the longest prompt of each account: what its cache holds. */
  const cached = new Map<string, number>();

  const answer = async (request: IncomingMessage, reply: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
      model: string;
      max_tokens: number;
      messages: unknown;
    };
    const account = String(request.headers['x-api-key']);
    const prompt = Math.ceil(JSON.stringify(body.messages).length / BYTES_PER_TOKEN);
    const read = Math.min(prompt, cached.get(account) ?? 0);
    cached.set(account, Math.max(read, prompt));
    let cost = prompt - read;
    bill.requests++;
    bill.fresh += cost;
    const event = (type: string, rest: object) =>
      reply.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
    const usage = { input_tokens: 0, cache_read_input_tokens: read, cache_creation_input_tokens: prompt - read };
    const id = `msg_${bill.requests}`;
    reply.writeHead(200, { 'content-type': 'text/event-stream' });
    event('message_start', {
      message: { id, type: 'message', model: body.model, content: [], usage: { ...usage, output_tokens: 0 } },
    });
    const most = Math.min(output, body.max_tokens);
    let written = 0;
    for (let piece = 1; piece <= PIECES; piece++) {
      await sleep(ms / PIECES);
      if (reply.destroyed) break;
      const upTo = Math.floor((most * piece) / PIECES);
      bill.fresh += upTo - written;
      cost += upTo - written;
      event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'word '.repeat(upTo - written) } });
      written = upTo;
    }
    bill.largest = Math.max(bill.largest, cost);
    if (reply.destroyed) bill.cut++;
    event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: written } });
    event('message_stop', {});
    reply.end();
  };

  const server = createServer((request, reply) => {
    reply.on('error', () => {});
    answer(request, reply).catch(() => reply.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bill,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
