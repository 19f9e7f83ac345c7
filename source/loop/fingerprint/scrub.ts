/** Takes out of program output what differs between two runs of the same failure. What is left may be compared, not shown. */

/** A line longer than this is data; its beginning says enough, and no pattern here need look at more. */
const LONGEST_LINE = 500;

const ESCAPE = new RegExp(
  [
    '\\u001b\\][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)?', // OSC: titles, links
    '\\u001b[P^_X][^\\u001b]*(?:\\u001b\\\\)?', // DCS, PM, APC, SOS
    '[\\u001b]\\[[0-?]*[ -/]*[@-~]', // CSI: colours, cursor
    '\\u009b[0-?]*[ -/]*[@-~]',
    '\\u001b[ -/]*[0-~]',
  ].join('|'),
  'g',
);

/** The last `most` lines of the output as text: no escape sequences, nothing that was overwritten with a carriage return, no control characters. */
export function plain(output: string, most: number): string[] {
  return output
    .replace(ESCAPE, '')
    .split('\n')
    .slice(-most)
    .map((line) => {
      const kept = line.replace(/\r+$/, '').slice(-10 * LONGEST_LINE);
      const last = kept.slice(kept.lastIndexOf('\r') + 1);
      return last
        .slice(0, LONGEST_LINE)
        .replaceAll('\t', '    ')
        .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '')
        .trimEnd()
        .toWellFormed();
    });
}

const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '<id>'],
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?/g, '<time>'],
  [/\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?: ?[AP]M)?\b/gi, '<time>'],
  [/\b0x[0-9a-f]+\b/gi, '<hex>'],
  [/\b\d+(?:[.,]\d+)?(?:e-?\d+)?\s?(?:ns|[µu]s|ms|s|secs?|seconds?|m|mins?|minutes?|h)\b/gi, '<took>'],
  [/\b(?:pid|process|thread|port|worker|seed)(?:[ :=#]|\s*\[)+\d+\]?/gi, '<number>'],
  [/\b(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):\d+/g, '<port>'],
  [/(?:file:\/\/)?(?<![\w.<])(?:[A-Za-z]:)?(?:[\\/][\w.@~+%=,#$-]+){2,}[\\/]?/g, '<path>'],
  [/(?<=\.[a-z]\w{0,5})(?::\d+){1,2}\b|(?<=\.[a-z]\w{0,5})\(\d+,\d+\)/gi, ''],
  [/\bline \d+(?:,? col(?:umn)? \d+)?/gi, 'line'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,}\b/gi, '<hex>'],
  [/\b\d{5,}\b/g, '<number>'],
];

/** A line (or a test's name) without times, durations, ids, addresses, places and line numbers. */
export function scrub(line: string): string {
  let text = line.slice(0, LONGEST_LINE);
  for (const [pattern, word] of CHANGING) {
    text = text.replace(pattern, (found) => (word === '<path>' ? fileOf(found) : word));
  }
  return text.replace(/\s+/g, ' ').trim();
}

/** An absolute path is another one in every worktree; the name of the file, if it looks like one, stays. */
function fileOf(path: string): string {
  const parts = path.split(/[\\/]/).filter(Boolean);
  const file = parts.at(-1) ?? '';
  return parts.length >= 3 && /^[\w.@-]*[A-Za-z][\w@-]*\.[A-Za-z]{1,5}$/.test(file) ? `<path>/${file}` : '<path>';
}
