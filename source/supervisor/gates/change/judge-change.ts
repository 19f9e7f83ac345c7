/** A gate on the change itself, from the base commit to the worktree as it stands: what it may touch, and that no test was silenced. */
import type { DiffGate } from '../../../loop/definition/gates.ts';
import type { Change, ChangedFile } from '../../git/change.ts';
import { type GateOutcome, green, printOf, red } from '../outcome.ts';
import { gateFiles } from './gate-files.ts';
import { matcher } from './globs.ts';
import { casesIn, isTest, matchedLines, skipsIn } from './tests.ts';

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
  const findings = change === null ? [] : await findingsIn(gate, change, commands);
  const ms = Math.round(performance.now() - began);
  const files = change?.files.length ?? 0;
  const lines = (change?.files ?? []).reduce((sum, file) => sum + file.lines, 0);
  const size = `${files} ${files === 1 ? 'file' : 'files'} and ${lines} lines changed`;
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

async function findingsIn(gate: DiffGate, change: Change, commands: readonly string[]): Promise<string[]> {
  const { files } = change;
  const isExcepted = matcher(gate.except);
  const own = files.filter(({ path }) => !isExcepted(path));
  return [
    ...outOfBounds(gate.paths, files),
    ...deleted(gate, own),
    ...(gate.protects
      ? (await gateFiles(change, commands)).flatMap(({ path, words }) => (isExcepted(path) ? [] : [words]))
      : []),
    ...(gate.protects || gate.forbidAdded.length > 0 ? await added(gate, own, change) : []),
  ];
}

function outOfBounds({ allow, deny, maxFiles, maxLines }: DiffGate['paths'], files: readonly ChangedFile[]): string[] {
  const isAllowed = allow === null ? () => true : matcher(allow);
  const isDenied = matcher(deny);
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
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
async function added(gate: DiffGate, files: readonly ChangedFile[], change: Change): Promise<string[]> {
  const looked = files.filter(({ status }) => status !== 'deleted');
  const hashes = looked.flatMap(({ before, after }) => [before, after].filter((hash) => hash !== null));
  const contents = await change.contents(hashes, MOST);
  const text = (hash: string | null): string | null =>
    hash === null ? '' : (contents.get(hash)?.toString('utf8') ?? null);
  const forbidden = gate.forbidAdded.map((pattern) => new RegExp(pattern, 'gm'));

  const findings: string[] = [];
  const before = new Map<string, number>();
  const after: { path: string; line: string; what: string }[] = [];
  let cases = 0;
  for (const file of looked) {
    const [was, is] = [text(file.before), text(file.after)];
    if (is === null && isTest(file.path) && gate.protects) findings.push(`${file.path} is too large to be checked`);
    if (was === null || is === null) continue;
    const skips = gate.protects ? skipsIn(file.was ?? file.path, was) : [];
    for (const line of [...skips, ...matchedLines(was, forbidden)]) before.set(line, (before.get(line) ?? 0) + 1);
    if (gate.protects) after.push(...skipsIn(file.path, is).map((line) => ({ path: file.path, line, what: 'skips' })));
    after.push(...matchedLines(is, forbidden).map((line) => ({ path: file.path, line, what: 'adds' })));
    if (gate.protects) cases += (casesIn(file.path, is) ?? 0) - (casesIn(file.was ?? file.path, was) ?? 0);
  }
  for (const { path, line, what } of after) {
    const known = before.get(line) ?? 0;
    if (known > 0) before.set(line, known - 1);
    else findings.push(`${path} ${what}: ${line.slice(0, 100)}`);
  }
  if (cases < 0) findings.push(`${-cases} ${cases === -1 ? 'test is' : 'tests are'} gone from the test files`);
  return findings;
}
