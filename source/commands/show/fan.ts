/** A fan in full: its items and what has become of each, for people and as JSON. */
import type { Budget } from '../../loop/definition/definition.ts';
import { fanUses } from '../../loop/fanout/caps.ts';
import { failedRun, type Tally, tally } from '../../loop/fanout/fans.ts';
import { doingWords, fanAttention, progressWords } from '../../loop/fanout/words.ts';
import { reasonOf, stateWord } from '../../loop/run-status.ts';
import type { FanItem, FanState, FleetState } from '../../loop/state.ts';
import { sanitize } from '../../loop/text.ts';
import { fresh } from '../../loop/tokens.ts';
import { formatDuration, formatTokens, formatUsd } from '../../loop/units.ts';
import { print } from '../print.ts';
import { table } from '../table.ts';

const COLUMNS = [{ title: 'ITEM' }, { title: 'STATE' }, { title: 'RUN' }, { title: 'WHY' }];

export async function showFan(fleet: FleetState, fan: FanState, now: number): Promise<void> {
  const facts: [string, string][] = [
    ['fan', `${fan.id} of ${fan.loop}, ${progressWords(fleet, fan)}`],
    ['now', doingWords(fleet, fan, now)],
    ['begun', `${formatDuration(Math.max(0, now - fan.at))} ago by ${fan.by}`],
    ['goal', fan.definition.goal],
    ['used', usedWords(fleet, fan, now)],
    ['an item', budgetWords(fan.rules.perItem)],
  ];
  for (const [label, words] of facts) print(`${label.padEnd(11)}${sanitize(words)}`);
  print('');
  for (const line of await table(
    COLUMNS,
    fan.items.map((item) => row(fleet, item)),
    process.stdout.columns,
  ))
    print(line);
}

function row(fleet: FleetState, item: FanItem): string[] {
  return [item.key, stateOf(fleet, item), item.run ?? '', whyOf(fleet, item)].map((cell) =>
    sanitize(cell.replaceAll('\n', ' ')),
  );
}

/** The run's own state while it is at work; `failed` where nobody but a person can turn it green. */
function stateOf(fleet: FleetState, item: FanItem): string {
  const run = item.run === null ? undefined : fleet.runs[item.run];
  if (item.state !== 'running' || run === undefined) return item.state;
  return failedRun(fleet, item) === null ? stateWord(run) : `failed, ${stateWord(run)}`;
}

function whyOf(fleet: FleetState, item: FanItem): string {
  const run = item.run === null ? undefined : fleet.runs[item.run];
  return item.state === 'running' && run !== undefined ? reasonOf(run) : item.why;
}

function usedWords(fleet: FleetState, fan: FanState, now: number): string {
  const [, , wall] = fanUses(fleet, fan, now);
  const { spent, budget, passes } = fan;
  const usd = spent.unpriced ? 'unpriced' : formatUsd(spent.usd);
  return [
    `${formatTokens(fresh(spent.tokens))} of ${formatTokens(budget.tokens)} tokens`,
    `${usd} of ${formatUsd(budget.usd)}`,
    `${formatDuration(wall?.used ?? 0)} of ${formatDuration(budget.wallMs)}`,
    `${passes} of ${budget.passes} passes`,
  ].join(', ');
}

const budgetWords = ({ tokens, usd, wallMs, passes }: Budget): string =>
  `at most ${formatTokens(tokens)} tokens, ${formatUsd(usd)}, ${formatDuration(wallMs)}, ${passes} passes`;

/** The public shape: `looptop show FAN --json`, and the fan of a loop in `ls --loops --json`. */
export interface FanJson {
  readonly id: string;
  readonly loop: string;
  readonly at: string;
  readonly endedAt: string | null;
  readonly released: boolean;
  /** Why nothing more of it begins; null while it does. */
  readonly stopped: string | null;
  readonly counts: Tally;
  readonly tokens: number;
  /** Null when some of it has no known price. */
  readonly usd: number | null;
  readonly wallMs: number;
  readonly passes: number;
  readonly budget: Budget;
  readonly perItem: Budget;
  readonly attention: { readonly level: string; readonly words: string } | null;
  readonly items: readonly {
    readonly key: string;
    readonly state: string;
    readonly run: string | null;
    readonly why: string;
  }[];
}

export function fanJson(fleet: FleetState, fan: FanState, now: number): FanJson {
  const needs = fanAttention(fleet, fan, now);
  const wall = fanUses(fleet, fan, now).find(({ cap }) => cap === 'fan-wall');
  return {
    id: fan.id,
    loop: fan.loop,
    at: new Date(fan.at).toISOString(),
    endedAt: fan.endedAt === null ? null : new Date(fan.endedAt).toISOString(),
    released: fan.released,
    stopped: fan.stopped?.why ?? null,
    counts: tally(fleet, fan),
    tokens: fresh(fan.spent.tokens),
    usd: fan.spent.unpriced ? null : fan.spent.usd,
    wallMs: wall?.used ?? fan.wallMs,
    passes: fan.passes,
    budget: fan.budget,
    perItem: fan.rules.perItem,
    attention: needs && { level: needs.level, words: needs.words },
    items: fan.items.map((item) => ({ key: item.key, state: item.state, run: item.run, why: whyOf(fleet, item) })),
  };
}
