/** From a key to the bytes that answer it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Terminal } from './terminal.ts';

/** Only the pane under the cursor has a heavy frame, so its corner is sent when the cursor moves and at no other time. */
const CORNER = '┏';
const HELP = 'close';

/** Milliseconds from each key to its answer: the cursor moves to and fro, and every fifth key opens the help. */
export async function keyTimes(terminal: Terminal, keys: number): Promise<{ moves: number[]; helps: number[] }> {
  const moves: number[] = [];
  const helps: number[] = [];
  const press = async (times: number[], key: string, answer: string) => {
    // At no particular moment between two frames.
    await sleep(150 + Math.random() * 200);
    const shown = terminal.shows(answer);
    const at = performance.now();
    terminal.type(key);
    times.push((await shown) - at);
  };
  let down = false;
  for (let n = 0; n < keys; n++) {
    if (n % 5 !== 4) {
      down = !down;
      await press(moves, down ? 'j' : 'k', CORNER);
      continue;
    }
    await press(helps, '?', HELP);
    await sleep(150);
    terminal.type('\x1b');
    await sleep(400);
  }
  return { moves, helps };
}
