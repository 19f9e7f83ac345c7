/**
 * Filter drivers (git-lfs, git-crypt, ...) are programs that git runs on the content of files. Those of the operator's own
 * configuration are run. Those of the repository's configuration are not, since an agent can write it: they are blanked.
 */
import { ConfigError } from '../../loop/errors.ts';
import { type Answer, ask, type Call, git, gitFailed } from './call.ts';
import type { ConfigPair } from './harden.ts';

/** What `git lfs install --local` writes, to the letter: known programs, so they stay. */
const KNOWN = new Set(['git-lfs clean -- %f', 'git-lfs smudge -- %f', 'git-lfs filter-process']);

interface Blanked {
  readonly config: readonly ConfigPair[];
  readonly names: readonly string[];
}

/**
 * Runs a command that reads or writes worktree files, with the repository's filters blanked. Throws ConfigError when a
 * file cannot do without one (`required`): its content would be wrong, and for git-crypt even secret.
 */
export async function withoutFilters(args: readonly string[], call: Call): Promise<Answer> {
  const { config, names } = await blankedFilters(call);
  const answer = await ask(args, { ...call, config: [...(call.config ?? []), ...config] });
  if (answer.code === 0) return answer;
  const failed = /(?:clean|smudge) filter '?([^'\n]+)'? failed/.exec(answer.stderr)?.[1];
  if (failed !== undefined && names.includes(failed)) {
    throw new ConfigError(
      `the filter '${failed}' of the repository's own git configuration is not run for agents, and files here need it. ` +
        `If you trust it, put it into yours: git config --global filter.${failed}.clean ... (and smudge, process)`,
    );
  }
  throw gitFailed(args, call.cwd, answer);
}

async function blankedFilters(call: Call): Promise<Blanked> {
  const listed = await git(['config', '--list', '--show-scope', '-z'], call);
  const fields = listed.split('\0');
  const names = new Set<string>();
  // Fields alternate: scope, then `key\nvalue` (no newline for a key without a value).
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const scope = fields[index];
    const [, name, value] = /^filter\.(.*)\.(?:clean|smudge|process)(?:\n(.*))?$/s.exec(fields[index + 1] ?? '') ?? [];
    if (name === undefined || (scope !== 'local' && scope !== 'worktree')) continue;
    if (!KNOWN.has(value ?? '')) names.add(name);
  }
  const config = [...names].flatMap((name) =>
    ['clean', 'smudge', 'process'].map((what): ConfigPair => [`filter.${name}.${what}`, '']),
  );
  return { config, names: [...names] };
}
