/** What verbs say: results on stdout, everything else on stderr, one line each. Text of an agent is sanitised by who prints it. */

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
  process.stderr.write(`looptop: ${text}\n`);
}
