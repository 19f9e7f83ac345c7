/** The bridge's stdin, line by line: what to prompt next, and what must happen at once. */

import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { parseObject, text } from '../../json.ts';

export interface Urgent {
  interrupt(): void;
  /** The answer to question `ask`. */
  answer(ask: string, words: string): void;
}

export interface Inbox {
  /** The next words for the agent, oldest first; null when there are none and none will come. */
  next(): Promise<string | null>;
  readonly empty: boolean;
  push(words: string): void;
  /** Forgets what is waiting. */
  clear(): void;
  /** Takes nothing more. */
  close(): void;
}

export function createInbox(input: Readable, urgent: Urgent): Inbox {
  const waiting: string[] = [];
  let open = true;
  let wake: () => void = () => undefined;

  const lines = createInterface({ input });
  const push = (words: string) => {
    waiting.push(words);
    wake();
  };
  const close = () => {
    open = false;
    wake();
  };
  lines.on('line', (raw) => {
    const line = parseObject(raw);
    if (line?.type === 'interrupt') urgent.interrupt();
    else if (line?.type === 'tell' && text(line.ask) !== '') urgent.answer(text(line.ask), text(line.text));
    else if (line?.type === 'tell' || line?.type === 'prompt') push(text(line.text));
  });
  lines.on('close', close);

  return {
    async next() {
      for (;;) {
        const words = waiting.shift();
        if (words !== undefined) return words;
        if (!open) return null;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    get empty() {
      return waiting.length === 0;
    },
    push,
    clear: () => void waiting.splice(0),
    close() {
      lines.close();
      close();
    },
  };
}
