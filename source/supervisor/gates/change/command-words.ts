/** The simple commands in a shell command line, well enough to tell which programs and script files it runs. Nothing is expanded. */

export interface SimpleCommand {
  /** Folder it runs in, relative to where the command line starts; `` for there. */
  readonly folder: string;
  /** Program and arguments, without quotes, assignments and what only wraps a command (`env`, `time`, `npx` …). */
  readonly words: readonly string[];
}

const WORD = /\d*[<>]+(?:&[\d-]*)?|(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s;&|()<>"'\\])+|\n|[;&|()]+/g;
const BREAK = /^[\n;&|()]+$/;

export function commandsIn(line: string): SimpleCommand[] {
  const found: SimpleCommand[] = [];
  let folder = '';
  let words: string[] = [];
  const end = () => {
    const [program, place] = words;
    if (program === 'cd' && place !== undefined) folder = joined(folder, place);
    else if (words.length > 0) found.push({ folder, words: unwrapped(words) });
    words = [];
  };
  let toFile = false;
  for (const [token] of line.replace(/\\\n/g, ' ').matchAll(WORD)) {
    if (/^\d*[<>]/.test(token)) toFile = !token.includes('&');
    else if (BREAK.test(token)) end();
    else if (toFile) toFile = false;
    else words.push(unquoted(token));
  }
  end();
  return found.filter((each) => each.words.length > 0);
}

/** A path from `folder`, without `./`; one that leads out of where we started keeps its dots, and is no file of ours. */
export function joined(folder: string, path: string): string {
  const steps: string[] = [];
  for (const step of `${folder}/${path}`.split('/')) {
    if (step === '' || step === '.') continue;
    if (step === '..' && steps.length > 0 && steps.at(-1) !== '..') steps.pop();
    else steps.push(step);
  }
  return steps.join('/');
}

const unquoted = (token: string): string =>
  token.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g, (_all, double?: string, single?: string, escaped?: string) =>
    double !== undefined ? double.replace(/\\(["\\$`])/g, '$1') : (single ?? escaped ?? ''),
  );

const WRAPPERS = new Set([
  'env',
  'exec',
  'time',
  'nice',
  'command',
  'npx',
  'bunx',
  'xvfb-run',
  'timeout',
  'corepack',
  '!',
  '{',
  'if',
  'then',
  'do',
]);

/** `CI=1 npx --yes vitest run` as `vitest run`. */
function unwrapped(words: readonly string[]): string[] {
  let at = 0;
  for (let wraps = false; at < words.length; at++) {
    const word = words[at] ?? '';
    if (WRAPPERS.has(word)) wraps = true;
    else if (!/^\w+=/.test(word) && !(wraps && /^-|^\d+[smh]?$/.test(word))) break;
  }
  return words.slice(at);
}
