/**
 * What the format knows and this version does not do yet. Nothing of it is passed over in silence: what would leave a
 * loop unsafe or without meaning is a problem (it cannot run), what only adds comfort is a warning.
 */
import { oneOf } from './nearest.ts';
import { type Path, type Remark, valueAt } from './problem.ts';
import type { FrontMatter } from './schema/front-matter.ts';

export interface Verdict {
  readonly problems: readonly Remark[];
  readonly warnings: readonly Remark[];
}

/** Engines that this version can start. */
export const ENGINES_HERE: readonly string[] = ['claude', 'codex', 'gemini', 'opencode', 'shell', 'scripted'];

interface Lack {
  readonly at: readonly string[];
  /** Values that ask for nothing we lack. */
  readonly fine?: readonly unknown[];
  /** What happens instead, or what to do. */
  readonly instead: string;
}

const byHand = (key: string): Lack => ({ at: ['on', key], instead: 'the loop starts only by hand, with looptop run' });

const COMFORTS: readonly Lack[] = [
  ...['every', 'cron', 'watch', 'event', 'after'].map(byHand),
  ...['timezone', 'active', 'skip-if', 'cooldown', 'jitter', 'catch-up', 'expires'].map(byHand),
  { at: ['discover'], instead: 'hand the item over with looptop run --item' },
  { at: ['agents', 'triage'], instead: 'the maker is the only role' },
  { at: ['agents', 'maker', 'vision'], fine: [false], instead: 'the maker sees no pictures but those it opens' },
  { at: ['budget', 'keep-best'], instead: 'the last pass is kept' },
  { at: ['context', 'rules', 'file'], fine: ['RULES.md'], instead: 'rules are read from RULES.md and written there' },
  { at: ['on-hit'], instead: 'there is no triage' },
  { at: ['on-success', 'pr'], instead: 'the work waits on its branch for the review' },
  { at: ['on-success', 'then'], instead: 'no other loop is started' },
  { at: ['on-success', 'notify'], fine: ['none'], instead: 'the pane shows it' },
  { at: ['on-failure', 'reflect', 'to'], fine: ['RULES.md'], instead: 'rules go to the file of context.rules' },
  { at: ['on-failure', 'reflect', 'approve'], fine: ['ask'], instead: 'the operator approves every rule' },
  { at: ['on-failure', 'reflect', 'max'], fine: [1], instead: 'one rule is drafted a run' },
  { at: ['on-failure', 'then'], fine: ['pause'], instead: 'the run pauses or ends' },
  { at: ['on-failure', 'notify'], fine: ['none'], instead: 'the pane shows it' },
  { at: ['concurrency', 'group'], instead: 'the limit is one of this loop alone' },
  { at: ['concurrency', 'when-busy'], fine: ['queue'], instead: 'a run waits in the queue' },
  { at: ['review'], instead: 'the review queue has no limit' },
];

const NEEDS: readonly Lack[] = [
  { at: ['fan-out'], instead: 'a run has one item: remove the key and start it once an item' },
  { at: ['isolation'], fine: ['worktree'], instead: 'every run works in a worktree of its own' },
  { at: ['isolation', 'type'], fine: ['worktree'], instead: 'every run works in a worktree of its own' },
  { at: ['paths', 'allow'], instead: 'nothing would hold the maker to it: make it a gate' },
  { at: ['paths', 'deny'], instead: 'nothing would hold the maker to it: make it a gate' },
  { at: ['paths', 'max-files'], instead: 'nothing would hold the maker to it: make it a gate' },
  { at: ['paths', 'max-lines'], instead: 'nothing would hold the maker to it: make it a gate' },
  { at: ['budget', 'per-item'], instead: 'nothing would hold this cap: the budget itself is that of one run' },
  {
    at: ['on-success', 'push'],
    fine: [false],
    instead: 'finished work stays on its branch until the operator lands it',
  },
  { at: ['on-success', 'merge'], fine: ['never', 'ask'], instead: 'only the operator lands finished work' },
];

/** @param written the front matter as it stands in the file, without defaults */
export function thisVersion(front: FrontMatter, written: unknown): Verdict {
  const problems = [
    ...lacks(NEEDS, written, 'not in this version'),
    ...gates(front),
    ...engines(front),
    ...fillIns(written),
  ];
  const warnings = [
    ...lacks(COMFORTS, written, 'does nothing yet in this version'),
    ...onText(front),
    ...rungs(front),
    ...servers(front),
  ];
  return { problems, warnings };
}

function lacks(table: readonly Lack[], written: unknown, verdict: string): Remark[] {
  return table.flatMap(({ at, fine = [], instead }) => {
    const value = valueAt(written, at);
    if (value === undefined || fine.includes(value)) return [];
    if (typeof value === 'object' && at.join('.') === 'isolation') return [];
    const found = typeof value === 'object' ? { found: '' } : {};
    return [{ path: at, message: `${verdict}: ${instead}`, ...found }];
  });
}

