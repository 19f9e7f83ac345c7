/** A made trace: what an agent does, pass by pass, and what a person says of it. Written before the rules were tried on it. */
import type { EngineName, LoopDefinition, StuckRule } from '../../../source/loop/definition/definition.ts';

export type Step =
  | {
      readonly do: 'call';
      readonly tool: string;
      readonly input: Readonly<Record<string, unknown>>;
      readonly output: string;
      readonly ok: boolean;
      readonly takesMs: number;
    }
  /** Calls of one response, made before any of them is answered. */
  | { readonly do: 'calls'; readonly calls: readonly Extract<Step, { do: 'call' }>[] }
  /** A call that is still at work after so long. */
  | {
      readonly do: 'hangs';
      readonly tool: string;
      readonly input: Readonly<Record<string, unknown>>;
      readonly ms: number;
    }
  | { readonly do: 'say' | 'think'; readonly text: string; readonly fresh: number }
  /** Text without a bill of its own, as a shell maker's lines are. */
  | { readonly do: 'print'; readonly text: string }
  | { readonly do: 'spend'; readonly fresh: number }
  | { readonly do: 'silence'; readonly ms: number }
  | { readonly do: 'retrying'; readonly inMs: number }
  /** The process ends in failure; the steps after it are those of the next try. */
  | { readonly do: 'fail'; readonly outcome: 'api-error' | 'failed'; readonly words: string }
  | { readonly do: 'operator'; readonly text: string };

export interface PassTrace {
  readonly steps: readonly Step[];
  /** Output of the gate; empty = green. */
  readonly gate: string;
  /** What the gate measured. */
  readonly value?: number;
  /** What the worktree is afterwards; equal names, equal trees. */
  readonly tree: string;
  /** What it says at its end. */
  readonly last: string;
}

export interface Trace {
  readonly name: string;
  /** Rules of which a person would name one; empty = it makes progress. The first is the one it was written for. */
  readonly label: readonly StuckRule[];
  readonly passes: readonly PassTrace[];
  readonly engine?: EngineName;
  readonly definition?: Partial<LoopDefinition>;
}

const obj = (input: string | Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  typeof input === 'string' ? { command: input } : input;

export const call = (
  tool: string,
  input: string | Readonly<Record<string, unknown>>,
  output: string,
  ok = true,
  takesMs = 4_000,
) => ({ do: 'call', tool, input: obj(input), output, ok, takesMs }) as const;

export const bash = (command: string, output = '', takesMs = 4_000) => call('Bash', command, output, true, takesMs);
export const fails = (command: string, output: string, takesMs = 4_000) =>
  call('Bash', command, output, false, takesMs);
export const read = (file: string, text = `the text of ${file}`) => call('Read', { file_path: file }, text);
export const edit = (file: string, from: string, to: string) =>
  call('Edit', { file_path: file, old_string: from, new_string: to }, `The file ${file} has been updated.`);
export const grep = (pattern: string, path: string, found: string) => call('Grep', { pattern, path }, found);
export const together = (...calls: readonly ReturnType<typeof call>[]): Step => ({ do: 'calls', calls });
export const hangs = (tool: string, input: string, minutes: number): Step => ({
  do: 'hangs',
  tool,
  input: obj(input),
  ms: minutes * 60_000,
});
export const say = (text: string, fresh = 600): Step => ({ do: 'say', text, fresh });
export const think = (text: string, fresh = 900): Step => ({ do: 'think', text, fresh });
export const print = (text: string): Step => ({ do: 'print', text });
export const spend = (fresh: number): Step => ({ do: 'spend', fresh });
export const silence = (minutes: number): Step => ({ do: 'silence', ms: minutes * 60_000 });
export const retrying = (seconds: number): Step => ({ do: 'retrying', inMs: seconds * 1000 });
export const fail = (words: string, outcome: 'api-error' | 'failed' = 'api-error'): Step => ({
  do: 'fail',
  outcome,
  words,
});
export const operator = (text: string): Step => ({ do: 'operator', text });

/** `f(0), f(1), …` in a row. */
export const times = (n: number, f: (i: number) => Step | readonly Step[]): Step[] =>
  Array.from({ length: n }, (_, i) => f(i)).flat();

let trees = 0;
/** A pass whose gate stays red; every pass leaves a tree of its own unless it says otherwise. */
export const pass = (
  steps: readonly Step[],
  gate = 'not ok 1 - adds up',
  rest: Partial<PassTrace> = {},
): PassTrace => ({
  steps,
  gate,
  tree: `tree ${++trees}`,
  last: 'I have changed what seemed wrong.',
  ...rest,
});
export const green = (steps: readonly Step[]): PassTrace => pass(steps, '');

export const stuck = (
  name: string,
  label: readonly StuckRule[],
  passes: readonly PassTrace[] | readonly Step[],
  rest: Partial<Trace> = {},
): Trace => ({
  name,
  label,
  passes: asPasses(passes, (steps) => pass(steps)),
  ...rest,
});
export const healthy = (
  name: string,
  passes: readonly PassTrace[] | readonly Step[],
  rest: Partial<Trace> = {},
): Trace => ({
  name,
  label: [],
  passes: asPasses(passes, green),
  ...rest,
});

function asPasses(
  list: readonly PassTrace[] | readonly Step[],
  one: (steps: readonly Step[]) => PassTrace,
): readonly PassTrace[] {
  const passes = list.filter((each): each is PassTrace => 'gate' in each);
  return passes.length > 0 ? passes : [one(list.filter((each): each is Step => 'do' in each))];
}
