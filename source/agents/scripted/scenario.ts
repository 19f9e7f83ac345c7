/** What a scripted agent does: the format of a scenario file and its one parser. `passes` are lists of steps, one verb each. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** All that are given must hold. Texts match when they contain the word, in any case. */
const condition = z.strictObject({
  model: z.string().optional(),
  prompt: z.string().optional(),
  /** A rule's id, as a word of the prompt. */
  rule: z.string().optional(),
  /** Guidance that reached this process. */
  heard: z.string().optional(),
  /** The newest answer to a question; `allow` for a granted permission. */
  answer: z.string().optional(),
  resumed: z.boolean().optional(),
});

const tokens = z.number().int().nonnegative();
const seconds = z.number().nonnegative();
const usage = z.strictObject({
  input: tokens.default(0),
  cacheRead: tokens.default(0),
  cacheWrite: tokens.default(0),
  output: tokens.default(0),
});
const steps: z.ZodType<readonly Step[]> = z.lazy(() => z.array(step));

const VERBS = {
  think: z.string(),
  say: z.string(),
  /** A real command, in a session of its own as real agents start theirs. */
  shell: z.string(),
  read: z.string(),
  write: z.strictObject({ file: z.string(), text: z.string() }),
  /** Replaces the first place where `find` stands; fails as a tool when it stands nowhere. */
  edit: z.strictObject({ file: z.string(), find: z.string(), replace: z.string() }),
  /** One response of these tokens; with `perSecond`, as many as spend that many fresh tokens a second. */
  spend: usage.extend({ perSecond: z.number().positive().optional() }),
  /** Text at a rate. */
  lines: z.strictObject({ perSecond: z.number().positive(), seconds, text: z.string().default('line') }),
  /** Silence in the middle of a response. */
  stall: seconds,
  /** Silence between responses. */
  sleep: seconds,
  /** A question in words, or one for leave to use a tool. */
  ask: z.union([
    z.string(),
    z.strictObject({ tool: z.string(), input: z.record(z.string(), z.unknown()).default({}) }),
  ]),
  repeat: z.strictObject({ times: z.number().int().positive(), steps }),
  /** A group, for one condition on several steps. */
  steps,
  /** Ends the turn well. */
  done: z.string(),
  /** Ends the turn with an API error of these words. */
  fail: z.string(),
  /** Dies at once: a signal's name or an exit code. */
  crash: z.union([z.string().regex(/^SIG[A-Z]+$/), z.number().int().min(0).max(255)]),
};

type Verb = keyof typeof VERBS;
const isVerb = (word: string): word is Verb => word in VERBS;

export type Condition = z.infer<typeof condition>;
export type Usage = z.infer<typeof usage>;
export type Action = { [V in Verb]: { readonly verb: V; readonly with: z.output<(typeof VERBS)[V]> } }[Verb];
export interface Step {
  readonly when: Condition;
  readonly unless: Condition | null;
  readonly action: Action;
}

const step: z.ZodType<Step> = z.record(z.string(), z.unknown()).transform((raw, context) => {
  const { when, unless, ...rest } = raw;
  const [verb, ...more] = Object.keys(rest);
  const problem = (message: string, path: (string | number)[] = []) => {
    context.issues.push({ code: 'custom', message, path, input: raw });
    return z.NEVER;
  };
  if (verb === undefined || more.length > 0) {
    return problem(`a step has exactly one verb beside when and unless, this one has ${more.length + (verb ? 1 : 0)}`);
  }
  if (!isVerb(verb)) return problem(`no verb "${verb}"; there are ${Object.keys(VERBS).join(', ')}`);
  const parsed = {
    [verb]: VERBS[verb].safeParse(rest[verb]),
    when: condition.safeParse(when ?? {}),
    unless: condition.nullable().safeParse(unless ?? null),
  };
  for (const [key, result] of Object.entries(parsed)) {
    for (const issue of result.error?.issues ?? []) problem(issue.message, [key, ...issue.path.map(String)]);
  }
  if (context.issues.length > 0) return z.NEVER;
  return {
    when: parsed.when.data ?? {},
    unless: parsed.unless.data ?? null,
    action: { verb, with: parsed[verb]?.data } as Action,
  };
});

const scenario = z.strictObject({
  /** What the agent does in each pass of its run; the last list serves all passes after it. */
  passes: z.array(steps).min(1),
  /** What it does with a note that comes after its turn. */
  noted: steps.optional(),
  /** Milliseconds before each step. */
  paceMs: z.number().nonnegative().default(0),
  /** The bill of every response; by default it grows with the conversation, as real ones do. */
  usage: usage.optional(),
  /** Ignores SIGINT, SIGTERM and interrupts: only SIGKILL ends it in mid-turn. */
  deaf: z.boolean().default(false),
});
export type Scenario = z.infer<typeof scenario>;

/** Reads a scenario file, JSON or YAML by its name. Throws an Error that lists every problem with its place. */
export async function readScenario(path: string): Promise<Scenario> {
  const text = await readFile(path, 'utf8');
  const value: unknown = path.endsWith('.json') ? JSON.parse(text) : (await import('yaml')).parse(text);
  const result = scenario.safeParse(value);
  if (result.success) return result.data;
  throw new Error(`scenario ${path} cannot be played:\n${z.prettifyError(result.error)}`);
}
