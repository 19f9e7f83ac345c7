/** Drafts the rule that a red gate suggests (Reflexion): words for the operator to edit, never written without a key press. */
import { commandOf, demandOf } from './definition/gates.ts';
import { LONGEST_RULE } from './rules.ts';
import type { GateResult, Pass, RuleDraft, RunState } from './state.ts';
import { UNPRINTABLE } from './unprintable.ts';

/** From the last pass that had a red gate, its first required one before others; null when no gate was ever red. */
export function draftRule(run: RunState): RuleDraft | null {
  const pass = run.passes.findLast((pass) => pass.gates.some(isRed));
  if (pass === undefined) return null;
  const gate = worst(run, pass);
  if (gate === undefined) return null;
  return {
    text: lesson(run, gate),
    scope: scopeOf(`${gate.summary}\n${gate.tail}`, run.worktree),
    gate: gate.id,
    fingerprint: gate.fingerprint ?? `${gate.id}:${gate.status}`,
    pass: pass.n,
  };
}

const isRed = (gate: GateResult): boolean => gate.status === 'red' || gate.status === 'timeout';

function worst(run: RunState, pass: Pass): GateResult | undefined {
  const red = pass.gates.filter(isRed);
  return red.find(({ id }) => run.definition.gates.some((gate) => gate.id === id && gate.required)) ?? red[0];
}

function lesson(run: RunState, gate: GateResult): string {
  const definition = run.definition.gates.find(({ id }) => id === gate.id);
  const demand = shorten(clean(definition ? demandOf(definition) : gate.id), 60);
  const runs = definition === undefined || commandOf(definition) !== null;
  const order = `Before you finish, make gate ${gate.id} green: ${runs ? `run \`${demand}\`` : demand}`;
  const summary = clean(gate.summary);
  if (gate.status === 'timeout') return shorten(`${order} and see that it ends in time.`, LONGEST_RULE);
  if (summary === '') return shorten(`${order}.`, LONGEST_RULE);
  return `${order}; it failed with: ${shorten(summary, LONGEST_RULE - order.length - 18)}`;
}

/** Text from a gate's output in one line: no escape sequences, nothing invisible. */
function clean(text: string): string {
  return text
    .replace(/\u001b\[[0-9;:?]*[ -/]*[@-~]/g, '')
    .replace(new RegExp(UNPRINTABLE.source, 'gu'), ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function shorten(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most
    ? text
    : `${characters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`;
}

// A relative path with a folder and an extension; not the tail of a URL, of an absolute path or of `node:internal/…`.
const PATH = /(?<![\w:/.@~-])(?:\.\/)?((?:[\w@.+-]+\/)+[\w@.+-]+\.\w{1,10})\b/g;
const NOT_OURS = /(^|\/)(node_modules|\.git|dist|target|vendor|\.venv|site-packages)\//;

/** Files of the repository that a gate's output names, relative to it. */
export function filesIn(output: string, worktree: string | null): string[] {
  const relative = worktree === null ? output : output.replaceAll(`${worktree}/`, ' ');
  return [...relative.matchAll(PATH)]
    .map((match) => match[1] ?? '')
    .filter((file) => !NOT_OURS.test(file) && !file.includes('..'));
}

/** The folder that all files named in the output share, as a glob; `**` when they share none. */
function scopeOf(output: string, worktree: string | null): string {
  const folders = filesIn(output, worktree).map((file) => file.split('/').slice(0, -1));
  const [first, ...others] = folders;
  if (first === undefined) return '**';
  const shared = first.findIndex((step, index) => others.some((folder) => folder[index] !== step));
  const common = shared === -1 ? first : first.slice(0, shared);
  return common.length === 0 ? '**' : `${common.join('/')}/**`;
}
