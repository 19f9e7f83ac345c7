/** A skill: a folder with a SKILL.md, as agentskills.io has it. Reads the text of that file; finding it on disk is the memory's business. */
import { readDocument } from './definition/document.ts';
import { splitFence } from './definition/fence.ts';
import { sanitize } from './text.ts';

/** Where a repository keeps skills, the first that has one of a name wins. */
export const SKILL_FOLDERS = ['.claude/skills', '.agents/skills', 'skills'] as const;
export type SkillFolder = (typeof SKILL_FOLDERS)[number];

/** A skill as agents are told of it. */
export interface Skill {
  readonly name: string;
  /** What it is for and when to use it, one line. */
  readonly description: string;
  /** Its SKILL.md, relative to the repository; the first place in the order of `SKILL_FOLDERS`. */
  readonly path: string;
  /** Every folder of skills that has it: an engine that reads one of these finds it by itself. */
  readonly folders: readonly SkillFolder[];
}

/** Lengths of agentskills.io's specification, characters. */
const LONGEST = { name: 64, description: 1024, compatibility: 500 } as const;
/** Its advice is 500 lines and 5,000 tokens: the whole file goes into the context once the skill is used. */
export const LARGEST_SKILL = 64 * 1024;
const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

export type ReadSkill =
  | { readonly description: string; readonly wrong?: never }
  /** What is wrong with it, for its author. */
  | { readonly wrong: string; readonly description?: never };

/** @param folder the name of the folder that the file lies in, which must be the skill's */
export function readSkill(text: string, folder: string): ReadSkill {
  if (text.length > LARGEST_SKILL) return { wrong: 'is longer than 64 KiB: move long material into files beside it' };
  const fenced = splitFence(text);
  if ('message' in fenced)
    return { wrong: 'must begin with front matter: a line ---, name and description, a line ---' };
  const { value, complaints } = readDocument(fenced.yaml, fenced.yamlLine);
  if (value === null) return { wrong: `has front matter that cannot be read: ${complaints[0]?.message ?? 'no map'}` };
  const { name, description, compatibility } = value;
  if (typeof name !== 'string' || name === '') return { wrong: 'has no name' };
  if (name.length > LONGEST.name || !NAME.test(name))
    return {
      wrong: `has the name ${JSON.stringify(name.slice(0, 80))}: expected at most 64 small letters, digits and single hyphens`,
    };
  if (name !== folder) return { wrong: `says name: ${name}, but its folder is called ${folder}` };
  if (typeof description !== 'string' || description.trim() === '')
    return { wrong: 'has no description: it says what the skill does and when to use it' };
  if (description.length > LONGEST.description)
    return { wrong: `has a description of ${description.length} characters: at most ${LONGEST.description}` };
  if (compatibility !== undefined && String(compatibility).length > LONGEST.compatibility)
    return { wrong: `has a compatibility of more than ${LONGEST.compatibility} characters` };
  return { description: sanitize(description.trim().replace(/\s+/g, ' ')) };
}
