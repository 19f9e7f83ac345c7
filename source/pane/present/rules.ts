/** The Rules view as rows of text: drafts that wait for a key, then the rules in force with what came of them, then the retired. */
import { type Advice, adviceOn, isTrial } from '../../loop/rule-life.ts';
import type { FleetState, GateResult, Rule, RuleDraft, RunState } from '../../loop/state.ts';
import { formatDuration } from '../../loop/units.ts';
import { block, oneLine } from './clean.ts';
import { EMPTY, fit, type Line, type Look, line, padEnd, padStart, span, wrap } from './span.ts';

/** One row of the view: a lesson that waits for the operator, or a rule of RULES.md. */
export type RuleRow =
  | { readonly kind: 'draft'; readonly key: string; readonly run: RunState; readonly draft: RuleDraft }
  | { readonly kind: 'rule'; readonly key: string; readonly rule: Rule };

export interface RulesLook {
  /** Key of the chosen row; null, or one that is not here: the first. */
  readonly rule: string | null;
  /** ms since 1970. */
  readonly now: number;
}

/** Drafts first, the oldest of them first; then what is in force and what is retired, the newest first. */
export function ruleList(fleet: FleetState): readonly RuleRow[] {
  const drafts = Object.values(fleet.runs)
    .filter((run) => run.draft !== null && run.status.tag === 'open')
    .sort((a, b) => a.queuedAt - b.queuedAt)
    .flatMap((run): RuleRow[] => (run.draft === null ? [] : [{ kind: 'draft', key: run.id, run, draft: run.draft }]));
  const rules = Object.values(fleet.rules)
    .sort(
      (a, b) => Number(a.status === 'retired') - Number(b.status === 'retired') || b.at - a.at || before(b.id, a.id),
    )
    .map((rule): RuleRow => ({ kind: 'rule', key: rule.id, rule }));
  return [...drafts, ...rules];
}

const before = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The row under the cursor; null when there is none. */
export function chosenRule(fleet: FleetState, key: string | null): RuleRow | null {
  const list = ruleList(fleet);
  return list.find((row) => row.key === key) ?? list[0] ?? null;
}

/** Exactly `rows` rows of `columns` cells. */
export function rulesScreen(fleet: FleetState, { rule, now }: RulesLook, columns: number, rows: number): Line[] {
  const list = ruleList(fleet);
  const chosen = chosenRule(fleet, rule);
  const detail =
    chosen === null || rows < 12 ? [] : [line('─'.repeat(columns), 'faint'), ...inShort(fleet, chosen, now, columns)];
  const room = Math.max(1, rows - 1 - detail.length);
  const at = Math.max(
    0,
    list.findIndex(({ key }) => key === chosen?.key),
  );
  const from = Math.max(0, Math.min(at - room + 1, list.length - room, at));
  const table =
    list.length === 0
      ? emptyLines()
      : [
          heading(columns),
          ...list.slice(from, from + room).map((row) => ruleRow(row, row.key === chosen?.key, now, columns)),
        ];
  const body = [...table, ...Array.from({ length: Math.max(0, room + 1 - table.length) }, () => EMPTY), ...detail];
  return Array.from({ length: rows }, (_, row) => fit(body[row] ?? EMPTY, columns));
}

/** Rows that one page moves by. */
export const rulesPage = (rows: number): number => Math.max(1, rows - 6);

const SCOPE = 22;
const FROM = 14;
/** Cells of `shown helped hurt`, of the age, and of what stands before the text. */
const COUNTS = 19;
const AGE = 6;
const BEFORE = 18;

const widths = (columns: number) => {
  const counts = columns >= 60 ? COUNTS : 0;
  const scope = columns >= 90 ? SCOPE : 0;
  const from = columns >= 110 ? FROM : 0;
  const beside = [counts, scope, from].reduce((sum, each) => sum + (each && each + 2), 0);
  return { counts, scope, from, text: Math.max(8, columns - BEFORE - beside - AGE - 3) };
};

