/** A repository with one run whose work is committed on its branch, for the tests of landing. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { LandHow } from '../../../../source/loop/state.ts';
import type { RunId } from '../../../../source/loop/units.ts';
import { openRepository, type Repository } from '../../../../source/supervisor/git/repository.ts';
import { type Place, placeWithCommit } from '../place.ts';

export const RUN = 'fix-1' as RunId;

export interface Field {
  readonly place: Place;
  readonly repository: Repository;
  readonly made: { readonly worktree: string; readonly branch: string; readonly base: string };
  /** What the run has made of the files, as a commit on its branch. */
  readonly commit: string;
  /** Puts it together with the present tip of `target`. */
  combine(how: LandHow, target?: string, marked?: readonly string[]): ReturnType<Repository['landing']['combine']>;
  /** The same, which must go well, and then moves the target. */
  land(
    how?: LandHow,
    target?: string,
  ): Promise<Awaited<ReturnType<Repository['landing']['move']>> & { commit: string }>;
  /** A commit of the operator's on the branch that is checked out. */
  theirs(files: Readonly<Record<string, string>>): string;
}

export async function field(t: TestContext, files: Readonly<Record<string, string>>): Promise<Field> {
  const place = placeWithCommit(t);
  const repository = await openRepository(place.root, place.env);
  t.after(() => repository.settled());
  const made = await repository.addWorktree({ run: RUN, base: null, copy: [] });
  place.write(files, made.worktree);
  const { commit } = await repository.commitAll({ ...made, message: 'fix: the work' });
  const combine: Field['combine'] = async (how, target = 'main', marked = []) => {
    const onto = (await repository.landing.tip(target)) ?? '';
    return repository.landing.combine({ run: RUN, copy: [], onto, commit, how, message: 'land it', marked });
  };
  return {
    ...{ place, repository, made, commit, combine },
    land: async (how = 'rebase', target = 'main') => {
      const onto = (await repository.landing.tip(target)) ?? '';
      const combined = await combine(how, target);
      if (combined.is !== 'clean') throw new Error(`conflict: ${JSON.stringify(combined)}`);
      return { ...(await repository.landing.move({ target, onto, commit: combined.commit })), commit: combined.commit };
    },
    theirs: (changed) => {
      place.write(changed);
      place.git('add', '--all');
      place.git('commit', '--quiet', '-m', 'theirs');
      return place.git('rev-parse', 'HEAD');
    },
  };
}

/** Of everything that is the operator's: branches (but for ours), index, configuration, hooks, and the files. */
export function belongings(place: Place): string {
  const of = (path: string): string =>
    createHash('sha256')
      .update(readFileSync(join(place.root, path)))
      .digest('hex');
  return JSON.stringify([
    place.git('for-each-ref', '--format=%(refname) %(objectname)', '--exclude=refs/heads/loop', 'refs/heads'),
    place.git('symbolic-ref', 'HEAD'),
    ['.git/index', '.git/config', '.git/hooks/pre-commit', 'a.txt'].map(of),
    place.git('ls-files', '--others'),
  ]);
}
