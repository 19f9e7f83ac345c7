/** What the Loop view shows beside the ledger: the gates of a pass, the rules in force, the goal. The trace has a file of its own. */
import { commandOf, demandOf } from '../../loop/definition/gates.ts';
import { curve, formatScore, scoresOf } from '../../loop/score.ts';
import type { FleetState, GateResult, RunState } from '../../loop/state.ts';
import { formatDuration, formatTokens, formatUsd } from '../../loop/units.ts';
import { block, oneLine } from './clean.ts';
import { GATE } from './gates.ts';
import { clipLine, EMPTY, ends, type Line, line, span, width, wrap } from './span.ts';

export const TABS = ['trace', 'gates', 'goal', 'prompt', 'rules', 'diff', 'events', 'files'] as const;
export type Tab = (typeof TABS)[number];

/** The tabs in `room` cells, the open one in brackets, so that it shows without colour; where not all fit, it and those beside it. */
export function tabLine(open: Tab, room: number): Line {
  const drawn = (tabs: readonly Tab[]): Line =>
    tabs.flatMap((tab, at) => [
      ...(at > 0 ? [span(' ')] : []),
      tab === open ? span(`[${tab}]`, 'picked') : span(` ${tab} `, 'faint'),
    ]);
  const at = TABS.indexOf(open);
  // The first that shows: as early as leaves room for the open one, and for the one after it.
  const from = TABS.findIndex((_, first) => width(drawn(TABS.slice(first, at + 2))) + (first > 0 ? 2 : 0) <= room);
  const first = from < 0 || from > at ? at : from;
  return clipLine([...(first > 0 ? [span('‹ ', 'faint')] : []), ...drawn(TABS.slice(first))], room);
}

/** Each gate of pass `n`: what it ran, how it ended, and the end of its output. */
export function gatesTab(run: RunState, n: number, room: number): Line[] {
  const pass = run.passes.find((each) => each.n === n);
  const out: Line[] = pass === undefined ? [] : [line(`Pass ${n}`, 'faint')];
  if (run.definition.gates.length === 0)
    return [line('This loop has no gates: it explores and can never land.', 'faint')];
  for (const gate of run.definition.gates) {
    const result = pass?.gates.find(({ id }) => id === gate.id);
    const { glyph, look, word } = GATE[result?.status ?? 'pending'];
    const took = result === undefined || result.ms === 0 ? '' : formatDuration(result.ms);
    const exit =
      result?.exit === null || result?.exit === undefined || result.exit === 0 ? '' : `exit ${result.exit}  `;
    if (out.length > 0) out.push(EMPTY);
    out.push(
      ends(
        [
          span(`${glyph} `, look),
          span(gate.id, 'strong'),
          span(`  ${word}`, look),
          span(gate.required ? '' : '  optional', 'faint'),
        ],
        line(`${exit}${took}`, 'faint'),
        room,
      ),
    );
    out.push(line(`  ${commandOf(gate) === null ? '' : '$ '}${oneLine(demandOf(gate))}`, 'faint'));
    if (result === undefined) continue;
    const wrong = result.status !== 'green';
    if (result.summary !== '') out.push(...wrapped(oneLine(result.summary), room, '  ', wrong ? 'bad' : 'plain'));
    for (const flag of result.flags) out.push(...wrapped(oneLine(flag), room, '  ', 'need'));
    out.push(...measured(run, result, room));
    const tail = block(result.tail).replace(/\s+$/, '');
    if (tail !== '') out.push(...wrapped(tail, room, '  ', 'plain'));
  }
  return out;
}

/** `▁▃▆█  0.61 0.74 0.9`, pass by pass up to this one, and what the last number is made of. */
function measured(run: RunState, { id, score, measures }: GateResult, room: number): Line[] {
  if (score === null) return [];
  const scores = scoresOf(run, id).map((each) => each.score);
  const parts = Object.entries(measures).map(([name, value]) => `${name} ${formatScore(value)}`);
  const numbers = scores.map(formatScore).join(' ');
  return [
    ...wrapped(`${curve(scores)}  ${numbers}`, room, '  ', 'strong'),
    ...(parts.length === 0 ? [] : wrapped(parts.join('  '), room, '  ', 'faint')),
  ];
}

/** The rules the maker was shown, the draft that waits, and the operator's notes. */
export function rulesTab(fleet: FleetState, run: RunState, room: number): Line[] {
  const out: Line[] = [];
  if (run.draft !== null) {
    out.push(line('Drafted, waiting for you (r):', 'need'));
    out.push(
      ...wrapped(oneLine(run.draft.text), room, '  ', 'strong'),
      line(`  in ${oneLine(run.draft.scope)}`, 'faint'),
      EMPTY,
    );
  }
  if (run.rulesShown.length === 0) out.push(line('No rule was shown to this run.', 'faint'));
  for (const id of run.rulesShown) {
    const rule = fleet.rules[id];
    if (rule === undefined) out.push(line(`${id}  no longer in ${run.definition.context.rules.file}`, 'faint'));
    else out.push(...ruleRows(rule, room));
  }
  if (run.notes.length > 0) out.push(EMPTY, line('Notes:', 'faint'));
  for (const note of run.notes) {
    out.push(
      ...wrapped(`» ${oneLine(note.text)}`, room, '', 'plain'),
      line(`  ${oneLine(note.by)}, ${note.state}`, 'faint'),
    );
  }
  return out;
}

/** `r002  the rule's text`, its scope below. */
export function ruleRows(rule: FleetState['rules'][string], room: number): Line[] {
  const look = rule.status === 'active' ? 'plain' : 'faint';
  const [first = '', ...rest] = wrap(oneLine(rule.text), room - 6);
  return [
    [span(`${rule.id.padEnd(5)} `, 'faint'), span(first, look)],
    ...rest.map((each) => line(`      ${each}`, look)),
    line(`      ${rule.status === 'active' ? 'in' : 'retired, was in'} ${oneLine(rule.scope)}`, 'faint'),
  ];
}

/** What it is for, what it may spend, where it works, and the maker's own words. */
export function goalTab(run: RunState, room: number): Line[] {
  const { budget, definition } = run;
  const item =
    run.item === null || run.item === undefined
      ? []
      : wrapped(block(JSON.stringify(run.item, null, 1)), room, '  ', 'plain');
  return [
    line('Goal', 'faint'),
    ...wrapped(block(definition.goal), room, '  ', 'strong'),
    ...(item.length > 0 ? [EMPTY, line('Item', 'faint'), ...item] : []),
    EMPTY,
    line('Budget', 'faint'),
    line(
      `  ${formatTokens(budget.tokens)} tokens, ${formatUsd(budget.usd)}, ${formatDuration(budget.wallMs)}, ${budget.passes} passes`,
    ),
    EMPTY,
    line('Worktree', 'faint'),
    ...wrapped(oneLine(run.worktree ?? 'not made yet'), room, '  ', 'plain'),
    EMPTY,
    line("Maker's prompt", 'faint'),
    ...wrapped(block(definition.prompts.maker.trim()), room, '  ', 'plain'),
  ];
}

const wrapped = (text: string, room: number, indent: string, look: Line[number]['look']): Line[] =>
  wrap(text, room - indent.length).map((row) => line(indent + row, look));
