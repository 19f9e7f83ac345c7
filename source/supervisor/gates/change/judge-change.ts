/** A gate on the change itself, from the base commit to the worktree as it stands: what it may touch, and that no test was silenced. */
import type { DiffGate } from '../../../loop/definition/gates.ts';
import { matcher } from '../../../loop/globs.ts';
import { casesIn, isTest, matchedLines, skipsIn } from '../../../loop/review/tests.ts';
import type { Change, ChangedFile } from '../../git/change.ts';
import { type GateOutcome, green, printOf, red } from '../outcome.ts';
import { gateFiles } from './gate-files.ts';

/** Text that is looked into; larger tests are refused, larger other files passed over. */
const MOST = 2 * 1024 * 1024;
/** Findings that are told; the rest is counted. */
const TOLD = 40;

/** @param change null where nothing was changed @param commands of all gates of the loop */
export async function judgeChange(
  gate: DiffGate,
  change: Change | null,
  commands: readonly string[],
): Promise<GateOutcome> {
  const began = performance.now();
  const texts = change === null ? null : await readTexts(change);
  const findings = change === null || texts === null ? [] : await findingsIn(gate, change, texts, commands);
  const ms = Math.round(performance.now() - began);
  const files = change?.files.length ?? 0;
  const size = `${files} ${files === 1 ? 'file' : 'files'} and ${texts?.lines ?? 0} lines changed`;
  const [first] = findings;
  if (first === undefined) return green({ ms, tail: size });
  const more = findings.length > 1 ? ` (+${findings.length - 1} more)` : '';
  const told = findings.slice(0, TOLD).map((each) => `- ${each}`);
  return red(`${first}${more}`, {
    ms,
    fingerprint: printOf(...findings.toSorted()),
    tail: [size, ...told, ...(findings.length > TOLD ? [`… ${findings.length - TOLD} more`] : [])].join('\n'),
  });
}

async function findingsIn(
  gate: DiffGate,
  change: Change,
  texts: Texts,
  commands: readonly string[],
): Promise<string[]> {
  const isExcepted = matcher(gate.except);
  const own = change.files.filter(({ path }) => !isExcepted(path));
  return [
    ...outOfBounds(gate.paths, change.files, texts.lines),
    ...deleted(gate, own),
    ...(gate.protects
      ? (await gateFiles(change, commands)).flatMap(({ path, words }) => (isExcepted(path) ? [] : [words]))
      : []),
    ...(gate.protects || gate.forbidAdded.length > 0 ? added(gate, own, texts) : []),
  ];
}

interface Texts {
  /** The content behind a hash; empty for null, null for what is too large. */
  of(hash: string | null): string | null;
  /** Added and removed over all files; a line that was only moved within its file is neither. */
  readonly lines: number;
}

/** Lines are counted here and not by git: an agent's attributes could declare its tests binary, and those have no lines. */
async function readTexts({ files, contents }: Change): Promise<Texts> {
  const hashes = files.flatMap(({ before, after }) => [before, after].filter((hash) => hash !== null));
  const found = await contents(hashes, MOST);
  const of = (hash: string | null) => (hash === null ? '' : (found.get(hash)?.toString('utf8') ?? null));
  const lines = files.map((file) => {
    const [before, after] = [of(file.before), of(file.after)];
    if (before === null || after === null) return file.lines;
    return before.includes('\0') || after.includes('\0') ? 0 : differing(before, after);
  });
  return { of, lines: lines.reduce((sum, each) => sum + each, 0) };
}

function differing(before: string, after: string): number {
  const balance = new Map<string, number>();
  for (const [text, sign] of [
    [before, -1],
    [after, 1],
  ] as const)
    for (const line of linesOf(text)) balance.set(line, (balance.get(line) ?? 0) + sign);
  return [...balance.values()].reduce((sum, each) => sum + Math.abs(each), 0);
}

/** What stands behind the last newline is no line. */
const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

function outOfBounds(
  { allow, deny, maxFiles, maxLines }: DiffGate['paths'],
  files: readonly ChangedFile[],
  lines: number,
): string[] {
  const isAllowed = allow === null ? () => true : matcher(allow);
  const isDenied = matcher(deny);
  // Both ends of a move: away from a place that may not be touched is a touch.
  const touched = [...new Set(files.flatMap(({ path, was }) => [path, ...(was === null ? [] : [was])]))];
  return [
    ...touched.filter(isDenied).map((path) => `${path} may not be changed`),
    ...touched
      .filter((path) => !isDenied(path) && !isAllowed(path))
      .map((path) => `${path} is outside of what may be changed`),
    ...(maxFiles !== null && files.length > maxFiles
      ? [`${files.length} files changed, at most ${maxFiles} may be`]
      : []),
    ...(maxLines !== null && lines > maxLines ? [`${lines} lines changed, at most ${maxLines} may be`] : []),
  ];
}

function deleted({ protects, forbidDeleted }: DiffGate, files: readonly ChangedFile[]): string[] {
  const isForbidden = matcher(forbidDeleted);
  return files.flatMap(({ status, path, was }) => {
    if (was === null) return [];
    const test = protects && isTest(was);
    if (status === 'deleted' && (test || isForbidden(was))) return [`${was} was deleted`];
    const left = status === 'renamed' && ((test && !isTest(path)) || (isForbidden(was) && !isForbidden(path)));
    return left ? [`${was} was moved to ${path}`] : [];
  });
}

/** Lines that skip a test or match a forbidden pattern now and did not before, anywhere: what was only moved is not added. */
function added(gate: DiffGate, files: readonly ChangedFile[], texts: Texts): string[] {
  const forbidden = gate.forbidAdded.map((pattern) => new RegExp(pattern, 'gm'));

  const findings: string[] = [];
  const before = new Map<string, number>();
  const after: { path: string; line: string; what: string }[] = [];
  let cases = 0;
  for (const file of files) {
    if (file.status === 'deleted') continue;
    const [was, is] = [texts.of(file.before), texts.of(file.after)];
    if (is === null && isTest(file.path) && gate.protects) findings.push(`${file.path} is too large to be checked`);
    if (was === null || is === null) continue;
    const skips = gate.protects ? skipsIn(file.was ?? file.path, was) : [];
    for (const line of [...skips, ...matchedLines(was, forbidden)]) before.set(line, (before.get(line) ?? 0) + 1);
    if (gate.protects) after.push(...skipsIn(file.path, is).map((line) => ({ path: file.path, line, what: 'skips' })));
    after.push(...matchedLines(is, forbidden).map((line) => ({ path: file.path, line, what: 'adds' })));
    const left = isTest(file.was ?? file.path) && !isTest(file.path);
    if (gate.protects && !left) cases += (casesIn(file.path, is) ?? 0) - (casesIn(file.was ?? file.path, was) ?? 0);
  }
  for (const { path, line, what } of after) {
    const known = before.get(line) ?? 0;
    if (known > 0) before.set(line, known - 1);
    else findings.push(`${path} ${what}: ${line.slice(0, 100)}`);
  }
  if (cases < 0) findings.push(`${-cases} ${cases === -1 ? 'test is' : 'tests are'} gone from the test files`);
  return findings;
}
