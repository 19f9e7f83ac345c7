/**
 * Reads a codex process: what it or its bridge prints, and its rollouts. Usage comes from the rollouts; when they cannot be read,
 * from the totals that it prints. Never from both.
 */
import type { AgentEvent } from '../../loop/agent-event.ts';
import { max, minus, NO_TOKENS, type Tokens } from '../../loop/tokens.ts';
import { createBridgeReader } from '../bridge/reader.ts';
import { endedWithoutResult } from '../claude-outcome.ts';
import type { Reader } from '../engine.ts';
import { parseObject } from '../json.ts';
import { createExecReader, isExec } from './exec.ts';
import { createRollouts } from './rollout.ts';
import { THREAD_BILL } from './thread-bills.ts';

type Usage = Extract<AgentEvent, { type: 'usage' }>;

/** `before`: what the thread had cost when the process was planned. */
export function createCodexReader(before: Tokens = NO_TOKENS): Reader {
  const bridged = createBridgeReader();
  const exec = createExecReader();
  const rollouts = createRollouts();
  /** What the app-server said of each of its threads; the newest. */
  const bills = new Map<string, Usage>();
  let isOneShot = false;
  let booked = true;

  /** The app-server's own figures are put by while there are rollouts. */
  const sift = (events: AgentEvent[]): AgentEvent[] =>
    events.filter((event) => {
      if (event.type !== 'usage' || !event.key.startsWith(THREAD_BILL)) return true;
      bills.set(event.key, event);
      return !booked;
    });

  /** Exec's only figure, which knows nothing of sub-agents. */
  function execBill(): AgentEvent[] {
    if (exec.total === null) return [];
    const tokens = minus(exec.total, before);
    const key = `${THREAD_BILL}${exec.thread}`;
    return [
      { type: 'usage', key, model: '', tokens, final: true },
      { type: 'hidden', what: 'what sub-agents of codex exec spent' },
    ];
  }

  return {
    read(raw) {
      const line = parseObject(raw);
      if (line === null || !isExec(line)) return sift(bridged.read(raw));
      isOneShot = true;
      const ended = exec.closed;
      const events = exec.read(line, raw);
      return !booked && exec.closed && !ended ? [...execBill(), ...events] : events;
    },
    readBook: (file, line) => (booked ? rollouts.read(file, line) : []),
    withoutBooks() {
      if (!booked) return [];
      booked = false;
      return isOneShot ? execBill() : [...bills.values()];
    },
    end(code) {
      const open = booked ? rollouts.end() : [];
      if (!isOneShot) return [...open, ...bridged.end(code)];
      return exec.closed ? open : [...open, endedWithoutResult(code, true)];
    },
    wanting: true,
    get total() {
      const printed = exec.total;
      const written = rollouts.total;
      return printed !== null && written !== null ? max(printed, written) : (printed ?? written);
    },
    get finished() {
      return isOneShot ? exec.closed : bridged.finished;
    },
    get idle() {
      return isOneShot ? exec.closed : bridged.idle;
    },
  };
}
