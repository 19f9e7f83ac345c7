/** Answers what agents report through `looptop mcp`: most at once, a question when the operator has answered it. */
import type { Refusal } from '../loop/command.ts';
import { askByTool, isByTool } from '../loop/question.ts';
import { answerTo, heed, type Report, type Reporter, runOfReporter } from '../loop/report.ts';
import { holdOf } from '../loop/run-status.ts';
import type { RunState } from '../loop/state.ts';
import type { Reply } from '../socket/server.ts';
import type { House } from './house.ts';
import { addProgress } from './memory/progress.ts';

/** Entries that one agent process may add: the file is bounded, and the newest would push out all others. */
const MOST_ENTRIES = 40;

export interface Reports {
  /** @param gone aborted when nobody waits for the reply any more */
  heed(reporter: Reporter, report: Report, gone: AbortSignal): Promise<Reply>;
  /** To be called after every change of state. */
  look(): void;
  /** Lets go of every open question; they stay open for the supervisor after this one. */
  close(): void;
}

export function reporting(house: House): Reports {
  const waiting = new Set<() => void>();
  const entries = new Map<string, number>();
  let closed = false;

  const reply = (answered: { readonly text: string; readonly run: string | null } | Refusal): Reply =>
    'refused' in answered
      ? { say: 'refused', text: answered.refused, code: answered.code }
      : { say: 'done', text: answered.text, run: answered.run, seq: house.ledger.seq };

  /** Until the operator has answered, or the run no longer waits for it. */
  const untilAnswered = (id: RunState['id'], ask: string, gone: AbortSignal): Promise<Reply> =>
    new Promise((resolve) => {
      const end = (answer: Reply) => {
        waiting.delete(look);
        gone.removeEventListener('abort', look);
        resolve(answer);
      };
      const look = () => {
        const run = house.ledger.state.runs[id];
        const text = run === undefined ? null : answerTo(run, ask);
        if (text !== null) return end(reply({ text, run: id }));
        const hold = run === undefined ? null : holdOf(run);
        const open = isByTool(hold) && hold.ask === askByTool(ask);
        if (!open) return end(reply({ refused: `${id} no longer waits for an answer`, code: 1 }));
        if (gone.aborted || closed) end(reply({ refused: 'nobody waits for the answer', code: 1 }));
      };
      waiting.add(look);
      gone.addEventListener('abort', look, { once: true });
      look();
    });

  const note = async (reporter: Reporter, text: string): Promise<Reply> => {
    const run = runOfReporter(house.ledger.state, reporter);
    if ('refused' in run) return reply(run);
    const agent = run.agent?.id ?? '';
    const key = `${run.id} ${agent}`;
    const count = (entries.get(key) ?? 0) + 1;
    if (count > MOST_ENTRIES) return reply({ refused: `${MOST_ENTRIES} notes are enough for one pass`, code: 1 });
    entries.set(key, count);
    await addProgress(house.repository.root, run.definition, { title: `${run.id}, ${agent}, note ${count}`, text });
    return reply({ text: 'Noted for the agents after you.', run: run.id });
  };

  return {
    async heed(reporter, report, gone) {
      if (report.do === 'progress') return note(reporter, report.text);
      const answered = await house.ledger.ask((state) => heed(state, reporter, report));
      if (report.do !== 'ask' || 'refused' in answered) return reply(answered);
      const run = runOfReporter(house.ledger.state, reporter);
      if ('refused' in run) return reply(run);
      const answer = await untilAnswered(run.id, report.ask, gone);
      // Whoever asked may have died without a word; one that only lost the connection asks again.
      if (gone.aborted && !closed && answer.say === 'refused')
        await house.ledger.ask((state) =>
          heed(state, reporter, { do: 'ask-over', ask: report.ask, because: 'nobody waits for the answer any more' }),
        );
      return answer;
    },
    look() {
      for (const look of [...waiting]) look();
    },
    close() {
      closed = true;
      for (const look of [...waiting]) look();
    },
  };
}