function heading(columns: number): Line {
  const { counts, scope, from, text } = widths(columns);
  const parts = [
    `  ${padEnd('RULE', 6)} ${padEnd('STATE', 9)}${padEnd('TEXT', text)}`,
    ...(scope > 0 ? [padEnd('SCOPE', scope)] : []),
    ...(counts > 0 ? ['SHOWN HELPED   HURT'] : []),
    padStart('AGE', AGE),
    ...(from > 0 ? [padEnd('FROM', from)] : []),
  ];
  return line(parts.join('  '), 'faint');
}

/** What of a row is the same for a draft and for a rule. */
interface Told {
  readonly id: string;
  readonly state: string;
  readonly look: Look;
  readonly text: string;
  readonly scope: string;
  readonly counts: readonly [number, number, number] | null;
  readonly age: string;
  readonly from: string;
}

function told(row: RuleRow, now: number): Told {
  if (row.kind === 'draft') {
    const { run, draft } = row;
    return {
      id: '',
      state: 'draft',
      look: 'need',
      text: draft.text,
      scope: draft.scope,
      counts: null,
      age: '',
      from: run.id,
    };
  }
  const { rule } = row;
  const { word, look } = stateOf(rule, now);
  return {
    id: rule.id,
    state: word,
    look,
    text: rule.text,
    scope: rule.scope,
    counts: [rule.shown, rule.helped, rule.hurt],
    age: formatDuration(Math.max(0, now - rule.at)),
    from: rule.from?.run ?? rule.by,
  };
}

/** `trial` rules are dim; one with a record that speaks against it says what should become of it. */
function stateOf(rule: Rule, now: number): { readonly word: string; readonly look: Look } {
  if (rule.status === 'retired') return { word: 'retired', look: 'faint' };
  const advice = adviceOn(rule, now);
  if (advice !== null) return { word: advice.do === 'gate' ? '→ gate' : '→ retire', look: 'warn' };
  return isTrial(rule, now) ? { word: 'trial', look: 'faint' } : { word: 'kept', look: 'plain' };
}

function ruleRow(row: RuleRow, current: boolean, now: number, columns: number): Line {
  const { counts, scope, from, text } = widths(columns);
  const { id, state, look, ...each } = told(row, now);
  const [shown, helped, hurt] = each.counts ?? ['', '', ''];
  const body: Look = look === 'faint' ? 'faint' : 'plain';
  return [
    span(current ? '▶ ' : '  ', 'picked'),
    span(padEnd(id, 6), current ? 'picked' : body),
    span(` ${padEnd(state, 9)}`, look),
    span(padEnd(oneLine(each.text), text), body),
    ...(scope > 0 ? [span(`  ${padEnd(oneLine(each.scope), scope)}`, 'faint')] : []),
    ...(counts > 0
      ? [
          span(`  ${padStart(String(shown), 5)} ${padStart(String(helped), 6)}`, body),
          span(` ${padStart(String(hurt), 6)}`, Number(hurt) > Number(helped) ? 'bad' : body),
        ]
      : []),
    span(`  ${padStart(each.age, AGE)}`, 'faint'),
    ...(from > 0 ? [span(`  ${padEnd(oneLine(each.from), from)}`, 'faint')] : []),
  ];
}

/** Its words, where they come from and what should be done, four rows at most. */
function inShort(fleet: FleetState, row: RuleRow, now: number, columns: number): Line[] {
  const { text, scope } = row.kind === 'draft' ? row.draft : row.rule;
  const advice = row.kind === 'rule' ? adviceOn(row.rule, now) : null;
  return [
    ...wrap(oneLine(text), Math.max(10, columns - 2))
      .slice(0, 2)
      .map((words) => line(` ${words}`, 'strong')),
    line(` in ${oneLine(scope)}   ${oneLine(provenance(fleet, row))}`, 'faint'),
    ...(advice === null ? [] : [line(` ${adviceWords(advice)}`, 'warn')]),
  ];
}

const adviceWords = ({ do: what, because }: Advice): string => (what === 'gate' ? because : `retire it: ${because}`);

const times = (n: number): string => (n === 1 ? 'once' : `${n} times`);

