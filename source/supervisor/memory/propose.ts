/** What `looptop init` would write into a repository: texts only, so that the verb can show them first. Never an existing file. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type ProposedChecks, proposeChecks } from './propose-gates.ts';

export interface ProposedFile {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

export interface Proposal {
  readonly files: readonly ProposedFile[];
  /** What the operator should know, a sentence each: where the gates come from, what is left as it is. */
  readonly notes: readonly string[];
}

/** Reads the repository and writes nothing. */
export async function propose(root: string): Promise<Proposal> {
  const checks = await proposeChecks(root);
  const files: ProposedFile[] = [];
  const notes = [about(checks)];
  for (const file of [
    { path: 'loops/ci-fix.md', text: ciFix(checks) },
    { path: 'RULES.md', text: RULES },
  ]) {
    if (await isThere(join(root, file.path))) notes.push(`${file.path} is there already and stays as it is.`);
    else files.push(file);
  }
  return { files, notes };
}

function about({ gates }: ProposedChecks): string {
  if (gates.length === 0) return 'No checks were found: put your own into loops/ci-fix.md and set enabled: true.';
  const sources = [...new Set(gates.map(({ because }) => because))].join(', ');
  return `The gates come from ${sources}: ${gates.map(({ run }) => run).join(', ')}.`;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    // Any error but "not there" also means that something stands in the way.
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}

const RULES = '# Rules\n\nWhat failed gates taught. One line a rule: id, lesson, scope.\n';

function ciFix({ gates, setup }: ProposedChecks): string {
  const found = gates.length > 0;
  const lines = [
    '---',
    'name: ci-fix',
    'description: Takes the checks of this repository from red to green with the smallest change.',
    ...(found ? [] : ['enabled: false # no checks were found: put yours into gates, then remove this line']),
    'on: manual',
    'goal: All gates exit 0, and no test was deleted, skipped or weakened.',
    'gates:',
    ...(found
      ? gates.map(({ id, run, timeout }) => `  - { id: ${id}, run: ${flow(run)}, timeout: ${timeout} }`)
      : ['  - { id: checks, run: "echo put your checks here; exit 1" }']),
    'budget: { tokens: 400k, usd: 5, wall: 45m, passes: 8 }',
    ...(setup === null ? [] : ['isolation:', '  type: worktree', `  setup: ${flow(setup)}`]),
    '---',
    PROMPT,
  ];
  return `${lines.join('\n')}\n`;
}

/** A command as a YAML value that is safe between the braces of a map. */
const flow = (command: string): string =>
  stringify(command, { defaultStringType: 'QUOTE_DOUBLE', lineWidth: 0 }).trim();

const PROMPT = `
Find out why the gates are red and fix the cause with the smallest change. Start by
reproducing the failure.

Change the code, not the test, unless the test itself is provably wrong; then say why.
One hypothesis at a time. If the failure is infrastructure (network, runner, quota),
change nothing and say so.`;
