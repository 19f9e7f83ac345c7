/**
 * RULES.md: one line a lesson, `- r017 Use fake timers in queue tests. (packages/queue/**)`. Text in, text out; the file is
 * only ever appended to and marked, never rewritten: memories that a model rewrites get worse than none (Zhang et al. 2026).
 */
import { UNPRINTABLE, visible } from './unprintable.ts';

export interface WrittenRule {
  /** `r017`. A second line with the same id, as a merge of two branches leaves it, is `r017.2`. */
  readonly id: string;
  readonly text: string;
  /** Glob of the files it is about; `**` for all. */
  readonly scope: string;
  readonly status: 'active' | 'retired';
}

/** Where rules stand unless a loop says otherwise. */
export const RULES_FILE = 'RULES.md';
/** Characters; longer ones are followed less (reference: Claude's guidance for CLAUDE.md). */
export const LONGEST_RULE = 200;
/** Share of common words from which two rules are the same lesson (lean-ctx `DEDUP_JACCARD`). */
const SAME_LESSON = 0.7;

const HEADING = '# Rules\n\nWhat failed gates taught. One line a rule: id, lesson, scope.\n\n';

const ACTIVE = /^[-*] (r\d{3,}) (.+)$/;
const RETIRED = /^[-*] ~~(r\d{3,}) (.+)~~\s*$/;
// Only what can be a glob is a scope: "(not bar)" and "(vitest)" at the end of a rule are words of it.
const IN_BRACKETS = / \((\S{1,200})\)$/;
const GLOB = /[*./]/;

/** Every rule in the file's order, retired ones too. Lines without an id and lines in code fences are none. */
export function parseRules(text: string): WrittenRule[] {
  return rulesByLine(text).flatMap((rule) => rule ?? []);
}

/** The text with one more line at its end; what was there stays byte for byte. An empty text gets a heading first. */
export function appendRule(
  text: string,
  rule: { readonly id: string; readonly text: string; readonly scope: string },
): string {
  const eol = /\r\n/.test(text) ? '\r\n' : '\n';
  const above = text.replace(/^\uFEFF/, '') === '' ? text + HEADING : /[\r\n]$/.test(text) ? text : text + eol;
  return `${above}- ${rule.id} ${rule.text.trim()} (${rule.scope})${eol}`;
}

/** The text with that rule struck through; unchanged when it is not there or retired already. */
export function retireRule(text: string, id: string): string {
  const index = rulesByLine(text).findIndex((rule) => rule?.id === id && rule.status === 'active');
  if (index === -1) return text;
  const lines = text.split('\n');
  const line = lines[index] ?? '';
  const written = line.trimEnd();
  lines[index] = `${written.slice(0, 2)}~~${written.slice(2)}~~${line.slice(written.length)}`;
  return lines.join('\n');
}

/** The id after all that the file or `known` ever used, so that none is used twice: `r001`, `r002`, … */
export function nextRuleId(text: string, known: Iterable<string> = []): string {
  const ids = [...[...text.matchAll(/^[-*] (?:~~)?(r\d{3,}) /gm)].map((match) => match[1] ?? ''), ...known];
  const highest = ids.reduce((most, id) => Math.max(most, numberOf(id)), 0);
  return `r${String(highest + 1).padStart(3, '0')}`;
}

/** A rule as it stands in the file and in the prompt. */
export function ruleLine({ id, text, scope }: Omit<WrittenRule, 'status'>): string {
  return `- ${id} ${text} (${scope})`;
}

/** What is wrong with a rule's text, for the person who typed it; null when nothing is. */
export function checkRuleText(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed === '') return 'a rule needs words';
  if (/[\r\n\u2028\u2029]/.test(trimmed)) return 'a rule is one line';
  const bad = UNPRINTABLE.exec(trimmed)?.[0];
  if (bad !== undefined) return `a rule may not hold the invisible character ${visible(bad)}`;
  const length = [...trimmed].length;
  return length > LONGEST_RULE ? `a rule has at most ${LONGEST_RULE} characters, this one has ${length}` : null;
}

/** What is wrong with a rule's scope; null when nothing is. */
export function checkRuleScope(scope: string): string | null {
  if (!UNPRINTABLE.test(scope) && splitScope(`- (${scope})`).scope === scope) return null;
  return 'a scope is a glob without spaces, such as packages/queue/**';
}

/** The first active rule that teaches the same lesson; null when none does. */
export function sameLesson<R extends { readonly text: string; readonly status: string }>(
  text: string,
  rules: readonly R[],
): R | null {
  return rules.find((rule) => rule.status === 'active' && likeness(text, rule.text) >= SAME_LESSON) ?? null;
}

/** Jaccard index of two texts' words, 0 to 1. */
export function likeness(a: string, b: string): number {
  const [left, right] = [wordsOf(a), wordsOf(b)];
  const common = [...left].filter((word) => right.has(word)).length;
  const all = left.size + right.size - common;
  return all === 0 ? 1 : common / all;
}

const wordsOf = (text: string) => new Set(text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []);

const numberOf = (id: string): number => Number(/^r(\d+)/.exec(id)?.[1] ?? 0);

function splitScope(line: string): { text: string; scope: string } {
  const scope = IN_BRACKETS.exec(line)?.[1];
  if (scope === undefined || !GLOB.test(scope)) return { text: line, scope: '**' };
  return { text: line.slice(0, -scope.length - 3), scope };
}

/** For each line of the text the rule on it, or null. */
function rulesByLine(text: string): (WrittenRule | null)[] {
  const times = new Map<string, number>();
  let fenced = false;
  return text.split('\n').map((raw) => {
    const line = raw.replace(/^\uFEFF/, '').trimEnd();
    if (/^ {0,3}(```|~~~)/.test(line)) fenced = !fenced;
    if (fenced) return null;
    const retired = RETIRED.exec(line);
    const [, id, rest] = retired ?? ACTIVE.exec(line) ?? [];
    if (id === undefined || rest === undefined) return null;
    const nth = (times.get(id) ?? 0) + 1;
    times.set(id, nth);
    return {
      id: nth === 1 ? id : `${id}.${nth}`,
      ...splitScope(rest),
      status: retired ? 'retired' : 'active',
    };
  });
}
