/** Keys as the keymap names them: `a`, `A`, `space`, `enter`, `esc`, `ctrl-c`, `alt-left`, `shift-tab`. */
import type { Key } from '../compositor/index.ts';
import type { Press } from '../press.ts';

/** One key press by name, or the text of a paste. */
export function pressOf({ name, char, ctrl, meta, shift }: Key): Press {
  if (name === 'paste') return { paste: char };
  const base = name === 'char' ? (char === ' ' ? 'space' : char) : name === 'escape' ? 'esc' : name;
  if (ctrl) return { key: `ctrl-${base}` };
  if (meta) return { key: `alt-${base}` };
  return { key: shift && name === 'tab' ? 'shift-tab' : base };
}
