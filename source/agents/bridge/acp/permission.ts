/** Which of an agent's options answers its request for permission: by the loop's permission, or by what the operator said. */
import type { Permission } from '../../../loop/definition/definition.ts';
import { offered } from '../../digest.ts';
import { list, object, text } from '../../json.ts';

/** `ask`: only a person can say. */
export type Verdict = 'allow' | 'reject' | 'ask';

const LOOKING = new Set(['read', 'search', 'think', 'fetch']);
const EDITING = new Set(['edit', 'delete', 'move']);

/** `kind` is ACP's kind of tool; an agent need not give one. */
export function verdictOn(permission: Permission, kind: string): Verdict {
  switch (permission) {
    case 'bypassPermissions':
      return 'allow';
    case 'acceptEdits':
      return LOOKING.has(kind) || EDITING.has(kind) ? 'allow' : 'ask';
    case 'plan':
      return LOOKING.has(kind) ? 'allow' : 'reject';
    case 'ask':
      return 'ask';
  }
}

/** The option to choose, for this once where there is such an option; null when the agent offers none of that sense. */
export function optionFor(verdict: 'allow' | 'reject', options: unknown): string | null {
  const offered = list(options).map(object);
  for (const kind of [`${verdict}_once`, `${verdict}_always`]) {
    const option = offered.find((candidate) => text(candidate.kind) === kind);
    if (option !== undefined) return text(option.optionId);
  }
  return null;
}

/** What the options are called, for a person to choose by. */
export const namesOf = (options: unknown): string[] =>
  offered(list(options).map((option) => text(object(option).name)));

/** The option that the answer names, word for word; null when it names none. */
export function optionNamed(words: string, options: unknown): string | null {
  const named = list(options)
    .map(object)
    .find((option) => text(option.name).trim() === words.trim());
  return named === undefined ? null : text(named.optionId);
}

const YES = /^\s*(?:y|yes|allow|ok|okay)[.!]?\s*$/i;
const NO = /^\s*(?:n|no|deny|reject)[.!]?\s*$/i;

/** What an answer in words means. Other words than yes or no are a no that the agent must hear: `say`. */
export function answered(words: string): { readonly verdict: 'allow' | 'reject'; readonly say: string | null } {
  if (YES.test(words)) return { verdict: 'allow', say: null };
  return { verdict: 'reject', say: NO.test(words) ? null : words };
}
