/** manual: the man page, written from the program itself when it is built. */
import type { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { print } from './print.ts';

export function manual(program: Command): void {
  program
    .command('manual', { hidden: true })
    .description('print the man page, in the format of man(7)')
    .addHelpText('after', '\nExample:\n  looptop manual | man -l -')
    .action(() => print(manPage(program)));
}

const EXIT_CODES: readonly (readonly [number, string])[] = [
  [0, 'fine (run --wait: green)'],
  [1, 'failure'],
  [2, 'usage or bad loop file'],
  [3, 'gates red or passes used up'],
  [4, 'budget'],
  [5, 'stuck'],
  [6, 'killed'],
  [7, 'not trusted'],
  [8, 'no such engine'],
  [130, 'interrupted'],
];

const FILES: readonly (readonly [string, string])[] = [
  ['loops/*.md', 'the loops of a repository'],
  ['RULES.md', 'what failures have taught'],
  ['.looptop/', "the journal, the agents' transcripts, the log of hooks; ignored by git"],
  ['$XDG_CONFIG_HOME/looptop/config.json', "the operator's settings"],
];

export function manPage(program: Command): string {
  const help = program.createHelp();
  const pane = program.commands.find((verb) => verb.name() === 'pane');
  const verbs = help.visibleCommands(program).filter((verb) => verb.name() !== 'help');
  return [
    `.TH LOOPTOP 1 "" "looptop ${manifest.version}" "User Commands"`,
    ...section('NAME', [`looptop \\- ${text(manifest.description)}`]),
    ...section('SYNOPSIS', ['.B looptop', '[\\fIverb\\fR] [\\fIoptions\\fR]']),
    ...section('DESCRIPTION', [text(`${program.description()}. Without a verb, the pane opens.`)]),
    ...section('OPTIONS', [...(pane === undefined ? [] : optionLines(pane)), ...optionLines(program)]),
    ...section('VERBS', verbs.flatMap(verbLines)),
    ...section(
      'EXIT STATUS',
      EXIT_CODES.flatMap(([code, means]) => ['.TP', `.B ${code}`, text(means)]),
    ),
    ...section(
      'FILES',
      FILES.flatMap(([file, holds]) => ['.TP', `.I ${text(file)}`, text(holds)]),
    ),
  ].join('\n');
}

const section = (title: string, lines: readonly string[]): string[] => [`.SH ${title}`, ...lines];

function verbLines(verb: Command): string[] {
  const help = verb.createHelp();
  const inner = help.visibleCommands(verb).filter((each) => each.name() !== 'help');
  const path = help.commandUsage(verb).replace(/^looptop /, '');
  return [
    '.SS',
    text(path),
    text(help.commandDescription(verb)),
    ...optionLines(verb),
    ...(inner.length > 0 ? [] : example(verb)),
    ...inner.flatMap(verbLines),
  ];
}

function optionLines(verb: Command): string[] {
  const help = verb.createHelp();
  return help
    .visibleOptions(verb)
    .filter(({ long }) => long !== '--help')
    .flatMap((option) => ['.TP', `.B ${text(option.flags)}`, text(help.optionDescription(option))]);
}

/** What `--help` shows below the options, as it stands there. */
function example(verb: Command): string[] {
  let all = '';
  verb.configureOutput({ writeOut: (words) => (all += words) }).outputHelp();
  const at = all.search(/^Example/m);
  return at < 0 ? [] : ['.PP', '.nf', ...all.slice(at).trimEnd().split('\n').map(text), '.fi'];
}

/** Words that roff takes as they are: a backslash, a hyphen and a dot or quote at the beginning of a line would mean something else. */
const text = (words: string): string =>
  words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&');
