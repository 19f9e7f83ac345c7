/** What the repository remembers, brought into the ledger: its loop files and its rules; and the operator's settings. */
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DEFAULT_TIERS } from '../../agents/engines.ts';
import { findRun } from '../../loop/answer.ts';
import type { Refusal } from '../../loop/command.ts';
import { formatProblem } from '../../loop/definition/problem.ts';
import { UsageError } from '../../loop/errors.ts';
import type { Event } from '../../loop/event.ts';
import { adviceOn, MOST_RULES } from '../../loop/rule-life.ts';
import { RULES_FILE, sameLesson, type WrittenRule } from '../../loop/rules.ts';
import type { FleetState, Rule, Settings } from '../../loop/state.ts';
import type { RunId } from '../../loop/units.ts';
import type { House } from '../house.ts';
import type { Configuration } from './configuration.ts';
import { readLoops } from './loop-files.ts';
import { readMcpFile } from './mcp-file.ts';
import { isTrusted, untrustedServers } from './trust.ts';

/** The operator's settings, with what each engine calls its tiers where the operator does not say. */
export const settingsOf = ({ settings }: Configuration): Settings => ({
  ...settings,
  tiers: { ...DEFAULT_TIERS, ...settings.tiers },
});

/** Events that make the state say what loops/ and RULES.md say now; none when it does already. */
export async function readMemory(root: string, state: FleetState, rules: House['rules']): Promise<Event[]> {
  const loops = await readLoopFiles(root, state);
  return [...loops, ...(await readRules(loops.reduce(told, state), rules))];
}

/** With the files of rules that the loops name now. */
const told = (state: FleetState, event: Event): FleetState =>
  event.type === 'loop-read' ? { ...state, loops: { ...state.loops, [event.name]: event } } : state;

/** Reads loops/ and RULES.md again, and journals what is new. */
export async function reload({ ledger, repository, rules }: House): Promise<void> {
  await ledger.record(...(await readMemory(repository.root, ledger.state, rules)));
}

async function readLoopFiles(root: string, state: FleetState): Promise<Event[]> {
  const files = await readLoops(root);
  const events: Event[] = [];
  const names = new Set<string>();
  for (const { path, text, parsed } of files) {
    const name = basename(path, '.md');
    names.add(name);
    const mcp = parsed.definition?.context.mcp ?? [];
    // Of a file that has gone bad since it was parsed, nothing is trusted.
    const servers = mcp.length === 0 ? new Map() : await readMcpFile(root).catch(() => new Map());
    const trusted = (await isTrusted(root, path, text)) && (await untrustedServers(root, mcp, servers)).length === 0;
    const read = { name, path, trusted, definition: parsed.definition, problems: parsed.problems.map(formatProblem) };
    if (!isDeepStrictEqual(read, state.loops[name])) events.push({ type: 'loop-read', ...read });
  }
  const gone = Object.keys(state.loops).filter((name) => !names.has(name));
  return [...events, ...gone.map((name): Event => ({ type: 'loop-gone', name }))];
}

async function readRules(state: FleetState, rules: House['rules']): Promise<Event[]> {
  const written = await activeIn(filesOfRules(state), rules);
  const known = Object.values(state.rules).filter((rule) => rule.status === 'active');
  const same = written.length === known.length && written.every((rule) => isKnown(state, rule));
  if (same) return [];
  return [{ type: 'rules-read', rules: written.map(({ id, text, scope, file }) => ({ id, text, scope, file })) }];
}

type Active = WrittenRule & { readonly file: string };

/** RULES.md and those that loops name in `context.rules.file`. */
const filesOfRules = ({ loops }: Pick<FleetState, 'loops'>): ReadonlySet<string> =>
  new Set([RULES_FILE, ...Object.values(loops).flatMap(({ definition }) => definition?.context.rules.file ?? [])]);

/** Of an id that two files use the first counts. */
async function activeIn(files: ReadonlySet<string>, rules: House['rules']): Promise<Active[]> {
  const byId = new Map<string, Active>();
  for (const file of files)
    for (const rule of await rules(file).read())
      if (rule.status === 'active' && !byId.has(rule.id)) byId.set(rule.id, { ...rule, file });
  return [...byId.values()];
}

function isKnown(state: FleetState, rule: Active): boolean {
  const known = state.rules[rule.id];
  return (
    known?.status === 'active' && known.text === rule.text && known.scope === rule.scope && known.file === rule.file
  );
}

type Done = { readonly text: string; readonly run: string | null };
type Add = { readonly text: string; readonly scope?: string; readonly from?: string };

/** Writes a rule at the operator's word, which is asked for here and nowhere else. A rule made from a run's draft settles the draft. */
export async function addRule(house: House, { text, scope, from }: Add, by: string): Promise<Done | Refusal> {
  const { state } = house.ledger;
  const found = from === undefined ? null : findRun(state, from);
  if (found !== null && 'refused' in found) return found;
  const file = found?.definition.context.rules.file ?? RULES_FILE;
  const rules = Object.values(state.rules).filter((rule) => rule.file === file);
  const twin = twinOf(text, found?.draft?.fingerprint ?? null, rules);
  if (twin) {
    await house.ledger.record({ type: 'rule-bumped', id: twin.id, by, run: found?.id ?? null });
    return { text: `${twin.id} says that already and was counted again: ${twin.text}`, run: found?.id ?? null };
  }
  const active = rules.filter((rule) => rule.status === 'active').length;
  if (active >= MOST_RULES) {
    const worst = rules.find((rule) => adviceOn(rule, Date.now()) !== null);
    const which = worst ? `, ${worst.id} first (${adviceOn(worst, Date.now())?.because})` : '';
    return {
      refused: `${active} rules are as many as agents follow: retire one with looptop rule retire${which}.`,
      code: 1,
    };
  }
  return write(house, file, { text, scope: scope ?? found?.draft?.scope ?? '**' }, by, found?.id ?? null);
}

/** The active rule that the same failure taught before, or that says nearly the same. */
const twinOf = (text: string, fingerprint: string | null, rules: readonly Rule[]): Rule | null =>
  rules.find((rule) => rule.status === 'active' && fingerprint !== null && rule.from?.fingerprint === fingerprint) ??
  sameLesson(text, rules);

/** The file first: it is the memory, the journal only knows of it. */
async function write(
  house: House,
  file: string,
  { text, scope }: { readonly text: string; readonly scope: string },
  by: string,
  run: RunId | null,
): Promise<Done | Refusal> {
  try {
    const rule = await house.rules(file).add({ text: text.trim(), scope }, Object.keys(house.ledger.state.rules));
    await house.ledger.record({ type: 'rule-added', id: rule.id, text: rule.text, scope: rule.scope, file, by, run });
    return { text: `${rule.id} is in ${file} and goes into every next prompt.`, run };
  } catch (error) {
    if (error instanceof UsageError) return { refused: error.message, code: error.exitCode };
    throw error;
  }
}

export async function retireRule(house: House, id: string, by: string): Promise<Done | Refusal> {
  const file = house.ledger.state.rules[id]?.file ?? RULES_FILE;
  if (!(await house.rules(file).retire(id)))
    return { refused: `There is no active rule ${id}: see looptop rule ls.`, code: 2 };
  await house.ledger.record({ type: 'rule-retired', id, by });
  return { text: `${id} is retired and no longer shown to agents.`, run: null };
}
