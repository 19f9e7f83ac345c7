/**
 * Filter drivers (git-lfs, git-crypt, ...) are programs that git runs on the content of files. Those of the operator's own
 * configuration are run. Those of the repository's configuration are not, since an agent can write it: they are blanked.
 */
import { ConfigError } from '../../loop/errors.ts';
import { type Call, git } from './call.ts';
import type { ConfigPair } from './harden.ts';

/** What `git lfs install --local` writes, to the letter: known programs, so they stay. */
const KNOWN = new Set(['git-lfs clean -- %f', 'git-lfs smudge -- %f', 'git-lfs filter-process']);

/**
 * The call with every filter of the repository's own configuration blanked. Needed wherever an index meets a worktree:
 * even `write-tree` runs filters, to look again at files that changed within the second of the index (measured).
 */
export async function withoutFilters(call: Call): Promise<Call> {
  const settings = await ownSettings(call);
  const names = new Set(
    settings.flatMap(({ key, value }) => {
      const name = /^filter\.(.*)\.(?:clean|smudge|process)$/s.exec(key)?.[1];
      return name === undefined || KNOWN.has(value) ? [] : [name];
    }),
  );
  const config = [...names].flatMap((name) =>
    ['clean', 'smudge', 'process'].map((what): ConfigPair => [`filter.${name}.${what}`, '']),
  );
  return { ...call, config: [...(call.config ?? []), ...config] };
}

/** What git does with a text of its own accord. */
const TEXT_MERGE = 'git merge-file --quiet --marker-size=%L -L ours -L base -L theirs %A %O %B';

/**
 * The call with every merge driver of the repository's own configuration, a program too, made git's own merge of texts. Needed wherever
 * two lines of work are put together.
 */
export async function withoutMergeDrivers(call: Call): Promise<Call> {
  const settings = await ownSettings(call);
  const names = new Set(settings.flatMap(({ key }) => /^merge\.(.+)\.(?:driver|recursive)$/s.exec(key)?.[1] ?? []));
  const config = [...names].flatMap((name): ConfigPair[] => [
    [`merge.${name}.driver`, TEXT_MERGE],
    [`merge.${name}.recursive`, 'text'],
  ]);
  return { ...call, config: [...(call.config ?? []), ...config] };
}

/** What the configuration of the repository or of a worktree says, which an agent can write. */
async function ownSettings(call: Call): Promise<{ readonly key: string; readonly value: string }[]> {
  const listed = await git(['config', '--list', '--show-scope', '-z'], call);
  // Fields alternate: scope, then `key\nvalue` (no newline for a key without a value).
  const fields = listed.split('\0');
  return fields.flatMap((scope, index) => {
    if (index % 2 === 1 || (scope !== 'local' && scope !== 'worktree')) return [];
    const [, key = '', value = ''] = /^([^\n]*)\n?(.*)$/s.exec(fields[index + 1] ?? '') ?? [];
    return [{ key, value }];
  });
}

/**
 * For `catch` after a call without filters. A blanked filter that is `required` makes git fail, which is right: the
 * content would be wrong, and for git-crypt even secret. Then throws ConfigError with the way out.
 */
export function blameFilter({ config = [] }: Call): (error: unknown) => never {
  return (error) => {
    const words = error instanceof Error ? error.message : '';
    const name = /(?:clean|smudge) filter '?([^'\n]+)'? failed/.exec(words)?.[1];
    if (!config.some(([key, value]) => key === `filter.${name}.clean` && value === '')) throw error;
    throw new ConfigError(
      `the filter '${name}' of the repository's own git configuration is not run for agents, and files here need it. ` +
        `If you trust it, put it into yours: git config --global filter.${name}.clean ... (and smudge, process)`,
      { cause: error },
    );
  };
}
