/** The few words of an error report that say what was wrong, out of the many that say where. */

/** The lines from `start` to the first that matches `end`, at most 40. */
export function until(lines: readonly string[], start: number, end: RegExp): string[] {
  const rest = lines.slice(start, start + 40);
  const last = rest.findIndex((line) => end.test(line));
  return last < 0 ? rest : rest.slice(0, last);
}

/**
 * One line for a report like
 * `AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:` / `2 !== 3`, or `Expected: 3` / `Received: 2`.
 */
export function reasonIn(report: readonly string[]): string {
  const said = report
    .map((line) => line.trim())
    .filter((line) => line && !/^(?:test at |\+ actual|- expected|[+-] )/i.test(line));
  const [first = '', second = ''] = said;
  const expected = valueAfter(
    said,
    /^(?:Expected(?: number of calls| value| length| substring| pattern)?|right): +(.+)$/i,
  );
  const received = valueAfter(said, /^(?:Received(?: number of calls| value| length| string)?|left): +(.+)$/i);
  if (expected !== null && received !== null) return `expected ${expected}, saw ${received}`;
  // An error that ends with a colon says the rest below.
  const words = first.replace(/^(?:Uncaught )?(?:AssertionError|Error)(?: \[\w+\])?: /, '');
  if (!words.endsWith(':')) return words;
  return /[\w'"]/.test(second) ? second : words.slice(0, -1);
}

function valueAfter(lines: readonly string[], pattern: RegExp): string | null {
  for (const line of lines) {
    const value = pattern.exec(line)?.[1];
    if (value !== undefined) return value;
  }
  return null;
}