/** `from ci-fix-12: gate unit was red in pass 2`. */
function provenance(fleet: FleetState, row: RuleRow): string {
  if (row.kind === 'draft')
    return `drafted from ${row.run.id}: gate ${row.draft.gate} was red in pass ${row.draft.pass}; Enter decides`;
  const { from, by } = row.rule;
  if (from === null) return `written by ${by}`;
  const gone = from.run in fleet.runs ? '' : ', which is forgotten';
  return `learned from ${from.run}${gone}: gate ${from.gate} was red; kept by ${by}`;
}

function emptyLines(): Line[] {
  return [
    EMPTY,
    line('  No rules yet.', 'strong'),
    EMPTY,
    line('  r on a run with a red gate drafts the first; i writes one by hand.', 'faint'),
  ];
}

/** One rule in full, as a sheet shows it in `room` cells: its record, the failure it came from, and a gate in its place. */
export function ruleLines(fleet: FleetState, rule: Rule, now: number, room: number): Line[] {
  const fact = (label: string, words: string): Line[] =>
    wrap(words, Math.max(10, room - 11)).map((text, at) => [
      span(padEnd(at === 0 ? label : '', 11), 'faint'),
      span(text),
    ]);
  const advice = adviceOn(rule, now);
  const evidence = evidenceOf(fleet, rule);
  return [
    ...wrap(oneLine(rule.text), room).map((text) => line(text, 'strong')),
    EMPTY,
    ...fact('scope', oneLine(rule.scope)),
    ...fact('file', oneLine(rule.file)),
    ...fact('state', rule.status === 'retired' ? 'retired' : isTrial(rule, now) ? 'on trial' : 'kept'),
    ...fact('from', oneLine(provenance(fleet, { kind: 'rule', key: rule.id, rule }))),
    ...fact('written', `${formatDuration(Math.max(0, now - rule.at))} ago`),
    ...fact('shown', shownWords(rule, now)),
    ...fact('since then', `its failure stayed away ${times(rule.helped)} and came back ${times(rule.hurt)}`),
    ...(rule.bumped > 0 ? fact('again', `somebody wanted to write it again, ${times(rule.bumped)}`) : []),
    ...(advice === null ? [] : [EMPTY, ...wrap(adviceWords(advice), room).map((text) => line(text, 'warn'))]),
    ...(advice?.do === 'gate' ? asGate(rule, room) : []),
    ...(evidence === null
      ? []
      : [
          EMPTY,
          line(`Gate ${oneLine(evidence.id)} then said:`, 'faint'),
          ...lastRows(evidence).flatMap((text) => wrap(text, room - 2).map((row) => [span('│ ', 'bad'), span(row)])),
        ]),
  ];
}

function shownWords({ shown, lastShown }: Rule, now: number): string {
  if (lastShown === null) return 'to no pass yet';
  return `to ${shown} ${shown === 1 ? 'pass' : 'passes'}, last ${formatDuration(Math.max(0, now - lastShown))} ago`;
}

/** What to paste under `gates:`; the command is the operator's to find. */
function asGate(rule: Rule, room: number): Line[] {
  const gate = `- { id: ${rule.id}, run: "a command that fails when this is broken", hint: ${JSON.stringify(oneLine(rule.text))} }`;
  return [EMPTY, line('As a gate, under gates: of the loop:', 'faint'), ...wrap(gate, room).map((row) => line(row))];
}

/** The newest result of its run with the failure it was learned from; null when that run is forgotten. */
function evidenceOf(fleet: FleetState, { from }: Rule): GateResult | null {
  const run = from === null ? undefined : fleet.runs[from.run];
  const results = run?.passes.flatMap(({ gates }) => gates) ?? [];
  return results.findLast(({ fingerprint }) => fingerprint !== null && fingerprint === from?.fingerprint) ?? null;
}

const lastRows = ({ summary, tail }: GateResult): string[] =>
  block(tail === '' ? summary : tail)
    .split('\n')
    .map((row) => row.trimEnd())
    .filter((row) => row !== '')
    .slice(-12);
