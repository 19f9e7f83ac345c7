/** What failures and checkers have taught: rules, reflections, findings. Part of the state, and as plain as the rest of it. */
import type { RunId } from '../units.ts';

/** A lesson drafted from a red gate, waiting for the operator's key. */
export interface RuleDraft {
  readonly text: string;
  readonly scope: string;
  readonly gate: string;
  readonly fingerprint: string;
  readonly pass: number;
}

/** What a failure taught (Reflexion). */
export interface Reflection {
  readonly pass: number;
  readonly gate: string;
  readonly fingerprint: string | null;
  readonly diagnosis: string;
  /** What to try next; empty where nobody had an idea. */
  readonly hypothesis: string;
  /** `template`, or the model that wrote it. */
  readonly by: string;
}

/** What a checker holds against the work. */
export interface Finding {
  /** `f1`, `f2` …, the same in every re-check; empty for one that has no number yet. */
  readonly id: string;
  /** `path:line`, or empty. */
  readonly where: string;
  readonly what: string;
  /** `contradiction`: the goal contradicts itself. `unverifiable`: nobody could tell from here. Both are for a person. */
  readonly kind: 'fixable' | 'contradiction' | 'unverifiable';
}

export interface Verdict {
  readonly says: 'holds' | 'refuted' | 'none';
  readonly findings: readonly Finding[];
}

export interface Rule {
  readonly id: string;
  /** Where it stands, relative to the repository; loops are told those of their own `context.rules.file`. */
  readonly file: string;
  readonly text: string;
  readonly scope: string;
  readonly status: 'active' | 'retired';
  readonly by: string;
  readonly at: number;
  /** The failure it was learned from; null for one that was written by hand. */
  readonly from: { readonly run: RunId; readonly gate: string; readonly fingerprint: string } | null;
  /** Passes whose maker was told it, and the last of them (ms since 1970; null for none). */
  readonly shown: number;
  readonly lastShown: number | null;
  /** Of these, how many ended without its failure, and how many with it. */
  readonly helped: number;
  readonly hurt: number;
  /** How often somebody wanted to write it again. */
  readonly bumped: number;
}
