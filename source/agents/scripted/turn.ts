/** One turn of a scripted agent: plays a list of steps until it is done, fails or is interrupted. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Hearing } from './hearing.ts';
import type { Action, Condition, Scenario, Step, Usage } from './scenario.ts';
import type { Speech } from './speech.ts';
import { type Observation, runShell, touchFile } from './tools.ts';

export interface Mind {
  readonly scenario: Scenario;
  readonly speech: Speech;
  readonly hearing: Hearing;
  /** The first words of the user. */
  readonly prompt: string;
  readonly resumed: boolean;
  /** Everything that was said to this process after its prompt. */
  readonly heard: string[];
  answer: string;
  asks: number;
}

/** How a turn ended; `interrupted` says what was going on. */
export type TurnEnd =
  | { readonly how: 'done'; readonly text: string }
  | { readonly how: 'api-error'; readonly text: string }
  | { readonly how: 'interrupted'; readonly during: 'streaming' | 'tools' };

/** Responses a second while tokens are spent at a rate: fine enough for a meter, few enough to write. */
const RESPONSES_PER_SECOND = 10;

export async function playTurn(mind: Mind, steps: readonly Step[], signal: AbortSignal): Promise<TurnEnd> {
  const { speech, hearing } = mind;
  let during: 'streaming' | 'tools' = 'streaming';

  /** Plays steps until one of them ends the turn. */
  async function play(list: readonly Step[]): Promise<TurnEnd | null> {
    for (const step of list) {
      listenIn();
      if (!applies(mind, step)) continue;
      await pause(mind.scenario.paceMs);
      const end = await perform(step.action);
      if (end !== null) return end;
    }
    return null;
  }

  /** Guidance goes into the conversation between two steps, as claude takes it between two tools. */
  function listenIn() {
    for (const note of hearing.notes.splice(0)) {
      mind.heard.push(note);
      speech.echo(note);
    }
  }

  async function pause(ms: number) {
    if (ms > 0) await wait(ms, undefined, { signal });
    signal.throwIfAborted();
  }

  async function use(tool: string, input: Readonly<Record<string, unknown>>, work: () => Promise<Observation>) {
    const id = speech.act(tool, input);
    during = 'tools';
    const { ok, output } = await work();
    if (signal.aborted) speech.observe(id, false, 'The tool was stopped while running.');
    else speech.observe(id, ok, output);
    signal.throwIfAborted();
    during = 'streaming';
  }

  async function ask(question: Extract<Action, { verb: 'ask' }>['with']) {
    const words = typeof question === 'string';
    const tool = words ? 'AskUserQuestion' : question.tool;
    const input = words ? { questions: [{ question, options: [] }] } : question.input;
    await use(tool, input, async () => {
      const id = `ask-${++mind.asks}`;
      const request = { subtype: 'can_use_tool', tool_name: tool, input };
      speech.line({ type: 'control_request', request_id: id, request });
      const answer = await hearing.answerTo(id, signal);
      if (answer === null) return { ok: false, output: 'nobody answered' };
      const response = answer.allow ? { behavior: 'allow' } : { behavior: 'deny', message: answer.text };
      speech.line({ type: 'control_response', response: { subtype: 'success', request_id: id, response } });
      mind.answer = answer.text;
      const command = words ? undefined : question.input.command;
      if (answer.allow && typeof command === 'string') return runShell(command, signal);
      return { ok: words || answer.allow, output: answer.text };
    });
  }

  async function perform(action: Action): Promise<TurnEnd | null> {
    switch (action.verb) {
      case 'think':
        speech.block({ type: 'thinking', thinking: action.with });
        return null;
      case 'say':
        speech.block({ type: 'text', text: action.with });
        return null;
      case 'shell':
        await use('Bash', { command: action.with }, () => runShell(action.with, signal));
        return null;
      case 'read':
        await use('Read', { file_path: action.with }, () => touchFile(action.with, (old) => old));
        return null;
      case 'write': {
        const { file, text } = action.with;
        await use('Write', { file_path: file, content: text }, () => touchFile(file, () => text));
        return null;
      }
      case 'edit': {
        const { file, find, replace } = action.with;
        const change = (old: string | null) => (old?.includes(find) ? old.replace(find, () => replace) : null);
        const input = { file_path: file, old_string: find, new_string: replace };
        await use('Edit', input, () => touchFile(file, change));
        return null;
      }
      case 'spend': {
        const shares = sharesOf(action.with, action.with.perSecond);
        for (const share of shares) {
          speech.spend(share);
          if (shares.length > 1) await pause(1000 / RESPONSES_PER_SECOND);
        }
        return null;
      }
      case 'lines': {
        const { perSecond, seconds, text } = action.with;
        const total = Math.round(perSecond * seconds);
        const began = performance.now();
        for (let said = 0; said < total; said++) {
          speech.block({ type: 'text', text: `${text} ${said + 1}` });
          const due = began + ((said + 1) * 1000) / perSecond;
          if (due - performance.now() > 4) await pause(due - performance.now());
          signal.throwIfAborted();
        }
        return null;
      }
      case 'stall':
        await pause(action.with * 1000);
        return null;
      case 'sleep':
        speech.close();
        await pause(action.with * 1000);
        return null;
      case 'ask':
        await ask(action.with);
        return null;
      case 'repeat':
        for (let time = 0; time < action.with.times; time++) {
          const end = await play(action.with.steps);
          if (end !== null) return end;
        }
        return null;
      case 'steps':
        return play(action.with);
      case 'done':
        speech.block({ type: 'text', text: action.with });
        return { how: 'done', text: action.with };
      case 'fail':
        return { how: 'api-error', text: action.with };
      case 'crash':
        if (typeof action.with === 'number') process.exit(action.with);
        process.kill(process.pid, action.with);
        // The signal arrives on the next turn of the event loop at the latest.
        await pause(10_000);
        return null;
    }
  }

  try {
    return (await play(steps)) ?? { how: 'done', text: 'Done.' };
  } catch (error) {
    if (signal.aborted) return { how: 'interrupted', during };
    throw error;
  }
}

const applies = (mind: Mind, step: Step): boolean =>
  holds(mind, step.when) && (step.unless === null || !holds(mind, step.unless));

function holds(mind: Mind, condition: Condition): boolean {
  const has = (text: string, word: string | undefined) =>
    word === undefined || text.toLowerCase().includes(word.toLowerCase());
  return (
    has(mind.speech.model, condition.model) &&
    has(mind.prompt, condition.prompt) &&
    (condition.rule === undefined || mind.prompt.split(/[^\w-]+/).includes(condition.rule)) &&
    has(mind.heard.join('\n'), condition.heard) &&
    has(mind.answer, condition.answer) &&
    (condition.resumed === undefined || condition.resumed === mind.resumed)
  );
}

/** Splits a bill into responses that add up to it exactly. */
function sharesOf(usage: Usage, perSecond: number | undefined): Usage[] {
  const { input, cacheRead, cacheWrite, output } = usage;
  const seconds = perSecond === undefined ? 0 : (input + cacheWrite + output) / perSecond;
  const parts = Math.max(1, Math.round(seconds * RESPONSES_PER_SECOND));
  const part = (total: number, n: number) => Math.floor((total * (n + 1)) / parts) - Math.floor((total * n) / parts);
  return Array.from({ length: parts }, (_, n) => ({
    input: part(input, n),
    cacheRead: part(cacheRead, n),
    cacheWrite: part(cacheWrite, n),
    output: part(output, n),
  }));
}
