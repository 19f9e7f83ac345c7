/** Why a run is believed done, in a few rows or in full: goal, risk, gates with what they took, the checker's verdict, passes and spend. */
import type { ReviewEntry } from '../../loop/review/queue.ts';
import { riskOf } from '../../loop/review/risk.ts';
import type { FleetState, GateResult, RunState } from '../../loop/state.ts';
import { formatDuration } from '../../loop/units.ts';
import { block, oneLine } from '../present/clean.ts';
import { GATE } from '../present/gates.ts';
import { ledgerRows } from '../present/ledger.ts';
import { gatesTab } from '../present/loop-tabs.ts';
import { PROVENANCE_WORD, timeWords, usd } from '../present/meter.ts';
import { modelWords, standing } from '../present/run-words.ts';
import { EMPTY, join, type Line, type Look, line, type Span, span, wrap } from '../present/span.ts';

export const RISK_LOOK: Readonly<Record<'high' | 'medium' | 'low', Look>> = {
  high: 'bad',
  medium: 'warn',
  low: 'plain',
};

/** Goal, gates, checker and spend, risk: the most telling first, as many as there is room for. */
export function evidenceRows(entry: ReviewEntry, now: number): Line[] {
  const { run } = entry;
  if (run === null)
    return [
      [
        span(entry.id, 'strong'),
        span('  has landed and is no longer remembered; its diff is still in the repository', 'faint'),
      ],
    ];
  const { glyph, look, word } = standing(run);
  return [
    [span(`${run.id} `, 'strong'), span(`${glyph} ${word}  `, look), span(oneLine(run.definition.goal))],
    gatesLine(run),
    join([...riskParts(run)], '  '),
    join(
      [
        checkerLine(run),
        line(`${run.passes.length} ${run.passes.length === 1 ? 'pass' : 'passes'}`),
        line(modelWords(run)),
        line(`${usd(run.meter.total)} ${PROVENANCE_WORD[run.provenance]}`),
        line(timeWords(run, now)),
      ],
      '  ',
    ),
    changeLine(run),
  ];
}

function riskParts(run: RunState): Line[] {
  const { score, word, reasons } = riskOf(run);
  return [
    [span(`risk ${score} ${word}`, RISK_LOOK[word])],
    ...reasons.slice(0, 4).map(({ words }): Line => [span(oneLine(words), 'faint')]),
  ];
}

const lastResults = (run: RunState): readonly GateResult[] => run.passes.at(-1)?.gates ?? [];

/** `types ✓ 1.2s  unit ✓ 12s`: what was red would not be here, what was not run is said. */
function gatesLine(run: RunState): Line {
  const results = lastResults(run);
  if (run.definition.gates.length === 0) return line('no gates: it explores', 'faint');
  return join(
    run.definition.gates.map(({ id, required }): Span[] => {
      const result = results.find((each) => each.id === id);
      const { glyph, look } = GATE[result?.status ?? 'pending'];
      return [
        span(`${oneLine(id)} `),
        span(glyph, look),
        span(result === undefined || result.ms === 0 ? '' : ` ${formatDuration(result.ms)}`, 'faint'),
        ...(required ? [] : [span(' optional', 'faint')]),
        ...((result?.flags.length ?? 0) > 0 ? [span(' flagged', 'need')] : []),
      ];
    }),
    '  ',
  );
}

function checkerLine(run: RunState): Line {
  if (run.definition.checker === null) return line('no checker', 'faint');
  const open = run.findings.length;
  const verdict = run.votes.at(-1)?.says ?? null;
  if (verdict === null) return line('checker has not judged', 'warn');
  const words =
    verdict === 'holds' ? 'checker: holds' : verdict === 'refuted' ? 'checker: refuted' : 'checker: no verdict';
  return [
    span(words, verdict === 'holds' ? 'good' : 'warn'),
    ...(open === 0 ? [] : [span(` with ${open} ${open === 1 ? 'finding' : 'findings'}`, 'warn')]),
  ];
}

function changeLine({ review, commit, branch }: RunState): Line {
  if (review === null) return line(commit === null ? 'not committed yet' : '', 'faint');
  const files = `${review.files} ${review.files === 1 ? 'file' : 'files'}`;
  return [
    span(files),
    span(` +${review.added}`, 'good'),
    span(` −${review.removed}`, 'removed'),
    ...(review.skipped > 0
      ? [span(`  ${review.skipped} ${review.skipped === 1 ? 'line' : 'lines'} generated or locked, not owed`, 'faint')]
      : []),
    span(`  ${oneLine(branch)} ${commit?.slice(0, 8) ?? ''}`, 'faint'),
  ];
}

/** Everything there is to say for and against it, as a sheet shows it in `room` cells. */
export function evidenceLines(fleet: FleetState, entry: ReviewEntry, now: number, room: number): Line[] {
  const { run } = entry;
  if (run === null) return evidenceRows(entry, now);
  const { score, word, reasons } = riskOf(run);
  const title = (words: string): Line[] => [EMPTY, line(words, 'strong')];
  const text = (words: string, look: Look = 'plain'): Line[] => wrap(words, room).map((row) => line(row, look));
  const last = run.passes.at(-1)?.n ?? 0;
  return [
    ...text(block(run.definition.goal), 'strong'),
    ...title(`Risk ${score}, ${word}`),
    ...reasons.flatMap(({ points, words }) => text(`${String(points).padStart(3)}  ${oneLine(words)}`)),
    ...text('A rule of thumb to sort by, not a probability.', 'faint'),
    ...title('Checker'),
    ...(run.definition.checker === null
      ? text('This loop has none.', 'faint')
      : [
          checkerLine(run),
          ...run.findings.flatMap(({ where, what }) => text(`${oneLine(where)} ${oneLine(what)}`.trim())),
        ]),
    ...title('Passes'),
    ...ledgerRows(run, last, room, run.passes.length + 2),
    ...title('Gates of the last pass'),
    ...gatesTab(run, last, room),
    ...(run.rulesShown.length === 0
      ? []
      : [...title('Rules it was told'), ...text(run.rulesShown.filter((id) => id in fleet.rules).join(', '))]),
  ];
}