function onText({ on }: FrontMatter): Remark[] {
  if (typeof on !== 'string' || on === 'manual') return [];
  return [
    { path: ['on'], message: 'does nothing yet in this version: the loop starts only by hand, with looptop run' },
  ];
}

function gates(front: FrontMatter): Remark[] {
  return front.gates.flatMap((gate, index): Remark[] => {
    const path: Path = ['gates', index];
    if (gate.type === 'checker') return [];
    if (gate.type !== 'shell')
      return [
        { path: [...path, 'type'], message: 'not in this version: gates are shell commands, green when they exit 0' },
      ];
    const remarks: Remark[] = [];
    if (gate.when === 'merge')
      remarks.push({
        path: [...path, 'when'],
        message: 'not in this version: use final, which comes before the review',
      });
    if (gate.wait) remarks.push({ path: [...path, 'wait'], message: 'not in this version: wait inside the command' });
    if (gate.expect)
      remarks.push({ path: [...path, 'expect'], message: 'not in this version: only the exit code counts', found: '' });
    return remarks;
  });
}

function engines({ agents, escalate }: FrontMatter): Remark[] {
  const makers: [Path, string | undefined][] = [
    ...(['maker', 'checker', 'triage', 'reflector'] as const).map((role): [Path, string | undefined] => [
      ['agents', role, 'engine'],
      agents[role]?.engine,
    ]),
    ...(escalate ?? []).map((rung, index): [Path, string | undefined] => [
      ['escalate', index, 'maker', 'engine'],
      rung.maker?.engine,
    ]),
  ];
  return makers
    .filter(([, engine]) => engine !== undefined && !ENGINES_HERE.includes(engine))
    .map(([path, engine]) => ({
      path,
      message: `engine ${engine} is not in this version: use ${oneOf(ENGINES_HERE)}`,
      found: '',
    }));
}

/** Two reasons to climb come from what a loop need not have; the rungs above one that cannot come are never reached. */
function rungs({ escalate, gates, agents }: FrontMatter): Remark[] {
  const has = (...types: readonly string[]): boolean => gates.some(({ type }) => types.includes(type));
  const lack: Readonly<Record<string, string | null>> = {
    'no-improvement': has('metric', 'visual') ? null : 'no gate of this loop measures anything',
    'checker-rejects': agents.checker !== undefined || has('checker') ? null : 'this loop has no checker',
  };
  return (escalate ?? []).flatMap(({ when }, index): Remark[] =>
    lack[when] ? [{ path: ['escalate', index, 'when'], message: `never happens: ${lack[when]}` }] : [],
  );
}

/** Gemini is told which servers it may start, and has to know them. */
function servers({ context, agents, escalate }: FrontMatter): Remark[] {
  const engines = [...Object.values(agents), ...(escalate ?? []).map(({ maker }) => maker)].map((each) => each?.engine);
  if ((context.mcp ?? []).length === 0 || !engines.includes('gemini')) return [];
  const message = 'gemini starts these only where its own settings have servers of these names: gemini mcp add';
  return [{ path: ['context', 'mcp'], message, found: '' }];
}

/** What is not filled in would reach the shell as it stands. A run's item is, where it cannot do harm (fill-in.ts). */
function fillIns(written: unknown): Remark[] {
  const filled: Path[] = [
    ['isolation', 'setup'],
    ['isolation', 'teardown'],
    ['isolation', 'base'],
    ['isolation', 'branch'],
    ...listed(written, 'gates').flatMap((index): Path[] => [
      ['gates', index],
      ['gates', index, 'run'],
    ]),
  ];
  const bare: Path[] = [
    ['agents', 'maker', 'run'],
    ...listed(written, 'escalate').map((index): Path => ['escalate', index, 'maker', 'run']),
  ];
  const remarks = (paths: readonly Path[], unknown: RegExp, message: string): Remark[] =>
    paths.flatMap((path) => {
      const value = valueAt(written, path);
      return typeof value === 'string' && unknown.test(value) ? [{ path, message }] : [];
    });
  return [
    ...remarks(
      filled,
      /\{\{(?!\s*item\b)\s*(gate|summary|run|loop)\b/,
      'not in this version: only {{item.field}} is filled in here',
    ),
    ...remarks(
      bare,
      /\{\{\s*(item|gate|summary|run|loop)\b/,
      'not in this version: nothing fills in {{...}} here; the command has the item in LOOPTOP_ITEM',
    ),
  ];
}

function listed(written: unknown, key: string): number[] {
  const list = valueAt(written, [key]);
  return Array.isArray(list) ? list.map((_, index) => index) : [];
}
