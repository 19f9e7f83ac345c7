/**
 * What a rule's record says about it: on trial, worth a gate, or of no use. Advice for the operator, who alone retires a rule;
 * no number here changes the file.
 */
import picomatch from 'picomatch';
import { ruleLine } from './rules.ts';
import type { Rule } from './state.ts';

/** A rule is on trial until its tenth showing or its fourteenth day, whichever comes first. */
const TRIAL = { shown: 10, ms: 14 * 86_400_000 } as const;
/** Not shown for so long: what it was about is gone. */
const UNSHOWN_MS = 45 * 86_400_000;
/** So often its failure has come back, or been taught again: words do not do it. */
const RECURRENCES = 3;
/** Active rules at most: at 80, no model follows all of them any more (Prompt Design at Scale 2026). */
export const MOST_RULES = 40;

export const isTrial = (rule: Rule, now: number): boolean =>
  rule.status === 'active' && rule.shown < TRIAL.shown && now - rule.at < TRIAL.ms;

export interface Advice {
  /** `gate`: make it a check that no agent can argue with. `retire`: strike it out. */
  readonly do: 'gate' | 'retire';
  readonly because: string;
}

/**
 * What should become of an active rule; null when it is well where it is.
 * @param now ms since 1970 @param files every tracked file, to see whether its scope matches any; null when not known
 */
export function adviceOn(rule: Rule, now: number, files: readonly string[] | null = null): Advice | null {
  if (rule.status !== 'active') return null;
  const again = rule.hurt + rule.bumped;
  if (rule.from !== null && again >= RECURRENCES)
    return { do: 'gate', because: `its failure came back ${again} times: make it a test, a lint rule or a gate` };
  if (rule.hurt >= 2 && rule.hurt > rule.helped)
    return { do: 'retire', because: `it failed ${rule.hurt} times and helped ${rule.helped}` };
  const idle = now - (rule.lastShown ?? rule.at);
  if (idle > UNSHOWN_MS) return { do: 'retire', because: `not shown for ${Math.floor(idle / 86_400_000)} days` };
  if (files !== null && !files.some(isIn(rule.scope)))
    return { do: 'retire', because: `no file of the repository is in ${rule.scope}` };
  return null;
}

export interface About {
  /** What the pass is about: files changed so far, named by the item or by the last failure. Empty when nothing is known. */
  readonly files: readonly string[];
  /** Fingerprints of what failed last: their rules come first. */
  readonly failures: readonly string[];
}

/**
 * The rules that go into a prompt, in the order given, so that the cached start of the prompt stays the same. Those of the last
 * failures are always among them; of the rest the newest win, since the last failures are the likeliest to come back.
 * @param max rules at most @param tokens of all lines together, at 4 characters a token
 */
export function rulesFor(
  rules: readonly Rule[],
  about: About,
  { max, tokens, scope }: { readonly max: number; readonly tokens: number; readonly scope: boolean },
): Rule[] {
  const fits = (rule: Rule) => !scope || about.files.length === 0 || about.files.some(isIn(rule.scope));
  const urgent = (rule: Rule) => rule.from !== null && about.failures.includes(rule.from.fingerprint);
  const ranked = rules
    .filter((rule) => rule.status === 'active' && (urgent(rule) || fits(rule)))
    .sort((a, b) => Number(urgent(b)) - Number(urgent(a)) || b.at - a.at || (a.id < b.id ? 1 : -1));
  const shown = new Set<Rule>();
  let left = tokens * 4;
  for (const rule of ranked) {
    const length = ruleLine(rule).length + 1;
    if (shown.size >= max || length > left) continue;
    shown.add(rule);
    left -= length;
  }
  return rules.filter((rule) => shown.has(rule));
}

const matchers = new Map<string, (file: string) => boolean>();
/** Globs that are remembered compiled; there are at most a few dozen rules. */
const MATCHERS_KEPT = 200;

/** Whether a file, relative to the repository, is in a rule's scope. */
export function isIn(scope: string): (file: string) => boolean {
  const known = matchers.get(scope);
  if (known) return known;
  if (matchers.size >= MATCHERS_KEPT) matchers.clear();
  const made = scope === '**' ? () => true : picomatch(scope, { dot: true });
  matchers.set(scope, made);
  return made;
}
