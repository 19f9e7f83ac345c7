/** Divides a loop file's body among the roles: `## Checker`, `## Triage` and `## Reflect` go to theirs, all the rest to the maker. */
import type { LoopDefinition } from './definition.ts';

type Prompts = LoopDefinition['prompts'];
type Reader = keyof Prompts;

export interface Body {
  readonly prompts: Prompts;
  /** The headings that gave text to another role than the maker; `line` counts from 0 in the body. */
  readonly headings: readonly { readonly text: string; readonly line: number }[];
}

const READERS = new Map<string, Reader>([
  ['checker', 'checker'],
  ['triage', 'triage'],
  ['reflect', 'reflect'],
]);

/** A role's section ends at the next heading of level 1 or 2. Headings inside code fences are text. */
export function splitBody(body: string): Body {
  const lines: Record<Reader, string[]> = { maker: [], checker: [], triage: [], reflect: [] };
  const headings: { text: string; line: number }[] = [];
  let reader: Reader = 'maker';
  let fence: string | null = null;
  for (const [index, line] of body.split('\n').entries()) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && fence === null) fence = mark;
    else if (mark !== undefined && fence !== null && mark.startsWith(fence)) fence = null;
    else if (fence === null && /^##?\s/.test(line)) {
      const title = titleOf(line);
      reader = READERS.get(title.toLowerCase()) ?? 'maker';
      if (reader !== 'maker') {
        headings.push({ text: `## ${title}`, line: index });
        continue;
      }
    }
    lines[reader].push(line);
  }
  const text = (of: Reader) => lines[of].join('\n').trim();
  const prompts = { maker: text('maker'), checker: text('checker'), triage: text('triage'), reflect: text('reflect') };
  return { prompts, headings };
}

// The length keeps the pattern, which is quadratic, from a hostile line.
const titleOf = (line: string): string => (line.length > 80 ? '' : (/^##\s+(.*?)[\s#]*$/.exec(line)?.[1] ?? ''));
