/**
 * The pulse that all readers of growing files share. What fifteen agents say between two beats becomes one write to the journal, one
 * message to each client and one decision, where each line by itself would cost all three.
 */

/** Half of a pane's frame (100 ms), and nothing beside the seconds that a response takes, which is how exact a cap is. */
const BEAT_MS = 50;

let waiting: (() => void)[] = [];

/** Resolves at the next beat, for all who wait at the same moment. */
export function nextBeat(): Promise<void> {
  if (waiting.length === 0) setTimeout(beat, BEAT_MS - (performance.now() % BEAT_MS));
  return new Promise((resolve) => waiting.push(resolve));
}

function beat(): void {
  const all = waiting;
  waiting = [];
  for (const resolve of all) resolve();
}
