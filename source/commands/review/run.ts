/** One run under review, for people and as JSON: why it is believed done, then its diff with what is known of each hunk. */
import { findRun } from '../../loop/answer.ts';
import { UsageError } from '../../loop/errors.ts';
import { hunksOf } from '../../loop/review/facts.ts';
import { parseDiff } from '../../loop/review/parse.ts';
import { greenEntry, type ReviewEntry, reviewQueue } from '../../loop/review/queue.ts';
import { riskOf } from '../../loop/review/risk.ts';
import { skipped } from '../../loop/review/skip.ts';
import type { FleetState, RunState } from '../../loop/state.ts';
import { reveal, sanitize } from '../../loop/text.ts';
import { formatDuration } from '../../loop/units.ts';
import { reviewText } from '../diff/text.ts';
import { colour } from '../diff.ts';
import { runJson } from '../json.ts';
import { print, printJson } from '../print.ts';
import { gateGlyph, tokensCell, usdCell } from '../words.ts';
import { entryJson } from './json.ts';

/** @throws UsageError when there is no such run, or nothing of it to read */
export async function reviewRun(root: string, fleet: FleetState, name: string, json: boolean): Promise<void> {
  const entry = entryOf(fleet, name);
  const text = await reviewText(root, fleet, entry.id);
  if (json) {
    const { marks } = fleet.reading;
    const files = parseDiff(text).files.map((file) => ({
      path: file.path,
      from: file.from,
      change: file.change,
      binary: file.binary,
      added: file.added,
      removed: file.removed,
      skipped: skipped(file.path),
      hunks: hunksOf(file).map(({ id, lines }) => ({ id, lines, known: marks[id]?.how ?? 'unseen' })),
    }));
    const run = entry.run === null ? null : runJson(entry.run, Date.now());
    return printJson({ ...entryJson(entry), run, findings: entry.run?.findings ?? [], files, diff: text });
  }
  if (entry.run !== null) for (const line of evidence(entry.run)) print(sanitize(line));
  print(
    `to read: ${entry.unread} of ${entry.hunks.reduce((sum, { lines }) => sum + lines, 0)} lines in ${entry.hunks.length} hunks`,
  );
  print('');
  for (const line of text.trimEnd().split('\n')) print(colour(reveal(line)));
}

function entryOf(fleet: FleetState, name: string): ReviewEntry {
  const waiting = reviewQueue(fleet).find(({ id }) => id === name);
  if (waiting !== undefined) return waiting;
  const found = findRun(fleet, name);
  if ('refused' in found) throw new UsageError(found.refused, { exitCode: found.code });
  if (found.base === null) throw new UsageError(`${found.id} has no worktree yet, so nothing to review`);
  return greenEntry(fleet, found);
}

function evidence(run: RunState): string[] {
  const { score, word, reasons } = riskOf(run);
  const verdict = run.definition.checker === null ? 'none' : (run.votes.at(-1)?.says ?? 'has not judged');
  return [
    `${run.id}  ${run.definition.goal.replaceAll('\n', ' ')}`,
    `risk ${score} ${word}`,
    ...reasons.map(({ points, words }) => `  ${String(points).padStart(3)}  ${words}`),
    'gates',
    ...(run.passes.at(-1)?.gates ?? []).flatMap((gate) => [
      `  ${gateGlyph(gate)} ${gate.id}  ${formatDuration(gate.ms)}${gate.summary === '' ? '' : `  ${gate.summary}`}`,
      ...lastLines(gate.tail).map((line) => `      ${line}`),
      ...gate.flags.map((flag) => `      ! ${flag}`),
    ]),
    `checker: ${verdict}`,
    ...run.findings.map(({ where, what }) => `  ${where} ${what}`),
    `passes: ${run.passes.length}  model: ${run.model}  tokens: ${tokensCell(run)}  usd: ${usdCell(run)}`,
  ];
}

const lastLines = (tail: string): string[] =>
  tail
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-3);
