/** show: one run in full, for people; the same facts as `ls --json` plus what only a person reads. */
import type { Command } from 'commander';
import { attention } from '../loop/attention.ts';
import { UsageError } from '../loop/errors.ts';
import { bestWords } from '../loop/keep-best.ts';
import { howWords, stepWords } from '../loop/landing/words.ts';
import { reasonOf } from '../loop/run-status.ts';
import { bestOf, curve, formatScore, isScored, scoresOf } from '../loop/score.ts';
import type { Pass, RunState } from '../loop/state.ts';
import { sanitize } from '../loop/text.ts';
import { formatDuration, formatTokens } from '../loop/units.ts';
import { lookAtFleet } from './connect.ts';
import { isUtf8 } from './doctor/terminal.ts';
import { newestGates, runJson } from './json.ts';
import { print, printJson } from './print.ts';
import { findFan, findRun } from './select.ts';
import { fanJson, showFan } from './show/fan.ts';
import { gatesCell, stateCell, timeCell, tokensCell, usdCell } from './words.ts';

export function show(program: Command): void {
  program
    .command('show')
    .description('one run in full, or one fan with all its items')
    .argument('<run>', 'id of the run or the fan')
    .option('--json', 'print it as JSON, as in `ls --json`')
    .addHelpText('after', '\nExample:\n  looptop show ci-fix-12')
    .action(async (name: string, { json }: { json?: true }) => {
      await using fleet = await lookAtFleet();
      if (fleet === null) throw new UsageError(`there is no run ${name}: nothing has run in this repository yet`);
      const fan = findFan(fleet.state, name);
      if (fan !== null)
        return json ? printJson(fanJson(fleet.state, fan, Date.now())) : await showFan(fleet.state, fan, Date.now());
      const run = findRun(fleet.state, name);
      if (json) return printJson(runJson(run, Date.now()));
      for (const [label, words] of facts(run, Date.now())) {
        if (words !== '') print(`${label.padEnd(11)}${sanitize(words)}`);
      }
    });
}

/** Label and one line each; an empty line is left out. */
function facts(run: RunState, now: number): [string, string][] {
  const { tokens } = run.meter.total;
  const cache = `cache read ${formatTokens(tokens.cacheRead)}, written ${formatTokens(tokens.cacheWrite)}`;
  const { agent } = run;
  const process = agent !== null && (agent.fact.is === 'alive' || agent.fact.is === 'frozen') ? agent.fact : null;
  return [
    ['run', `${run.id}  ${stateCell(run)}`],
    ['why', reasonOf(run)],
    ['needs you', attention(run)?.words ?? ''],
    ['goal', run.definition.goal],
    ['fan', run.fan === null ? '' : `${run.fan.id}, item ${run.fan.key} (looptop show ${run.fan.id})`],
    ['item', run.item === null ? '' : JSON.stringify(run.item)],
    [
      'model',
      `${run.maker.engine} ${run.model}${run.rung === 0 ? '' : `, rung ${run.rung}${run.stuck.climbed === '' ? '' : `: ${run.stuck.climbed}`}`}`,
    ],
    ['pass', `${run.pass} of ${run.budget.passes}`],
    [
      'tokens',
      `${tokensCell(run)} fresh (in ${formatTokens(tokens.input)}, out ${formatTokens(tokens.output)}, ${cache})`,
    ],
    ['money', `${usdCell(run)}, ${run.provenance}`],
    ['time', `${timeCell(run, now)}/${formatDuration(run.budget.wallMs)}`],
    ['worktree', run.worktree ?? ''],
    ['branch', run.base === null ? run.branch : `${run.branch} from ${run.base.slice(0, 12)}`],
    ['commit', run.commit ?? ''],
    ['landing', landingWords(run)],
    ['agent', process === null ? '' : `pid ${process.process.pid}, ${process.is}, ${process.containment}`],
    ['session', agent?.session ?? run.session?.id ?? ''],
    ...run.passes.map((pass): [string, string] => [`pass ${pass.n}`, passWords(pass)]),
    ...scoreRows(run),
    ...flagRows(run),
    ['kept', run.kept === null || run.kept.commit === null ? '' : `${bestWords(run.kept)}, on ${run.branch}`],
    ...run.notes.map((note): [string, string] => ['note', `${note.text} (${note.state})`]),
    ['rules', run.rulesShown.join(', ')],
    ['drafted', run.draft === null ? '' : `${run.draft.text} (looptop rule approve ${run.id}, or drop)`],
    ['trace', `looptop log ${run.id}`],
  ];
}

/** `look  ▁▃▆█ 0.61 0.74 0.93, best in pass 3`: a line for each gate that measures. */
function scoreRows(run: RunState): [string, string][] {
  return run.definition.gates.filter(isScored).flatMap((gate): [string, string][] => {
    const scores = scoresOf(run, gate.id);
    const best = bestOf(gate, scores);
    if (best === null) return [];
    const numbers = scores.map(({ score }) => score);
    const words = `${gate.id} ${curve(numbers, !isUtf8(process.env))} ${numbers.map(formatScore).join(' ')}`;
    return [['score', `${words}, best in pass ${best.pass} (${formatScore(best.score)})`]];
  });
}

/** How it lands, and what the gates said of the merged tree. */
function landingWords({ landing, status }: RunState): string {
  if (landing === null) return '';
  const { step } = landing;
  const gates = 'gates' in step ? gatesCell(step.gates) : '';
  return [howWords(landing), status.tag === 'open' ? stepWords(landing) : '', gates].filter(Boolean).join(', ');
}

const flagRows = (run: RunState): [string, string][] =>
  newestGates(run).flatMap(({ id, flags }) => flags.map((flag): [string, string] => ['look at', `${id}: ${flag}`]));

function passWords(pass: Pass): string {
  return [`${pass.model}${pass.rung === 0 ? '' : ` +${pass.rung}`}`, gatesCell(pass.gates), pass.why]
    .filter((part) => part !== '')
    .join(', ');
}
