/** Agent events and gate results as plain lines: thought, action, observation. Everything comes out sanitised. */
import type { AgentEvent } from '../../loop/agent-event.ts';
import type { GateResult } from '../../loop/state.ts';
import { sanitize } from '../../loop/text.ts';
import { formatDuration } from '../../loop/units.ts';
import { isUtf8 } from '../doctor/terminal.ts';
import { gateGlyph } from '../words.ts';

/** An observation can be a whole file; --raw has all of it. */
const LINES_SHOWN = 20;
/** Characters of a line that stands for something longer. */
const LINE_CHARS = 400;

export function spoken(event: AgentEvent): string[] {
  switch (event.type) {
    case 'started':
      return block(' ', `session ${event.session}, ${event.model}`);
    case 'thought':
      return block(mark('◇', '-'), event.text);
    case 'said':
      return block(' ', event.text);
    case 'acted':
      return [short(`${mark('▸', '>')} ${event.tool} ${event.input}`)];
    case 'observed':
      return block(event.ok ? ' ' : mark('✗', 'x'), event.output);
    case 'asked':
      return block('?', event.question);
    case 'heard':
      return block(mark('»', '<'), event.text);
    case 'retrying':
      return [short(`! retries in ${formatDuration(event.inMs)}: ${event.reason}`)];
    case 'limited':
      return block('!', event.detail);
    case 'hidden':
      return [short(`! not metered: ${event.what}`)];
    case 'warned':
      return block('!', event.text);
    case 'ended':
      return [short(`${mark('■', '#')} ${event.outcome}${event.error === undefined ? '' : `: ${event.error}`}`)];
    case 'unknown':
      return event.raw.trim() === '' ? [] : [short(`${mark('·', '.')} ${event.raw}`)];
    case 'usage':
    case 'answered':
      return [];
  }
}

/** A gate that has ended, with the end of its output when it is red. */
export function spokenGate(gate: GateResult): string[] {
  const exit = gate.exit === null || gate.exit === 0 ? '' : ` exit ${gate.exit}`;
  const line = short(
    `${gateGlyph(gate)} ${gate.id} ${gate.status}${exit}, ${formatDuration(gate.ms)}  ${gate.summary}`,
  );
  return gate.status === 'green' ? [line] : [line, ...block(' ', gate.tail.trim())];
}

/** The first line behind `mark`, the others under it. */
function block(mark: string, text: string): string[] {
  const lines = text.trimEnd().split('\n');
  if (lines.length === 1 && lines[0] === '') return [];
  const shown = lines.slice(0, LINES_SHOWN).map((line, at) => cutOff(`${at === 0 ? mark : ' '} ${sanitize(line)}`));
  return lines.length > LINES_SHOWN ? [...shown, `  … ${lines.length - LINES_SHOWN} more lines, see --raw`] : shown;
}

const short = (text: string): string => cutOff(sanitize(text).trimEnd());

const cutOff = (line: string): string => (line.length > LINE_CHARS ? `${line.slice(0, LINE_CHARS - 1)}…` : line);

const mark = (glyph: string, ascii: string): string => (isUtf8(process.env) ? glyph : ascii);
