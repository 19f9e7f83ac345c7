/** Loop files for tests: a legal one to take apart, and the five long examples that the format was designed on. */

/** A legal front matter with these lines in place of, or beside, its own. */
export function loop(lines: readonly string[], body = 'Do it.'): string {
  return ['---', ...lines, '---', body, ''].join('\n');
}

export const LEGAL = ['name: green', 'on: manual', 'goal: "`npm test` exits 0."', 'gates: [npm test]'] as const;
