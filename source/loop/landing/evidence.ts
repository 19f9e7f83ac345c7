/** What a pull request says: why somebody may believe the work, as Markdown. What others wrote stands in it as code, where it means nothing. */
import { demandOf } from '../definition/gates.ts';
import { GREEN } from '../run-status.ts';
import type { FleetState, GateResult, RunState } from '../state.ts';
import { sanitize } from '../text.ts';
import { fresh } from '../tokens.ts';
import { formatDuration, formatTokens, formatUsd } from '../units.ts';

const LONGEST_TITLE = 100;

/** One line, without a leading hyphen or anything invisible. */
export function requestTitle(run: RunState): string {
  const subject = run.definition.commit.replaceAll('{{summary}}', run.definition.goal.split('\n')[0] ?? '');
  const line = sanitize(subject.split('\n')[0] ?? '')
    .replace(/^[-\s]+/, '')
    .trim();
  return line.length > LONGEST_TITLE ? `${line.slice(0, LONGEST_TITLE - 1)}…` : line || `loop(${run.loop})`;
}

/** Goal, gates, the checker's verdict, passes, spend and rules of a green run. */
export function evidence({ rules }: Pick<FleetState, 'rules'>, run: RunState): string {
  const green = run.passes.findLast(({ why }) => why === GREEN);
  const { landing } = run;
  const merged = landing?.step.is === 'moving' || landing?.step.is === 'gating' ? landing.step : null;
  const demands = new Map(
    [...run.definition.gates, ...run.definition.onSuccess.gates].map((gate) => [gate.id, demandOf(gate)]),
  );
  const parts = [
    `## Goal\n\n${quoted(run.definition.goal)}`,
    `## Gates\n\nRun by looptop itself, after the agent was gone, in pass ${run.pass}.\n\n${table(green?.gates ?? [], demands)}`,
    merged === null
      ? ''
      : `Once more, together with \`${landing?.target}\` (\`${merged.merged.onto.slice(0, 12)}\`):\n\n${table(merged.gates, demands)}`,
    verdict(run, green?.gates ?? []),
    `## Passes\n\n${passes(run)}`,
    `## Spend\n\n${spend(run)}`,
    told(run, rules),
    `---\n\nRun ${code(run.id)} of loop ${code(run.loop)}, branch ${code(run.branch)}.`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function table(gates: readonly GateResult[], demands: ReadonlyMap<string, string>): string {
  const rows = gates.map(({ id, status, ms, summary, flags }) => {
    const said = [summary, ...flags]
      .filter((each) => each !== '')
      .map(cell)
      .join('<br>');
    return `| ${cell(id)} | ${cell(demands.get(id) ?? 'the checker')} | ${status} | ${formatDuration(ms)} | ${said} |`;
  });
  return ['| gate | demands | result | took | |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function verdict({ definition, findings }: RunState, gates: readonly GateResult[]): string {
  if (definition.checker === null) return '';
  const { gate, agent } = definition.checker;
  const result = gates.find(({ id }) => id === gate);
  const open = findings
    .map(({ id, where, what }) => `- ${code([id, where, what].filter(Boolean).join(' '))}`)
    .join('\n');
  const said =
    result === undefined
      ? 'Not asked: only a share of the runs is.'
      : `${result.status === 'green' ? 'Could not refute it' : 'Refuted it'} (${code(`${agent.engine} ${agent.model}`)}).`;
  return `## Checker\n\n${said}${open === '' ? '' : `\n\n${open}`}`;
}

const passes = (run: RunState): string =>
  run.passes
    .map(({ n, engine, model, why }) => `${n}. ${code(`${engine} ${model}`)}${why === '' ? '' : `: ${code(why)}`}`)
    .join('\n');

function spend({ meter, provenance, budget }: RunState): string {
  const { total } = meter;
  const usd = total.unpriced ? 'unpriced' : formatUsd(total.usd);
  const tokens = formatTokens(fresh(total.tokens));
  return `${tokens} of ${formatTokens(budget.tokens)} fresh tokens, ${usd} of ${formatUsd(budget.usd)} (${provenance}).`;
}

function told({ rulesShown }: RunState, rules: FleetState['rules']): string {
  if (rulesShown.length === 0) return '';
  const lines = rulesShown.map((id) => `- ${code(`${id} ${rules[id]?.text ?? ''}`.trim())}`);
  return `## Rules it was told\n\n${lines.join('\n')}`;
}

/** One line as code: no mention, link, image or HTML of it works. */
function code(text: string): string {
  const line = sanitize(text.replace(/\s+/g, ' ')).trim().slice(0, 300) || ' ';
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const ticks = '`'.repeat(longest + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${line}${pad}${ticks}`;
}

const cell = (text: string): string => code(text.replaceAll('|', '¦'));

/** The operator's own words, as a quotation. */
const quoted = (text: string): string =>
  text
    .split('\n')
    .map((line) => `> ${sanitize(line)}`.trimEnd())
    .join('\n');
