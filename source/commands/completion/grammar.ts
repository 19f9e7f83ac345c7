/** The command line as a table that a completion can be written from: which words may stand where. Made from the program itself, so that it cannot be out of date. */
import type { Argument, Command, Option } from 'commander';
import { NAMES, type Names } from './names.ts';

/** What may be given: names of the repository, one of some words, a file, or a text of one's own. */
export type Value =
  | { readonly is: 'names'; readonly of: Names }
  | { readonly is: 'words'; readonly words: readonly string[] }
  | { readonly is: 'file' }
  | { readonly is: 'text' };

export interface OptionGrammar {
  /** `-f`, `--follow`. */
  readonly flags: readonly string[];
  readonly about: string;
  /** Null for one without a value, or whose value can only follow a `=`. */
  readonly value: Value | null;
}

export interface VerbGrammar {
  /** `''` is the program itself, `rule add` a verb of a verb. */
  readonly path: string;
  readonly about: string;
  readonly verbs: readonly { readonly name: string; readonly about: string }[];
  readonly options: readonly OptionGrammar[];
  /** Null where there are none. */
  readonly operand: Value | null;
}

/** Every verb that is listed, the program first. */
export function grammarOf(program: Command): VerbGrammar[] {
  const pane = program.commands.find((verb) => verb.name() === 'pane');
  const [root, ...verbs] = verbsOf(program, '');
  if (root === undefined) return [];
  // No verb at all is the pane.
  return [{ ...root, options: [...(pane ? optionsOf(pane, '') : []), ...root.options] }, ...verbs];
}

function verbsOf(command: Command, path: string): VerbGrammar[] {
  const help = command.createHelp();
  const verbs = help.visibleCommands(command).filter((verb) => verb.name() !== 'help');
  const [argument] = command.registeredArguments;
  const own: VerbGrammar = {
    path,
    about: firstLine(command.description()),
    verbs: verbs.map((verb) => ({ name: verb.name(), about: firstLine(verb.description()) })),
    options: [...optionsOf(command, path), HELP],
    operand: argument === undefined ? null : given(argument, argument.name(), path),
  };
  return [own, ...verbs.flatMap((verb) => verbsOf(verb, path === '' ? verb.name() : `${path} ${verb.name()}`))];
}

const HELP: OptionGrammar = { flags: ['--help'], about: 'what it does, with an example', value: null };

const optionsOf = (command: Command, path: string): OptionGrammar[] =>
  command.options
    .filter((option) => !option.hidden)
    .map((option) => ({
      flags: [option.short, option.long].flatMap((flag) => flag ?? []),
      about: firstLine(option.description),
      value: option.required ? given(option, /<(\w+)/.exec(option.flags)?.[1] ?? '', path) : null,
    }));

/** Verbs whose run need not be open any more, and those that are about green work. */
const RUNS_OF: Readonly<Record<string, Names>> = {
  show: 'known-runs',
  log: 'known-runs',
  diff: 'known-runs',
  review: 'green-runs',
  land: 'green-runs',
  'send-back': 'green-runs',
  discard: 'green-runs',
};

function given({ argChoices }: Argument | Option, name: string, path: string): Value {
  if (argChoices !== undefined) return { is: 'words', words: argChoices };
  // Loops that are not there yet.
  if (path === 'init') return { is: 'text' };
  switch (name) {
    case 'file':
      return { is: 'file' };
    case 'run':
      return { is: 'names', of: RUNS_OF[path] ?? 'runs' };
    case 'id':
      return { is: 'names', of: 'rules' };
    default: {
      const of = NAMES.find((names) => names === `${name}s`);
      return of === undefined ? { is: 'text' } : { is: 'names', of };
    }
  }
}

/** Short enough to stand beside a word, and without what a shell would have to be told to leave alone. */
const firstLine = (text: string): string =>
  (text.split('\n')[0] ?? '')
    .replace(/['"`\\$:;|[\]]/g, '')
    .replace(/\s+/g, ' ')
    .trim();

/** Flags that take the next word, of all verbs together: so a verb is found behind them. */
export const valueFlags = (grammar: readonly VerbGrammar[]): string[] => [
  ...new Set(grammar.flatMap(({ options }) => options.flatMap(({ flags, value }) => (value === null ? [] : flags)))),
];
