/** What `looptop init` would write into a repository: texts only, so that the verb can show them first. Never an existing file. */
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../loop/errors.ts';
import { adapt } from './adapt.ts';
import { lookAround, type Surroundings } from './surroundings.ts';

export interface ProposedFile {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

export interface Proposal {
  readonly files: readonly ProposedFile[];
  /** What the operator should know, a sentence each: where the gates come from, what is left as it is or has to be filled in. */
  readonly notes: readonly string[];
}

/** `fitting`: those that can run here, and ci-fix in any case. */
export type Wanted = 'fitting' | 'all' | readonly string[];

/** The files of `loops/` that this program brings along; beside the bundle, or in the sources. */
const SHIPPED = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../loops/' : '../loops/', import.meta.url),
);

/**
 * Reads the repository and writes nothing.
 * @throws UsageError when a loop is wanted that is not shipped
 */
export async function propose(root: string, wanted: Wanted = 'fitting', around?: Surroundings): Promise<Proposal> {
  const seen = around ?? (await lookAround(root));
  const shipped = (await readdir(SHIPPED)).filter((name) => name.endsWith('.md')).map((name) => name.slice(0, -3));
  const names = shipped.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const strange = typeof wanted === 'string' ? undefined : wanted.find((name) => !names.includes(name));
  if (strange !== undefined) throw new UsageError(`there is no shipped loop ${strange}: there is ${names.join(', ')}`);
  const files: ProposedFile[] = [];
  const notes = [aboutChecks(seen), aboutEngines(seen)];
  for (const name of typeof wanted === 'string' ? names : wanted) {
    const path = `loops/${name}.md`;
    const { text, lacks } = adapt(await readFile(join(SHIPPED, `${name}.md`), 'utf8'), seen);
    // Whatever else there is, somebody mends what is broken.
    const misfit = wanted === 'fitting' && name !== 'ci-fix' ? lacks.join('; ') : '';
    if (await isThere(join(root, path))) notes.push(`${path} is there already and stays as it is.`);
    else if (misfit !== '')
      notes.push(`${name} is not written: ${misfit}. looptop init ${name} writes it all the same.`);
    else {
      files.push({ path, text });
      if (lacks.length > 0) notes.push(`${path} is switched off until you have done this: ${lacks.join('; ')}.`);
    }
  }
  if (await isThere(join(root, 'RULES.md'))) notes.push('RULES.md is there already and stays as it is.');
  else files.push({ path: 'RULES.md', text: RULES });
  return { files, notes };
}

const ORDER = ['ci-fix', 'triage', 'pr-babysitter', 'visual-regression', 'refactor-fanout'];
const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);

function aboutChecks({ checks: { gates } }: Surroundings): string {
  if (gates.length === 0) return 'No checks were found: put your own into loops/ci-fix.md and set enabled: true.';
  const sources = [...new Set(gates.map(({ because }) => because))].join(', ');
  return `The gates come from ${sources}: ${gates.map(({ run }) => run).join(', ')}.`;
}

function aboutEngines({ engines: [first, other] }: Surroundings): string {
  if (first === undefined)
    return 'No engine is on the PATH, and the loops name claude: looptop doctor says how to get one.';
  return other === undefined
    ? `The loops use ${first}: a checker of another vendor would need a second engine (looptop doctor).`
    : `The loops use ${first}, and ${other} where one checks the other.`;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    // Any error but "not there" also means that something stands in the way.
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}

const RULES = '# Rules\n\nWhat failed gates taught. One line a rule: id, lesson, scope.\n';
