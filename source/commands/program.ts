/** The command line as a whole: which verbs there are, options anywhere, and one line and one exit code for whatever goes wrong. */
import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { budget } from './budget.ts';
import { check } from './check.ts';
import { names } from './completion/names.ts';
import { completion } from './completion.ts';
import { control } from './control.ts';
import { demo } from './demo/demo.ts';
import { diff } from './diff.ts';
import { discard } from './discard.ts';
import { doctor } from './doctor.ts';
import { down } from './down.ts';
import { escalate } from './escalate.ts';
import { hits } from './hits.ts';
import { init } from './init.ts';
import { land } from './land.ts';
import { log } from './log.ts';
import { ls } from './ls.ts';
import { manual } from './manual.ts';
import { mcp } from './mcp.ts';
import { note } from './note.ts';
import { pane } from './pane.ts';
import { printNote } from './print.ts';
import { release } from './release.ts';
import { renew } from './renew.ts';
import { review } from './review.ts';
import { rule } from './rule.ts';
import { run } from './run.ts';
import { sendBack } from './send-back.ts';
import { show } from './show.ts';
import { spend } from './spend.ts';
import { status } from './status.ts';
import { trust } from './trust.ts';
import { up } from './up.ts';

/** Adds one verb to the program. */
export type Verb = (program: Command) => void;

/** In the order in which `--help` lists them: begin, look, control, teach. */
const verbs: readonly Verb[] = [
  pane,
  demo,
  init,
  check,
  trust,
  doctor,
  up,
  down,
  run,
  ls,
  show,
  log,
  diff,
  review,
  control,
  escalate,
  note,
  budget,
  land,
  discard,
  sendBack,
  release,
  renew,
  rule,
  hits,
  spend,
  status,
  completion,
  names,
  manual,
  mcp,
];

/** Runs one verb and returns the exit code of the README. Prints; never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const program = build();
    await program.parseAsync(withVerb(program, argv), { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return complain(error);
  }
}

export function build(): Command {
  const program = new Command('looptop')
    .description('top, for agent loops: see what they do, what they cost, and freeze, kill, escalate or teach them')
    .usage('[verb] [options]')
    .version(manifest.version)
    .helpCommand(true)
    .exitOverride()
    // `complain` prints the message, as one line.
    .configureOutput({ outputError: () => {} })
    .addHelpText(
      'after',
      '\nWithout a verb, the pane opens; `looptop --split` opens it in a split of this tmux window. `looptop VERB --help` has an example of each.',
    );
  for (const verb of verbs) verb(program);
  return program;
}

/** `argv` with its verb in front, `pane` when it names none, so that options may stand anywhere. */
export function withVerb(program: Command, argv: readonly string[]): string[] {
  const asks = argv.some((word) => ['-h', '--help', '-V', '--version'].includes(word));
  if (firstOperand(program, argv) === -1) return asks ? [...argv] : ['pane', ...argv];
  return verbFirst(program, argv);
}

function verbFirst(command: Command, argv: readonly string[]): string[] {
  const at = firstOperand(command, argv);
  const name = argv[at];
  if (name === undefined) return [...argv];
  const verb = command.commands.find((each) => each.name() === name);
  const rest = argv.toSpliced(at, 1);
  return [name, ...(verb !== undefined && verb.commands.length > 0 ? verbFirst(verb, rest) : rest)];
}

/** Index of the first word that is neither an option nor an option's value; -1 for none. */
function firstOperand(command: Command, argv: readonly string[]): number {
  const takesValue = flagsWithValue(command);
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return -1;
    if (!word.startsWith('-') || word === '-') return at;
    if (takesValue.has(word)) at++;
  }
  return -1;
}

/** Of all verbs together: a flag takes a value in each verb that has it, or in none (a test holds us to that). */
export function flagsWithValue(command: Command): Set<string> {
  const flags = new Set<string>();
  for (const option of command.options) {
    if (!option.required) continue;
    for (const flag of [option.short, option.long]) if (flag) flags.add(flag);
  }
  for (const verb of command.commands) for (const flag of flagsWithValue(verb)) flags.add(flag);
  return flags;
}

/** Prints what went wrong as one line and returns the exit code. */
function complain(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // `looptop rule` alone: commander has printed the help.
    if (error.code === 'commander.help') return 2;
    const words = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
    printNote(`${words}; see looptop --help`);
    return 2;
  }
  const { message, exitCode } =
    error instanceof Error ? { exitCode: 1, ...error, message: error.message } : unthrowable(error);
  if (message !== '') printNote(message);
  if (process.env.LOOPTOP_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return exitCode;
}

const unthrowable = (error: unknown) => ({ message: String(error), exitCode: 1 });
