/** The passes of one run as a ledger: number, model, tokens, gates, why it ended. */

import { sparkline } from '../../loop/spark.ts';
import type { Pass, RunState } from '../../loop/state.ts';
import { fresh } from '../../loop/tokens.ts';
import { formatTokens, formatUsd } from '../../loop/units.ts';
import { oneLine } from './clean.ts';
import { gateDots } from './gates.ts';
import { freshOf, usd } from './meter.ts';
import { cells, fit, type Line, line, padEnd, padStart, span, width } from './span.ts';

/** Fresh tokens of one pass: the difference to what the run had spent when the next one began. */
export function passTokens(run: RunState, pass: Pass): number {
  const next = run.passes.find(({ n }) => n === pass.n + 1);
  const after = next === undefined ? freshOf(run) : fresh(next.spentBefore.tokens);
  return Math.max(0, after - fresh(pass.spentBefore.tokens));
}

/** Heading, then at most `rows - 1` passes of which `chosen` is one, then what comes next. Each row is `room` cells. */
export function ledgerRows(run: RunState, chosen: number, room: number, rows: number): Line[] {
  const gates = Math.max(5, run.definition.gates.length);
  const withModel = room >= 44;
  const heading = `  PASS ${withModel ? ' MODEL    ' : ''} TOKENS  ${padEnd('GATES', gates)}  WHY IT ENDED`;
  const next = nextWords(run);
  const cost = rows >= 6 ? costRow(run, room) : [];
  const space = Math.max(1, rows - 1 - (next === '' ? 0 : 1) - cost.length);
  const at = Math.max(
    0,
    run.passes.findIndex(({ n }) => n === chosen),
  );
  const start = Math.min(at, Math.max(0, run.passes.length - space));
  const out: Line[] = [fit(line(heading, 'faint'), room)];
  if (run.passes.length === 0) out.push(fit(line('  no pass has begun yet', 'faint'), room));
  for (const pass of run.passes.slice(start, start + space)) {
    const current = pass.n === chosen;
    out.push(
      fit(
        [
          span(current ? '▶ ' : '  ', 'picked'),
          span(padEnd(String(pass.n), 4), current ? 'picked' : 'plain'),
          ...(withModel ? [span(`  ${padEnd(oneLine(pass.model), 8)}`, 'faint')] : []),
          span(` ${padStart(formatTokens(passTokens(run, pass)), 6)}  `),
          ...fit(gateDots(run, pass.n), gates),
          span('  '),
          ...why(run, pass),
        ],
        room,
      ),
    );
  }
  if (next !== '') out.push(fit(line(`  ${next}`, 'faint'), room));
  return [...out, ...cost.map((each) => fit(each, room))];
}

/** What one pass cost so far, USD: the difference to what the run had spent when the next one began. */
function passUsd(run: RunState, pass: Pass): number {
  const next = run.passes.find(({ n }) => n === pass.n + 1);
  return Math.max(0, (next?.spentBefore.usd ?? run.meter.total.usd) - pass.spentBefore.usd);
}

/** `cost ▃▂▅  0.70 0.70 0.44 = $1.84`, pass by pass; in tokens where some of it has no price. Nothing before there are two. */
function costRow(run: RunState, room: number): Line[] {
  if (run.passes.length < 2) return [];
  const { unpriced } = run.meter.total;
  const values = run.passes.map((pass) => (unpriced ? passTokens(run, pass) : passUsd(run, pass)));
  const words = (value: number) => (unpriced ? formatTokens(value) : formatUsd(value).slice(1));
  const total = unpriced ? `${formatTokens(freshOf(run))} tokens` : usd(run.meter.total);
  const course: Line = [span('  cost ', 'faint'), span(sparkline(values), 'busy')];
  const numbers = `  ${values.map(words).join(' ')} = ${total}`;
  const short = `  ${words(Math.max(...values))} at most, ${total}`;
  const fitting = [numbers, short].find((text) => width(course) + cells(text) <= room) ?? `  ${total}`;
  return [[...course, span(fitting, 'faint')]];
}

function why(run: RunState, pass: Pass): Line {
  if (pass.why !== '') return line(oneLine(pass.why), pass.falseDone ? 'warn' : 'plain');
  if (pass.endedAt !== null) return [];
  return run.status.tag === 'open' ? line('running', 'busy') : [];
}

/** Which rung comes next and at what; empty when there is none. */
function nextWords(run: RunState): string {
  if (run.status.tag === 'ended') return '';
  const rung = run.definition.escalate[run.rung];
  if (rung === undefined) return '';
  const when = `${rung.when.replace('-', ' ')}${rung.count > 1 ? ` ${rung.count} times` : ''}`;
  return `next at ${when}: ${rung.maker === null ? 'a person' : oneLine(rung.maker.model)}`;
}
