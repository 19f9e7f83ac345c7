/** How much later a piece of a stream arrives for having passed the wire meter: the same stream, direct and metered, in turns. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, Scene, streamed } from './scene.ts';

export interface Latency {
  /** ms from the provider's write to the client's read. */
  readonly median: number;
  readonly p99: number;
  /** ms of processor time that provider, client and what is between them took for one piece: no neighbour on the machine adds to it. */
  readonly work: number;
}

const MODEL = 'claude-sonnet-5-5';
const BODY = { model: MODEL, max_tokens: 1000, stream: true, messages: [{ role: 'user', content: 'Hello' }] };

/** `pieces` events in each stream, `everyMs` apart, `rounds` streams each way. */
export async function latencies(
  pieces: number,
  everyMs: number,
  rounds: number,
): Promise<{ direct: Latency; wire: Latency }> {
  const sent: number[] = [];
  const words = Array.from({ length: pieces }, (_, n) => `${n} and some words of an answer`);
  const events = streamed(MODEL, { input: 5, output: 9 }, words);
  await using scene = await Scene.set({
    provider: async (_request, reply) => {
      reply.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of events) {
        sent.push(performance.now());
        reply.write(event);
        await sleep(everyMs);
      }
      reply.end();
    },
  });
  const took = { direct: [] as number[], wire: [] as number[] };
  const work = { direct: 0, wire: 0 };
  for (let round = 0; round < 2 * rounds; round++) {
    const way = round % 2 === 0 ? 'direct' : 'wire';
    const url = way === 'direct' ? `${scene.origin}/v1/messages` : `${scene.address()}/anthropic/v1/messages`;
    sent.length = 0;
    const arrived: number[] = [];
    const before = process.cpuUsage();
    let bytes = 0;
    const client = ask(url, BODY, {}, 'POST', (chunk) => {
      bytes += chunk.length;
      // Pieces that were written apart may be read together: each is there when its last byte is.
      while (arrived.length < events.length && bytes >= lengthOf(events, arrived.length))
        arrived.push(performance.now());
    });
    await client.said;
    const { user, system } = process.cpuUsage(before);
    work[way] += (user + system) / 1000;
    took[way].push(...arrived.map((at, n) => at - (sent[n] ?? at)));
  }
  return { direct: latency(took.direct, work.direct), wire: latency(took.wire, work.wire) };
}

const lengthOf = (events: readonly string[], upTo: number): number =>
  events.slice(0, upTo + 1).reduce((sum, event) => sum + Buffer.byteLength(event), 0);

function latency(list: readonly number[], work: number): Latency {
  const sorted = [...list].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { median: at(0.5), p99: at(0.99), work: work / list.length };
}
