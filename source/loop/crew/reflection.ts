/** What a failure teaches (Reflexion): by a cheap model out of the gate's output, or by a template where there is none. */
import * as z from 'zod';
import { checkRuleScope, checkRuleText } from '../rules.ts';
import { redGate } from '../run-status.ts';
import type { GateResult, Pass, Reflection, RunState } from '../state.ts';
import { lastObject } from './answer-json.ts';

const text = z.string().trim().min(1).max(1000);
const schema = z.object({
  diagnosis: text,
  next_hypothesis: text,
  rule: z.object({ text: z.string(), scope: z.string().default('**') }).nullish(),
  confidence: z.number().min(0).max(1).default(0.5),
});

/** Below this a proposed rule is a guess. */
const CONFIDENT = 0.5;

export interface Reflected {
  readonly reflection: Reflection;
  /** A rule that would have prevented it, for the operator to keep, edit or drop. */
  readonly rule: { readonly text: string; readonly scope: string } | null;
}

/** Out of the reflector's words; null when they hold no reflection. */
export function readReflection(said: string, of: { pass: Pass; gate: GateResult; model: string }): Reflected | null {
  const { data } = schema.safeParse(lastObject(said));
  if (data === undefined) return null;
  const { diagnosis, next_hypothesis: hypothesis, rule, confidence } = data;
  const sound =
    rule && confidence >= CONFIDENT && checkRuleText(rule.text) === null && checkRuleScope(rule.scope) === null;
  return {
    reflection: {
      pass: of.pass.n,
      gate: of.gate.id,
      fingerprint: of.gate.fingerprint,
      diagnosis,
      hypothesis,
      by: of.model,
    },
    rule: sound ? { text: rule.text.trim(), scope: rule.scope } : null,
  };
}

/** What can be said without a model: that the last change did not move the failure. Null for a new one: its own words say more. */
export function templateReflection(run: RunState): Reflection | null {
  const ended = run.passes.filter((pass) => pass.endedAt !== null);
  const pass = ended.at(-1);
  const gate = redGate(run, pass);
  if (pass === undefined || gate === undefined) return null;
  const before = ended.slice(0, -1).flatMap((each) => {
    const red = redGate(run, each);
    return red !== undefined && red.fingerprint === gate.fingerprint && gate.fingerprint !== null ? [each.n] : [];
  });
  const last = before.at(-1);
  if (last === undefined) return null;
  const hypothesis = `pass ${last} ended in exactly this failure, so what was changed since has nothing to do with it. Name the assumption that both passes shared, and test it before you edit.`;
  const claimed = pass.falseDone ? ' The pass claimed to be done.' : '';
  return {
    pass: pass.n,
    gate: gate.id,
    fingerprint: gate.fingerprint,
    diagnosis: `${gate.id} was red: ${gate.summary || gate.status}.${claimed}`,
    hypothesis,
    by: 'template',
  };
}

/** The red gate to reflect on: deterministic, a new kind of failure, not reflected on before. */
export function dueReflection(run: RunState): { readonly pass: Pass; readonly gate: GateResult } | null {
  const pass = run.passes.findLast((each) => each.endedAt !== null);
  const gate = redGate(run, pass);
  if (pass === undefined || gate === undefined || gate.id === run.definition.checker?.gate) return null;
  const known = run.reflections.some(
    (each) => each.by !== 'template' && each.fingerprint === gate.fingerprint && each.gate === gate.id,
  );
  return known ? null : { pass, gate };
}
