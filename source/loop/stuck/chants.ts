/** A model that says the same words for ever. The chunk test of gemini-cli (loopDetectionService.ts), asked of the end of a text. */

const CHUNK = 50;
/** The same chunk so often, at an average distance of so many characters, with so many different distances at most. */
export const CHANTED = 10;
const APART = 250;
const PERIODS = 5;
/** Where a text has structure, lines look alike: what stands before and in such a line is not compared. */
const STRUCTURE = /^(?:```|~~~|\s*\||\s*[-*+•]\s|\s*\d+[.)]\s|#{1,6}\s|>|[^\p{L}]*$)/u;

/** How often the last 50 characters stand in a row of equal chunks at the end of `text`; 0 or 1 when they do not. */
export function chants(text: string): number {
  if (text.length < CHUNK * 2) return 0;
  const prose = afterStructure(text.slice(-(APART * CHANTED)));
  const chunk = prose.slice(-CHUNK);
  // A row of dots or dashes is a line, not speech.
  if (chunk.length < CHUNK || (chunk.match(/\p{L}/gu)?.length ?? 0) < CHUNK / 3) return 0;
  let times = 1;
  let at = prose.length - CHUNK;
  const periods = new Set<number>();
  while (at > 0) {
    const earlier = prose.lastIndexOf(chunk, at - 1);
    if (earlier === -1 || at - earlier > APART) break;
    periods.add(at - earlier);
    if (periods.size > PERIODS) return 0;
    at = earlier;
    times++;
  }
  return times;
}

/** What follows the last line that is no prose. A text of one line is all prose. */
function afterStructure(text: string): string {
  const lines = text.trimEnd().split('\n');
  const last = lines.findLastIndex((line) => line.trim() !== '' && STRUCTURE.test(line));
  return lines.slice(last + 1).join('\n');
}
