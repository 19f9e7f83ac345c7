/** What a test is, and how one is skipped, in the languages that gates run: by file name and by the text of a line. */
import { matcher } from '../globs.ts';

export const isTest = matcher([
  '**/*.{test,tests,spec,e2e,cy}.*',
  '**/*_{test,spec}.*',
  '**/test_*.py',
  '**/conftest.py',
  '**/*{Test,Tests,Spec}.{java,kt,scala,groovy,cs,php,swift}',
  '**/{test,tests,__tests__,spec,specs,e2e,cypress}/**',
]);

interface Language {
  readonly files: (path: string) => boolean;
  /** Also in files that are no tests: Rust has its tests beside the code. */
  readonly anywhere: boolean;
  readonly skips: readonly RegExp[];
  /** One match a test. */
  readonly cases: RegExp | null;
}

const ending = (...names: string[]) => matcher(names.map((name) => `**/*.${name}`));
/** Not behind a comment's beginning: a test that is commented out is none. */
const LIVE = String.raw`^(?![^\S\n]*(?://|/\*|\*|#))[^\n]*?`;

const LANGUAGES: readonly Language[] = [
  {
    files: ending('js', 'jsx', 'mjs', 'cjs', 'ts', 'tsx', 'mts', 'cts', 'vue', 'svelte'),
    anywhere: false,
    skips: [
      /\b(?:it|test|describe|context|suite|specify|bench|t|this|ctx)\s*(?:\.\s*\w+\s*)*\.\s*(?:skip|skipIf|runIf|only|todo|fails|failing|fixme)\b/g,
      /\b(?:it|test|describe|context|suite|specify)\s*\[\s*['"`](?:skip|only|todo)\b/g,
      /\b(?:xit|xtest|xdescribe|xcontext|xspecify|fit|fdescribe|fcontext)\s*[(.`]/g,
      /[{,]\s*(?:skip|todo|only)\s*:\s*(?!false\b)/g,
    ],
    cases: new RegExp(String.raw`${LIVE}\b(?:it|test|specify)\s*(?:\.\s*(?:each|concurrent)\b[^\n]*?)?\(`, 'gm'),
  },
  {
    files: ending('py'),
    anywhere: false,
    skips: [
      /\b(?:pytest\s*\.\s*mark\s*\.\s*|unittest\s*\.\s*)(?:skip|skipif|skipIf|skipUnless|xfail|expectedFailure)\b/g,
      /@\s*(?:skip|skipif|skipIf|skipUnless|xfail|expectedFailure)\b/g,
      /\bpytest\s*\.\s*(?:skip|xfail|importorskip)\s*\(/g,
      /\bself\s*\.\s*skipTest\s*\(|\bSkipTest\b|\b__test__\s*=\s*False\b|\bcollect_ignore/g,
    ],
    cases: new RegExp(String.raw`${LIVE}\bdef\s+test\w*\s*\(`, 'gm'),
  },
  {
    files: ending('go'),
    anywhere: false,
    skips: [/\b[tbf]\s*\.\s*Skip(?:f|Now)?\s*\(/g, /^\/\/\s*(?:go:build|\+build)\s+ignore\b/gm],
    cases: new RegExp(String.raw`${LIVE}\bfunc\s+(?:Test|Benchmark|Fuzz|Example)\w*\s*\(`, 'gm'),
  },
  {
    files: ending('rs'),
    anywhere: true,
    skips: [/#\s*\[\s*(?:ignore\b|cfg_attr\s*\([^\]]*\bignore\b|cfg\s*\(\s*(?:any\s*\(\s*\)|FALSE|false))/g],
    cases: /^[^\S\n]*#\s*\[\s*(?:\w+::)*test\b/gm,
  },
  {
    files: ending('java', 'kt', 'scala', 'groovy'),
    anywhere: false,
    skips: [
      /@(?:Disabled|Ignore|DisabledIf|EnabledIf)\w*\b/g,
      /\bassume(?:True|False|That)\s*\(/g,
      /\bignore\s*\(\s*"/g,
    ],
    cases: new RegExp(String.raw`${LIVE}@(?:Test|ParameterizedTest|RepeatedTest)\b`, 'gm'),
  },
  {
    files: ending('cs', 'php', 'swift', 'rb', 'ex', 'exs', 'bats', 'sh'),
    anywhere: false,
    skips: [
      /\[\s*(?:Ignore|Explicit)\b|\bSkip\s*=\s*"|\bAssert\.(?:Ignore|Inconclusive)\s*\(/g,
      /\bmarkTest(?:Skipped|Incomplete)\s*\(|\bXCTSkip\w*\b|\bthrow\s+XCTSkip\b/g,
      /^\s*(?:xit|xdescribe|xcontext|xspecify|pending|skip|fit|fdescribe)\b/gm,
      /@(?:module|describe)?tag\s*:?\s*:?\(?(?::?skip)\b|\bskip:\s*true/g,
    ],
    cases: null,
  },
];

const languageOf = (path: string): Language | undefined =>
  LANGUAGES.find(({ files, anywhere }) => files(path) && (anywhere || isTest(path)));

/** The lines that skip a test, or run only one, as they stand in the text; trimmed. */
export const skipsIn = (path: string, text: string): readonly string[] =>
  matchedLines(text, languageOf(path)?.skips ?? []);

/** How many tests the text declares; null where we cannot tell. */
export function casesIn(path: string, text: string): number | null {
  const cases = languageOf(path)?.cases ?? null;
  return cases === null ? null : (text.match(cases) ?? []).length;
}

/** The line in which each match begins. */
export const matchedLines = (text: string, patterns: readonly RegExp[]): string[] =>
  patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(({ index, 0: match }) => {
      const from = text.lastIndexOf('\n', index) + 1;
      const end = text.indexOf('\n', index + match.trimEnd().length - 1);
      return text
        .slice(from, end === -1 ? undefined : end)
        .replace(/\s+/g, ' ')
        .trim();
    }),
  );
