/** Answers what clients ask for: most commands by the pure core, those about files with the memory's help. */
import { randomBytes } from 'node:crypto';
import { answer, type Given } from '../loop/answer.ts';
import type { Command, Refusal } from '../loop/command.ts';
import { answerFan } from '../loop/fanout/answer-fan.ts';
import { answerRead } from '../loop/review/answer-read.ts';
import { agentIsAlive } from '../loop/run-status.ts';
import { answerHit } from '../loop/triage/promote.ts';
import type { Reply } from '../socket/server.ts';
import { fire } from './effects/fire-loop.ts';
import type { House } from './house.ts';
import { addRule, reload, retireRule } from './memory/memory.ts';

/** How long `down` waits for agents to end. */
const DOWN_MS = 10_000;

/** `over` ends the supervisor after its reply to `down` is on its way. */
export function commands(house: House, over: () => void): (command: Command, by: string) => Promise<Reply> {
  const { ledger } = house;
  const reply = (answered: { text: string; run: string | null; fan?: string } | Refusal): Reply =>
    'refused' in answered
      ? { say: 'refused', text: answered.refused, code: answered.code }
      : { say: 'done', text: answered.text, run: answered.run ?? answered.fan ?? null, seq: ledger.seq };

  return async (command, by) => {
    switch (command.do) {
      case 'reload': {
        await reload(house);
        return reply({ text: 'Read loops/ and RULES.md.', run: null });
      }
      case 'down': {
        await goDown(house, command.now);
        setImmediate(over);
        return reply({ text: 'The supervisor goes down.', run: null });
      }
      case 'rule-add':
        return reply(await addRule(house, command, by));
      case 'rule-approve':
        return reply(await addRule(house, { ...command, from: command.run }, by));
      case 'rule-retire':
        return reply(await retireRule(house, command.id, by));
      case 'run':
        // A loop file may have changed since it was last read, and runs what it says now.
        await reload(house);
        return reply(await fire(house, command, given(by)));
      case 'promote':
      case 'dismiss':
        // The loop that takes it runs what its file says now.
        await reload(house);
        return reply(await ledger.ask((state) => answerHit(state, command, given(by))));
      case 'release':
      case 'stop-fan':
      case 'budget-fan':
        return reply(await ledger.ask((state) => answerFan(state, command, given(by))));
      case 'read':
        return reply(await ledger.ask((state) => answerRead(state, command, by)));
      default:
        break;
    }
    return reply(await ledger.ask((state) => answer(state, command, given(by))));
  };
}

const given = (by: string): Given => ({ by, now: Date.now(), random: randomBytes(16).toString('hex') });

/** Ends every agent, politely unless `now`, so that nothing spends unwatched; the runs wait and can be resumed. */
export async function goDown(house: House, now: boolean): Promise<void> {
  const { ledger } = house;
  await ledger.record({ type: 'supervisor-closing' });
  await ledger.ask((state) => ({
    events: Object.values(state.runs)
      .filter(
        (run) =>
          run.status.tag === 'open' &&
          run.status.phase !== 'review' &&
          run.status.phase !== 'queued' &&
          (run.status.hold === null || agentIsAlive(run)),
      )
      .map((run) => ({ type: 'stop-asked' as const, run: run.id, by: 'down', cause: 'down' as const, polite: !now })),
  }));
  const deadline = performance.now() + DOWN_MS;
  while (
    performance.now() < deadline &&
    Object.values(ledger.state.runs).some((run) => agentIsAlive(run) || run.kill !== null)
  ) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
