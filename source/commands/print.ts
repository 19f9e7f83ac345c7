/** What verbs say: results on stdout, everything else on stderr, one line each. Text of an agent is sanitised by who prints it. */
import { sanitize } from '../loop/text.ts';

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** One value, indented for people with `jq` at hand; lists of events use `printJsonLine`. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

export function printJsonLine(value: unknown): void {
  print(JSON.stringify(value));
}

export function printNote(text: string): void {
  // It may quote a file name or an argument, and those can hold anything.
  const lines = text.split('\n').map(sanitize);
  process.stderr.write(`looptop: ${lines.join('\n')}\n`);
}
