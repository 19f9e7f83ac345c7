/** From the text of a loop file to its definition, or to everything that is wrong with it. */
import { type Body, splitBody } from './body.ts';
import { define } from './define.ts';
import type { LoopDefinition } from './definition.ts';
import { readDocument } from './document.ts';
import { type Fenced, splitFence } from './fence.ts';
import { check } from './issues.ts';
import { type Complaint, keyOf, type Problem, quote, type Remark, valueAt } from './problem.ts';
import { type FrontMatter, frontMatter } from './schema/front-matter.ts';
import { makesSense } from './sense.ts';
import { thisVersion } from './this-version.ts';

export interface Parsed {
  /** Null when there are problems. */
  readonly definition: LoopDefinition | null;
  /** Why the loop cannot run, by line. */
  readonly problems: readonly Problem[];
  /** What the file asks for and does not get, by line. */
  readonly warnings: readonly Problem[];
}

/**
 * Never throws, whatever the text.
 * @param path the file as messages shall name it; its last part without `.md` is the name that the loop must have
 */
export function parseLoop(text: string, path: string): Parsed {
  const refuse = (complaints: readonly Complaint[], warnings: readonly Complaint[] = []): Parsed => ({
    definition: null,
    problems: inFile(path, complaints),
    warnings: inFile(path, warnings),
  });

  const fenced = splitFence(text);
  if ('message' in fenced) return refuse([fenced]);
  const { value, complaints, lineOf } = readDocument(fenced.yaml, fenced.yamlLine);
  if (value === null) return refuse(complaints);
  const complain = ({ path: at, message, found }: Remark): Complaint => ({
    line: lineOf(at),
    key: keyOf(at),
    found: found ?? quote(valueAt(value, at)),
    message,
  });

  const { value: front, remarks } = check(frontMatter, value);
  if (front === null) return refuse(remarks.map(complain));
  const stem = path.replace(/^.*[/\\]/, '').replace(/\.md$/, '');
  const now = thisVersion(front, value);
  const body = splitBody(fenced.body);
  const warnings = [...now.warnings.map(complain), ...aboutBody(fenced, body, front)];
  const problems = [...makesSense(front, value, stem), ...now.problems].map(complain);
  if (problems.length > 0) return refuse(problems, warnings);
  return { definition: define(front, value, body.prompts), problems: [], warnings: inFile(path, warnings) };
}

/** Sections of roles that the loop does not have, and a body that says nothing. */
function aboutBody({ bodyLine }: Fenced, { prompts, headings }: Body, { agents, gates }: FrontMatter): Complaint[] {
  const complain = (line: number, key: string, message: string): Complaint => ({ line, key, found: '', message });
  const played: Readonly<Record<string, boolean>> = {
    checker: agents.checker !== undefined || gates.some(({ type }) => type === 'checker'),
    triage: agents.triage !== undefined,
    reflect: agents.reflector !== undefined,
  };
  const unread = headings
    .filter(({ text }) => played[text.replace(/^##\s*/, '').toLowerCase()] === false)
    .map(({ text, line }) => complain(bodyLine + line, text, 'nobody reads this section: the loop has no such role'));
  const triages = agents.triage !== undefined && agents.maker === undefined;
  const led = triages ? prompts.maker + prompts.triage : prompts.maker;
  if (led !== '' || (agents.maker?.engine ?? 'claude') !== 'claude') return unread;
  const silent = `no text after the front matter: the ${triages ? 'triage' : 'maker'} is told the goal and nothing else`;
  return [...unread, complain(bodyLine - 1, '', silent)];
}

function inFile(file: string, complaints: readonly Complaint[]): Problem[] {
  return complaints.map((complaint) => ({ file, ...complaint })).sort((a, b) => a.line - b.line);
}
