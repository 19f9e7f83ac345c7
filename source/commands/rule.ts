/** rule: what the loops of this repository have learned, line by line of RULES.md. */
import type { Command } from 'commander';
import { UsageError } from '../loop/errors.ts';
import { adviceOn, isTrial } from '../loop/rule-life.ts';
import { RULES_FILE } from '../loop/rules.ts';
import type { Rule } from '../loop/state.ts';
import { sanitize } from '../loop/text.ts';
import { command } from './command.ts';
import { lookAtFleet } from './connect.ts';
import { print, printJson } from './print.ts';
import { findRun } from './select.ts';
import { table } from './table.ts';

interface Options {
  scope?: string;
  from?: string;
  text?: string;
  all?: true;
  json?: true;
}

const JSON_OPTION = ['--json', 'print the answer as JSON'] as const;

export function rule(program: Command): void {
  const rule = program
    .command('rule')
    .description('the rules in RULES.md: add, ls, approve, drop, retire')
    .addHelpText('after', '\nExample:\n  looptop rule ls');
  rule
    .command('add')
    .description('write a rule that every later pass in its scope is told')
    .argument('<text...>', 'the rule, one sentence')
    .option('--scope <glob>', 'only where these files matter')
    .option('--from <run>', 'the run it was learned from')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  looptop rule add "Use fake timers in queue tests" --scope "packages/queue/**"')
    .action((text: string[], { scope, from, json }: Options) =>
      command({ do: 'rule-add', text: text.join(' '), ...optional({ scope, from }) }, json, true),
    );
  rule
    .command('ls')
    .description('list the rules')
    .option('--all', 'the retired ones too')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  looptop rule ls --json')
    .action(list);
  rule
    .command('approve')
    .description('keep the rule that a run drafted from its red gate')
    .argument('<run>', 'id of the run')
    .option('--text <text>', 'in other words')
    .option('--scope <glob>', 'for other files')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  looptop rule approve ci-fix-12 --scope "packages/**"')
    .action(approve);
  rule
    .command('drop')
    .description('forget the rule that a run drafted')
    .argument('<run>', 'id of the run')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  looptop rule drop ci-fix-12')
    .action((run: string, { json }: Options) => command({ do: 'rule-drop', run }, json));
  rule
    .command('retire')
    .description('take a rule out of RULES.md')
    .argument('<id>', 'as `looptop rule ls` shows it')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  looptop rule retire r017')
    .action((id: string, { json }: Options) => command({ do: 'rule-retire', id }, json));
}

async function list({ all, json }: Options): Promise<void> {
  await using fleet = await lookAtFleet();
  const rules = Object.values(fleet?.state.rules ?? {}).filter((rule) => all || rule.status === 'active');
  if (json)
    return printJson(
      rules.map((rule) => ({
        ...rule,
        at: new Date(rule.at).toISOString(),
        lastShown: rule.lastShown === null ? null : new Date(rule.lastShown).toISOString(),
        trial: isTrial(rule, Date.now()),
        advice: adviceOn(rule, Date.now()),
      })),
    );
  if (rules.length === 0) return print('no rule yet: looptop rule add TEXT writes one');
  const now = Date.now();
  const rows = rules.map((rule) => [
    rule.id,
    rule.status === 'retired' ? 'retired' : isTrial(rule, now) ? 'trial' : 'kept',
    `${rule.shown}/${rule.helped}/${rule.hurt}`,
    rule.file === RULES_FILE ? rule.scope : `${rule.scope} in ${rule.file}`,
    `${rule.text}${advised(rule, now)}`,
  ]);
  const columns = [
    { title: 'RULE' },
    { title: 'STATE' },
    { title: 'SHOWN/HELPED/HURT' },
    { title: 'SCOPE' },
    { title: 'TEXT' },
  ];
  const lines = await table(
    columns,
    rows.map((row) => row.map(sanitize)),
    process.stdout.columns,
  );
  for (const line of lines) print(line);
}

/** What its record says should become of it. */
function advised(rule: Rule, now: number): string {
  const advice = adviceOn(rule, now);
  return advice === null ? '' : ` [${advice.do === 'gate' ? 'make it a gate' : 'retire'}: ${advice.because}]`;
}

async function approve(name: string, { text, scope, json }: Options): Promise<void> {
  await using fleet = await lookAtFleet();
  const run = fleet === null ? null : findRun(fleet.state, name);
  if (fleet === null || run?.draft === null || run === null) {
    throw new UsageError(`${name} has drafted no rule: looptop rule add TEXT writes one by hand`);
  }
  const draft = run.draft;
  const answer = await fleet.carryOut({
    do: 'rule-approve',
    run: run.id,
    text: text ?? draft.text,
    scope: scope ?? draft.scope,
  });
  if (json) printJson({ text: answer.text, run: answer.run });
  else print(answer.text);
}

/** Without the keys that were not given: an optional key may be absent, never undefined. */
function optional<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as ReturnType<
    typeof optional<T>
  >;
}
