/** Divides a loop file's body among the roles: `## Checker`, `## Triage` and `## Reflect` go to theirs, all the rest to the maker. */
import type { LoopDefinition } from './definition.ts';

type Prompts = LoopDefinition['prompts'];
type Reader = keyof Prompts;

const READERS: Readonly<Record<string, Reader>> = { checker: 'checker', triage: 'triage', reflect: 'reflect' };

/** A role's section ends at the next heading of level 1 or 2. Headings inside code fences are text. */
export function splitBody(body: string): Prompts {
  const lines: Record<Reader, string[]> = { maker: [], checker: [], triage: [], reflect: [] };
  let reader: Reader = 'maker';
  let fence: string | null = null;
  for (const line of body.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && fence === null) fence = mark;
    else if (mark !== undefined && fence !== null && mark.startsWith(fence)) fence = null;
    else if (fence === null && /^##?\s/.test(line)) {
      const heading = /^##\s+(.*?)[\s#]*$/.exec(line)?.[1]?.toLowerCase() ?? '';
      reader = Object.hasOwn(READERS, heading) ? (READERS[heading] ?? 'maker') : 'maker';
      if (reader !== 'maker') continue;
    }
    lines[reader].push(line);
  }
  const text = (of: Reader) => lines[of].join('\n').trim();
  return { maker: text('maker'), checker: text('checker'), triage: text('triage'), reflect: text('reflect') };
}
