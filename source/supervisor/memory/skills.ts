/** Finds the skills that a loop names, in a checkout. Only reads, and only inside it, whatever links lie on the way. */
import { readFile, stat } from 'node:fs/promises';
import { ConfigError } from '../../loop/errors.ts';
import { LARGEST_SKILL, readSkill, SKILL_FOLDERS, type Skill, type SkillFolder } from '../../loop/skill.ts';
import { hasCode } from './has-code.ts';
import { insideRepository } from './inside.ts';

export type Found = { readonly skill: Skill } | { readonly wrong: string };

/** @param root a checkout: the operator's, or a run's worktree */
export async function findSkill(root: string, name: string): Promise<Found> {
  const places: { folder: SkillFolder; path: string; real: string }[] = [];
  try {
    for (const folder of SKILL_FOLDERS) {
      const path = `${folder}/${name}/SKILL.md`;
      const real = await realFile(root, path);
      if (real !== null) places.push({ folder, path, real });
    }
    const [first] = places;
    if (first === undefined)
      return { wrong: `there is no ${SKILL_FOLDERS.map((each) => `${each}/${name}/SKILL.md`).join(', ')}` };
    if ((await stat(first.real)).size > LARGEST_SKILL * 4) return { wrong: `${first.path} is longer than 64 KiB` };
    const read = readSkill(await readFile(first.real, 'utf8'), name);
    if (read.wrong !== undefined) return { wrong: `${first.path} ${read.wrong}` };
    return {
      skill: { name, description: read.description, path: first.path, folders: places.map(({ folder }) => folder) },
    };
  } catch (error) {
    if (error instanceof ConfigError) return { wrong: error.message };
    if (error instanceof Error && 'code' in error) return { wrong: `it cannot be read: ${error.message}` };
    throw error;
  }
}

/** All of them. @throws ConfigError that says what is wrong with the first that cannot be given */
export async function skillsOf(root: string, names: readonly string[]): Promise<Skill[]> {
  return Promise.all(
    names.map(async (name) => {
      const found = await findSkill(root, name);
      if ('wrong' in found) throw new ConfigError(`skill ${name}: ${found.wrong}`);
      return found.skill;
    }),
  );
}

/** Null when there is no such file. @throws ConfigError when it leads out of the repository */
async function realFile(root: string, path: string): Promise<string | null> {
  try {
    const real = await insideRepository(root, path);
    await stat(real);
    return real;
  } catch (error) {
    // `insideRepository` says so of a file whose folder is missing, too.
    const absent =
      error instanceof ConfigError
        ? hasCode(error.cause, 'ENOENT')
        : hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR');
    if (absent) return null;
    throw error;
  }
}
