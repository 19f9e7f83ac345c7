/** Gates as text: one sign per pass and gate, so that progress over the passes is seen at a glance. */
import type { GateDefinition } from '../../loop/definition/gates.ts';
import { curve, formatScore, isScored, scoresOf } from '../../loop/score.ts';
import type { GateStatus, RunState } from '../../loop/state.ts';
import { join, type Line, type Look, line, type Span, span } from './span.ts';

export const GATE: Readonly<
  Record<GateStatus, { readonly glyph: string; readonly look: Look; readonly word: string }>
> = {
  pending: { glyph: '·', look: 'faint', word: 'not yet' },
  running: { glyph: '◐', look: 'busy', word: 'running' },
  green: { glyph: '✓', look: 'good', word: 'green' },
  red: { glyph: '✗', look: 'bad', word: 'red' },
  timeout: { glyph: '✗', look: 'bad', word: 'timed out' },
  error: { glyph: '✗', look: 'bad', word: 'could not run' },
};

/** Passes shown per gate; the oldest go first. */
const PASSES = 8;

/** `types ✓✓✓  lint ✓✓✓  unit ✗✗·`: each gate with its result in every pass so far. */
export function gateHistory(run: RunState): Line {
  if (run.definition.gates.length === 0) return line('no gates: it explores', 'faint');
  return join(
    run.definition.gates.map((gate) => {
      const results = run.passes.slice(-PASSES).map((pass) => {
        const { glyph, look } = GATE[pass.gates.find(({ id }) => id === gate.id)?.status ?? 'pending'];
        return span(glyph, look);
      });
      return [span(`${gate.id} `), ...(results.length > 0 ? results : [span('·', 'faint')]), ...scoreOf(run, gate)];
    }),
    '  ',
  );
}

/** ` ▁▃▅▆ 0.71 → 0.94 of 0.97`: how the number of a gate that measures went, and where it shall go. Nothing before there is one. */
function scoreOf(run: RunState, gate: GateDefinition): Line {
  if (!isScored(gate)) return [];
  const scores = scoresOf(run, gate.id).map(({ score }) => score);
  const [first] = scores;
  const last = scores.at(-1);
  if (first === undefined || last === undefined) return [];
  const bound = gate.type === 'visual' ? gate.likeness.minSsim : (gate.max ?? gate.min ?? run.bars[gate.id] ?? null);
  const from = scores.length > 1 ? `${formatScore(first)} → ` : '';
  const to = bound === null ? '' : ` of ${formatScore(bound)}`;
  return [span(` ${curve(scores.slice(-PASSES))}`, 'busy'), span(` ${from}${formatScore(last)}${to}`, 'faint')];
}

/** `✓✗·`: one sign per gate, of one pass (or of the newest). */
export function gateDots(run: RunState, n: number = run.pass): Line {
  const pass = run.passes.find((each) => each.n === n);
  return run.definition.gates.map((gate): Span => {
    const { glyph, look } = GATE[pass?.gates.find(({ id }) => id === gate.id)?.status ?? 'pending'];
    return span(glyph, look);
  });
}
