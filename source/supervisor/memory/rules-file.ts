/** RULES.md, or another file of rules, on disk: read it, add one line, strike one out. One change at a time, each atomic. */
import { readFile, stat } from 'node:fs/promises';
import { ConfigError, InfraError, UsageError } from '../../loop/errors.ts';
import {
  appendRule,
  checkRuleScope,
  checkRuleText,
  nextRuleId,
  parseRules,
  RULES_FILE,
  retireRule,
  type WrittenRule,
} from '../../loop/rules.ts';
import { hasCode } from './has-code.ts';
import { insideRepository } from './inside.ts';
import { replaceFile } from './replace-file.ts';

// Rules are lines of 200 characters and at most a few dozen are ever shown.
const LARGEST = 1024 * 1024;

export interface RulesFile {
  /** Every rule, retired ones too; none when there is no file. */
  read(): Promise<WrittenRule[]>;
  /**
   * Adds a rule under the next free id.
   * @param known ids used before, that may have been deleted from the file since
   * @throws UsageError when text or scope cannot be a rule
   */
  add(rule: { readonly text: string; readonly scope: string }, known?: Iterable<string>): Promise<WrittenRule>;
  /** Strikes the rule out; false when it is not there or was retired before. */
  retire(id: string): Promise<boolean>;
}

/** The rules of a repository, each file once: no id is used in two of them. */
export function rulesFiles(root: string): (file: string) => RulesFile {
  const files = new Map<string, RulesFile>();
  const taken = new Set<string>();
  return (file) => {
    const known = files.get(file);
    if (known) return known;
    const made = rulesFile(root, file, taken);
    files.set(file, made);
    return made;
  };
}

/**
 * Every method throws ConfigError when the file leads out of the repository.
 * @param root the repository @param file relative to it @param taken ids that were given out, here or in other files
 */
export function rulesFile(root: string, file: string = RULES_FILE, taken: Set<string> = new Set()): RulesFile {
  // Two commands at once must not take the same id, so each waits for the one before.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => {});
    return turn;
  };
  return {
    read: () => inTurn(async () => parseRules((await load(root, file)).text)),
    add: (rule, known = []) =>
      inTurn(async () => {
        const complaint = checkRuleText(rule.text) ?? checkRuleScope(rule.scope);
        if (complaint !== null) throw new UsageError(complaint);
        let id = '';
        await change(root, file, (text) => {
          // Somebody else saved the file meanwhile: the id is chosen anew.
          taken.delete(id);
          id = nextRuleId(text, [...known, ...taken]);
          taken.add(id);
          return appendRule(text, { id, text: rule.text, scope: rule.scope });
        });
        return { id, text: rule.text.trim(), scope: rule.scope, status: 'active' };
      }),
    retire: (id) => inTurn(() => change(root, file, (text) => retireRule(text, id))),
  };
}

async function load(root: string, file: string): Promise<{ path: string; text: string; mode: number | null }> {
  const path = await insideRepository(root, file);
  try {
    const { size, mode } = await stat(path);
    if (size > LARGEST) throw new ConfigError(`${file} is larger than 1 MiB: rules are a few dozen lines`);
    return { path, text: await readFile(path, 'utf8'), mode: mode & 0o7777 };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { path, text: '', mode: null };
    throw error;
  }
}

/** False when `edit` changes nothing. When someone else saves the file meanwhile, it is read and edited again. */
async function change(root: string, file: string, edit: (text: string) => string): Promise<boolean> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const { path, text, mode } = await load(root, file);
    const edited = edit(text);
    if (edited === text) return false;
    if (await replaceFile(path, edited, mode, async () => (await load(root, file)).text === text)) return true;
  }
  throw new InfraError(`${file} keeps changing while a rule is written to it: try again`);
}
