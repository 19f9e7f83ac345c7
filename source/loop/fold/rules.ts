/** What happens to rules: written, counted, bumped, retired. Their texts stand in RULES.md; here is what became of them. */
import type { FleetEvent } from '../event.ts';
import { RULES_FILE } from '../rules.ts';
import type { FleetState, Pass, Rule, RunState } from '../state.ts';

type Rules = FleetState['rules'];

const UNUSED = { file: RULES_FILE, from: null, shown: 0, lastShown: null, helped: 0, hurt: 0, bumped: 0 } as const;

/** A rule of an older version's snapshot. */
export const wholeRule = (rule: Rule): Rule => ({ ...UNUSED, ...rule });

export function withRuleAdded(
  state: FleetState,
  event: Extract<FleetEvent, { type: 'rule-added' }>,
  at: number,
): FleetState {
  const run = event.run === null ? undefined : state.runs[event.run];
  const { id, text, scope, by, file = RULES_FILE } = event;
  const draft = run?.draft ?? null;
  const from = run && draft ? { run: run.id, gate: draft.gate, fingerprint: draft.fingerprint } : null;
  const rule: Rule = { ...UNUSED, id, file, text, scope, status: 'active', by, at, from };
  return { ...state, runs: settled(state.runs, run), rules: { ...state.rules, [id]: rule } };
}

export function withRuleBumped(state: FleetState, event: Extract<FleetEvent, { type: 'rule-bumped' }>): FleetState {
  const rule = state.rules[event.id];
  if (rule === undefined) return state;
  const run = event.run === null ? undefined : state.runs[event.run];
  const bumped = { ...rule, bumped: rule.bumped + 1 };
  return { ...state, runs: settled(state.runs, run), rules: { ...state.rules, [rule.id]: bumped } };
}

export function withRuleRetired(state: FleetState, id: string): FleetState {
  const rule = state.rules[id];
  return rule ? { ...state, rules: { ...state.rules, [id]: { ...rule, status: 'retired' } } } : state;
}

/** The files as somebody has left them: what stands in it is active, what does not is retired. */
export function withRulesRead(
  state: FleetState,
  listed: Extract<FleetEvent, { type: 'rules-read' }>['rules'],
  at: number,
): FleetState {
  const active = listed.map((rule): [string, Rule] => [
    rule.id,
    {
      ...UNUSED,
      by: rule.file ?? RULES_FILE,
      at,
      ...state.rules[rule.id],
      file: RULES_FILE,
      ...rule,
      status: 'active',
    },
  ]);
  const ids = new Set(listed.map((rule) => rule.id));
  const retired = Object.values(state.rules)
    .filter((rule) => !ids.has(rule.id))
    .map((rule): [string, Rule] => [rule.id, { ...rule, status: 'retired' }]);
  return { ...state, rules: Object.fromEntries([...active, ...retired]) };
}

/** The draft of a run that has been decided on waits no more. */
function settled(runs: FleetState['runs'], run: RunState | undefined): FleetState['runs'] {
  if (run === undefined) return runs;
  const ruled = run.draft === null ? run.ruled : [...run.ruled, run.draft.fingerprint];
  return { ...runs, [run.id]: { ...run, draft: null, ruled } };
}

/** A maker is told these rules. */
export const withShown = (rules: Rules, ids: readonly string[], at: number): Rules =>
  changed(rules, ids, (rule) => ({ ...rule, shown: rule.shown + 1, lastShown: at }));

/** A pass has ended: each rule that its maker was told has kept its failure away, or has not. */
export function withJudged(rules: Rules, ids: readonly string[], pass: Pass): Rules {
  const failures = new Set(pass.gates.flatMap((gate) => gate.fingerprint ?? []));
  return changed(rules, ids, (rule) => {
    if (rule.from === null) return rule;
    return failures.has(rule.from.fingerprint)
      ? { ...rule, hurt: rule.hurt + 1 }
      : { ...rule, helped: rule.helped + 1 };
  });
}

function changed(rules: Rules, ids: readonly string[], change: (rule: Rule) => Rule): Rules {
  const known = ids.flatMap((id) => rules[id] ?? []);
  return known.length === 0 ? rules : { ...rules, ...Object.fromEntries(known.map((rule) => [rule.id, change(rule)])) };
}
