/** How a scripted agent hears: stdin's JSON lines, sorted into notes, answers and requests. */
import { type Json, list, object, parseObject, text } from '../json.ts';

export type Answer = { readonly allow: boolean; readonly text: string };

export interface Hearing {
  /** Notes that nobody has taken yet. */
  readonly notes: string[];
  readonly closed: boolean;
  /** The oldest note not taken, or null at the end of the input. */
  nextNote(): Promise<string | null>;
  /** The answer to a question; null when the input ends or `signal` aborts first. */
  answerTo(id: string, signal: AbortSignal): Promise<Answer | null>;
}

/** `onRequest` gets every control request: its id, its subtype and the request. */
export function listen(onRequest: (id: string, subtype: string, request: Json) => void): Hearing {
  const notes: string[] = [];
  const answers = new Map<string, Answer>();
  let closed = false;
  let wake = new AbortController();
  /** Whoever waits looks again whenever anything was heard. */
  const changed = () => {
    wake.abort();
    wake = new AbortController();
  };
  const heardSomething = (signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      wake.signal.addEventListener('abort', () => resolve(), { once: true });
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });

  function take(raw: string) {
    const line = parseObject(raw);
    if (line === null) return;
    if (line.type === 'user') {
      const content = list(object(line.message).content).map((block) => text(object(block).text));
      notes.push(content.join('\n') || text(object(line.message).content));
    } else if (line.type === 'control_request') {
      const request = object(line.request);
      onRequest(text(line.request_id), text(request.subtype), request);
    } else if (line.type === 'control_response') {
      const response = object(line.response);
      const answer = object(response.response);
      const allow = answer.behavior === 'allow';
      answers.set(text(response.request_id), { allow, text: allow ? 'allow' : text(answer.message) });
    }
  }

  let rest = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
    changed();
  });
  const end = () => {
    closed = true;
    changed();
  };
  process.stdin.on('end', end);
  process.stdin.on('error', end);

  return {
    notes,
    get closed() {
      return closed;
    },
    async nextNote() {
      while (notes.length === 0 && !closed) await heardSomething();
      return notes.shift() ?? null;
    },
    async answerTo(id, signal) {
      while (!answers.has(id) && !closed && !signal.aborted) await heardSomething(signal);
      return answers.get(id) ?? null;
    },
  };
}
