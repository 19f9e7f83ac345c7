/** The checker's verdict: read by schema out of what it said. What cannot be read is no verdict, and no verdict is a fail. */
import * as z from 'zod';
import type { Finding, Verdict } from '../state.ts';
import { lastObject } from './answer-json.ts';

const words = z.string().trim().min(1).max(2000);

const finding = z.object({
  /** Of an earlier finding that still stands. */
  id: z.string().max(40).optional(),
  where: z.string().max(500).default(''),
  what: words,
  kind: z.enum(['fixable', 'contradiction', 'unverifiable']).default('fixable'),
  /** Something that was well before: the one new thing that a re-check may raise. */
  regression: z.boolean().default(false),
});

const schema = z.object({
  verdict: z.enum(['holds', 'refuted', 'uncertain']),
  findings: z.array(finding).max(50).default([]),
});

const NONE: Verdict = { says: 'none', findings: [] };

/**
 * @param text all that the checker said @param before findings it or another one raised earlier in this run: on a re-check only
 * these and regressions count, so that nobody moves the goal posts (anti-ratchet)
 */
export function readVerdict(text: string, before: readonly Finding[]): Verdict {
  const { data } = schema.safeParse(lastObject(text));
  if (data === undefined || data.verdict === 'uncertain') return NONE;
  if (data.verdict === 'holds') return { says: 'holds', findings: [] };
  const known = new Map(before.map((each) => [each.id, each]));
  const counted = data.findings.filter(
    (each) => before.length === 0 || (each.id !== undefined && known.has(each.id)) || each.regression,
  );
  // A re-check that has nothing but new wishes has not refuted anything.
  if (counted.length === 0)
    return before.length > 0 && data.findings.length > 0 ? { says: 'holds', findings: [] } : NONE;
  const findings = counted.map(
    ({ id, where, what, kind }): Finding => ({
      id: id !== undefined && known.has(id) ? id : '',
      where,
      what,
      kind,
    }),
  );
  return { says: 'refuted', findings };
}

/** What several judges have raised together: each thing once, the new ones numbered after those of `before`. */
export function gathered(votes: readonly Verdict[], before: readonly Finding[]): Finding[] {
  const all = new Map<string, Finding>();
  let next = before.length;
  for (const { findings } of votes) {
    for (const finding of findings) {
      const key = finding.id || findingWords(finding);
      if (!all.has(key)) all.set(key, finding.id === '' ? { ...finding, id: `f${++next}` } : finding);
    }
  }
  return [...all.values()];
}

/** One finding in a line, `cart.js:12 — counts every item once`. */
export const findingWords = ({ where, what }: Finding): string => (where === '' ? what : `${where} — ${what}`);

/** Nothing that a maker could mend: a person has to look. */
export const isForPerson = (findings: readonly Finding[]): boolean =>
  findings.length > 0 && findings.every(({ kind }) => kind !== 'fixable');
