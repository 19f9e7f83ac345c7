/** Reads front matter YAML into plain values with kebab-case keys, and remembers the line of every key. */
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import { type Complaint, keyOf, type Path, quote } from './problem.ts';

export interface FrontDocument {
  /** Null when the text is no map or could not be read; then there are complaints. `x-*` keys are left out. */
  readonly value: Readonly<Record<string, unknown>> | null;
  readonly complaints: readonly Complaint[];
  /** The file's line of the key or list item at `path`, or of the closest parent that exists. */
  lineOf(path: Path): number;
}

// The longest example has 120 values, 4 levels deep. Aliases can make 9 lines into 10^9 values ("billion laughs").
const MOST_VALUES = 5_000;
const DEEPEST = 16;

/** @param firstLine the file's line on which `text` begins */
export function readDocument(text: string, firstLine: number): FrontDocument {
  const counter = new LineCounter();
  const lines = new Map<string, number>();
  const complaints: Complaint[] = [];
  const lineAt = (offset: number) => firstLine - 1 + Math.max(1, counter.linePos(offset).line);
  const startOf = (node: unknown) => (isNode(node) && node.range ? lineAt(node.range[0]) : undefined);
  const lineOf = (path: Path): number => {
    for (let length = path.length; length > 0; length--) {
      const line = lines.get(JSON.stringify(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  };
  const complain = (line: number, path: Path, message: string, found = '') =>
    complaints.push({ line, key: keyOf(path), found, message });
  const answer = (value: FrontDocument['value']): FrontDocument => ({
    value: complaints.length === 0 ? value : null,
    complaints,
    lineOf,
  });

  // uniqueKeys is ours to check: the library's check is quadratic (20,000 keys took 5 s).
  const documents = parseAllDocuments(text, {
    lineCounter: counter,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'silent',
  });
  const document: Document.Parsed | undefined = Array.isArray(documents) ? documents[0] : undefined;
  if (document === undefined) {
    complain(1, [], 'the front matter is empty: it needs at least name, on, goal and gates');
    return answer(null);
  }
  if (Array.isArray(documents) && documents.length > 1)
    complain(
      lineAt(documents[1]?.range[0] ?? 0),
      [],
      'the front matter holds a second YAML document: remove the line ...',
    );
  const first = document.errors[0] ?? document.warnings[0];
  // One error only: what follows a syntax error is mostly its echo.
  if (first !== undefined) complain(lineAt(first.pos[0]), [], explain(first.code, first.message));
  if (complaints.length > 0) return answer(null);

  let values = 0;
  const convert = (node: unknown, path: Path): unknown => {
    if (++values > MOST_VALUES) throw new TooMuch(`the front matter expands to more than ${MOST_VALUES} values`);
    if (path.length > DEEPEST) throw new TooMuch(`the front matter is nested more than ${DEEPEST} levels deep`);
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target !== undefined) return convert(target, path);
      complain(startOf(node) ?? lineOf(path), path, `no &${node.source} stands above it`, quote(`*${node.source}`));
      return undefined;
    }
    if (isScalar(node)) return node.value;
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        const here = [...path, index];
        lines.set(JSON.stringify(here), startOf(item) ?? lineOf(path));
        return convert(item, here);
      });
    }
    if (!isMap(node)) return null;
    const entries = new Map<string, unknown>();
    for (const pair of node.items) {
      const { key } = pair;
      const line = startOf(key) ?? lineOf(path);
      const written = isScalar(key) ? key.value : undefined;
      if (typeof written !== 'string' || written === '__proto__') {
        complain(line, path, 'a key must be a word', quote(isScalar(key) ? key.value : String(key)));
        continue;
      }
      if (path.length === 0 && written.startsWith('x-')) continue;
      const name = kebab(written);
      const here = [...path, name];
      if (entries.has(name)) {
        const earlier = lines.get(JSON.stringify(here));
        complain(line, here, `the key stands twice, first on line ${earlier}`, written === name ? '' : quote(written));
        continue;
      }
      lines.set(JSON.stringify(here), line);
      entries.set(name, convert(pair.value, here));
    }
    return Object.fromEntries(entries);
  };

  try {
    const value = convert(document.contents, []);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return answer({ ...value });
    complain(firstLine, [], 'the front matter must be a map of keys such as name: ci-fix', quote(value));
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    complain(1, [], error.message);
  }
  return answer(null);
}

class TooMuch extends Error {}

/** `warnAt` and `warn_at` as `warn-at`; what is no word stays as it is. */
export function kebab(key: string): string {
  if (!/^\w[\w-]*$/.test(key)) return key;
  return key.replaceAll('_', '-').replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a}-${b.toLowerCase()}`);
}

/** The `yaml` package's error codes that a loop's author is likely to meet, in words that say what to do. */
function explain(code: string, message: string): string {
  if (code === 'TAB_AS_INDENT') return 'a tab cannot indent YAML: use spaces';
  if (code === 'BAD_SCALAR_START') return 'a value cannot begin with this character: put the value in "quotes"';
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return 'a value with ": " in it must stand in "quotes"';
  if (code === 'TAG_RESOLVE_FAILED') return 'tags such as !name have no meaning in a loop file';
  if (code === 'RESOURCE_EXHAUSTION') return `the front matter is nested more than ${DEEPEST} levels deep`;
  return `not valid YAML: ${message.split('\n')[0]}`;
}
