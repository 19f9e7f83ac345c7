/** check --prove: whether the gates of loops can tell finished work from none. Runs what the loops run, so only trusted ones. */
import { basename } from 'node:path';
import { formatProblem } from '../loop/definition/problem.ts';
import { UsageError } from '../loop/errors.ts';
import { sanitize } from '../loop/text.ts';
import { formatDuration } from '../loop/units.ts';
import type { LoopFile } from '../supervisor/memory/loop-files.ts';
import { Ended } from './ended.ts';
import { print, printJson, printNote } from './print.ts';
import { findRepository } from './repository.ts';
import { glyph } from './words.ts';

const NOT_TRUSTED = 7;

/** `names`: loop files or names of loops; all that are trusted when there is none. */
export async function proveLoops(names: readonly string[], json: boolean): Promise<void> {
  const root = await findRepository();
  const { openRepository } = await import('../supervisor/git/repository.ts');
  const { prove } = await import('../supervisor/gates/prove.ts');
  const loops = await chosen(root, names);
  const repository = await openRepository(root);
  const abort = new AbortController();
  const stop = () => abort.abort(new Ended('interrupted', 130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const proofs = [];
    for (const { path, definition } of loops) {
      if (!json) print(sanitize(path));
      const proof = await prove(repository, definition, (gate) => json || print(line(gate)), abort.signal);
      const ok = proof.gates.every(({ required, finding }) => !required || !BAD.has(finding));
      if (!json && proof.leaves.length > 0) tellLeaves(proof.leaves);
      proofs.push({ path, ok, ...proof });
    }
    if (json) printJson(proofs);
    if (proofs.some(({ ok }) => !ok)) throw new Ended(json ? '' : 'a gate proves nothing, or cannot run', 1);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

const BAD: ReadonlySet<string> = new Set(['proves-nothing', 'broken']);

async function chosen(root: string, names: readonly string[]) {
  const { readLoops } = await import('../supervisor/memory/loop-files.ts');
  const { isTrusted } = await import('../supervisor/memory/trust.ts');
  const all = await readLoops(root);
  const files = names.length === 0 ? all : names.map((name) => named(all, name));
  const trusted = [];
  for (const { path, text, parsed } of files) {
    const { definition, problems } = parsed;
    if (definition === null) throw new UsageError(problems.map(formatProblem)[0] ?? `${path} cannot run`);
    if (await isTrusted(root, path, text)) trusted.push({ path, definition });
    else if (names.length > 0)
      throw new Ended(`${path} is not trusted yet: looptop trust shows what it runs`, NOT_TRUSTED);
    else printNote(`${path} is left out, it is not trusted yet: looptop trust`);
  }
  if (trusted.length === 0) throw new Ended('no loop is trusted: looptop trust shows what they would run', NOT_TRUSTED);
  return trusted;
}

function named(all: readonly LoopFile[], name: string): LoopFile {
  const wanted = basename(name, '.md');
  const file = all.find(({ path }) => basename(path, '.md') === wanted);
  if (file === undefined) throw new UsageError(`there is no loops/${wanted}.md in this repository`);
  return file;
}

const SIGN = { fails: 'green', guards: 'green', 'proves-nothing': 'need', broken: 'bad', 'not-run': 'queued' } as const;
const WORDS = {
  fails: 'red, as it should be',
  guards: 'green, it guards',
  'proves-nothing': 'proves nothing',
  broken: 'broken',
  'not-run': 'not run',
} as const;

/** `  ✓ unit  red, as it should be  4s  adds numbers: expected 3, saw 2`. */
function line({ id, required, finding, words, score, ms }: Parameters<Parameters<Prove>[2]>[0]): string {
  const parts = [
    `  ${glyph(SIGN[finding])} ${id}`,
    `${WORDS[finding]}${required ? '' : ' (not required)'}`,
    ms === 0 ? '' : formatDuration(ms),
    score === null ? '' : String(score),
    sanitize(words),
  ];
  return parts.filter((part) => part !== '').join('  ');
}

type Prove = typeof import('../supervisor/gates/prove.ts').prove;

function tellLeaves(paths: readonly string[]): void {
  const some = paths.slice(0, 5).join(', ');
  const more = paths.length > 5 ? ` and ${paths.length - 5} more` : '';
  printNote(
    `its setup or gates leave files behind, which would be committed as work: ${some}${more}; name them in .gitignore`,
  );
}
