/** What the pane can expect of this terminal: size, colours, UTF-8. */
import type { Finding } from './finding.ts';

/** Below this the pane shows a plain list (the pane). */
const NARROW_COLUMNS = 30;

export interface TerminalFacts {
  readonly columns: number | null;
  readonly rows: number | null;
  /** Bits per colour as Node reports them: 1, 4, 8 or 24. */
  readonly depth: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function terminalFindings({ columns, rows, depth, env }: TerminalFacts): Finding[] {
  const term = env.TERM ?? '';
  if (columns === null || rows === null) {
    return [finding('terminal', 'missing', 'stdout is no terminal', 'the pane prints plain lines instead of panes')];
  }
  const dumb = term === 'dumb' || term === '';
  const small = columns < NARROW_COLUMNS;
  return [
    finding(
      'terminal',
      dumb || small ? 'poor' : 'ok',
      `${term || 'no TERM'}, ${columns}x${rows}`,
      dumb ? 'set TERM, e.g. xterm-256color' : small ? `widen it to ${NARROW_COLUMNS} columns or more` : null,
    ),
    colour(depth, env),
    isUtf8(env)
      ? finding('encoding', 'ok', 'UTF-8', null)
      : finding('encoding', 'poor', 'not UTF-8, so glyphs are ASCII', 'set LANG, e.g. C.UTF-8'),
  ];
}

function colour(depth: number, env: TerminalFacts['env']): Finding {
  if (env.NO_COLOR) return finding('colour', 'ok', 'off, as NO_COLOR asks', null);
  if (depth <= 1)
    return finding('colour', 'poor', 'none: states are told by glyph and word', 'set TERM, e.g. xterm-256color');
  return finding('colour', 'ok', depth >= 24 ? 'true colour' : `${2 ** depth} colours`, null);
}

/** As C libraries decide it: LC_ALL over LC_CTYPE over LANG. */
export function isUtf8(env: TerminalFacts['env']): boolean {
  return /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '');
}

const finding = (name: string, state: Finding['state'], detail: string, advice: string | null): Finding => ({
  name,
  state,
  version: null,
  detail,
  advice,
});
