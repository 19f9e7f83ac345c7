/**
 * What the format knows and this version does not do yet. Nothing of it is passed over in silence: what would leave a
 * loop unsafe or without meaning is a problem (it cannot run), what only adds comfort is a warning.
 */
import type { EngineName } from './definition.ts';
import { hiddenCaps } from './fan-out.ts';
import { type Path, type Remark, valueAt } from './problem.ts';
import type { FrontMatter } from './schema/front-matter.ts';

export interface Verdict {
  readonly problems: readonly Remark[];
  readonly warnings: readonly Remark[];
}

interface Lack {
  readonly at: readonly string[];
  /** Values that ask for nothing we lack. */
  readonly fine?: readonly unknown[];
  /** What happens instead, or what to do. */
  readonly instead: string;
}

const COMFORTS: readonly Lack[] = [
  { at: ['agents', 'maker', 'vision'], fine: [false], instead: 'the maker sees no pictures but those it opens' },
  { at: ['on-success', 'pr', 'stack'], fine: [false], instead: 'every request is of its own' },
  { at: ['on-success', 'pr', 'attach'], instead: 'the pictures stay in .looptop/runs/' },
  { at: ['on-failure', 'reflect', 'to'], fine: ['RULES.md'], instead: 'rules go to the file of context.rules' },
  { at: ['on-failure', 'reflect', 'approve'], fine: ['ask'], instead: 'the operator approves every rule' },
  { at: ['on-failure', 'reflect', 'max'], fine: [1], instead: 'one rule is drafted a run' },
  { at: ['on-failure', 'then'], fine: ['pause'], instead: 'the run pauses or ends' },
  { at: ['review', 'sample'], instead: 'what is read is up to the operator' },
  { at: ['review', 'quiz'], fine: ['off'], instead: 'nobody asks questions about the work' },
];

const NEEDS: readonly Lack[] = [];

/** @param written the front matter as it stands in the file, without defaults */
export function thisVersion(front: FrontMatter, written: unknown): Verdict {
  const problems = [
    ...lacks(NEEDS, written, 'not in this version'),
    ...gates(front),
    ...fillIns(written),
    ...withoutWorktree(front, written),
    ...stacked(front),
  ];
  const warnings = [
    ...lacks(COMFORTS, written, 'does nothing yet in this version'),
    ...rungs(front),
    ...triage(front),
    ...servers(front),
    ...hiddenCaps(front, written),
  ];
  return { problems, warnings };
}

function lacks(table: readonly Lack[], written: unknown, verdict: string): Remark[] {
  return table.flatMap(({ at, fine = [], instead }) => {
    const value = valueAt(written, at);
    if (value === undefined || fine.includes(value)) return [];
    const found = typeof value === 'object' ? { found: '' } : {};
    return [{ path: at, message: `${verdict}: ${instead}`, ...found }];
  });
}

function gates(front: FrontMatter): Remark[] {
  return front.gates.flatMap((gate, index): Remark[] => {
    const path: Path = ['gates', index];
    const remarks: Remark[] = [];
    if (gate.require === 'any')
      remarks.push({
        path: [...path, 'require'],
        message: 'not in this version: one measure alone passes a missing button or a recoloured page',
      });
    if (gate.baseline === 'updatable')
      remarks.push({
        path: [...path, 'baseline'],
        message: 'not in this version: a reference that the maker may change proves nothing',
      });
    return remarks;
  });
}

/** Only who changes nothing may work in the main checkout itself. */
function withoutWorktree({ isolation, agents }: FrontMatter, written: unknown): Remark[] {
  const { triage, maker } = agents;
  const beside = triage !== undefined && maker !== undefined;
  if (isolation.type !== 'none' && !beside) return [];
  const path: Path = typeof valueAt(written, ['isolation']) === 'string' ? ['isolation'] : ['isolation', 'type'];
  if (isolation.type === 'none' && (triage === undefined || beside))
    return [{ path, message: 'not in this version: every run works in a worktree of its own, but for a triage alone' }];
  const asks = triage?.permission ?? 'plan';
  if (asks === 'plan' || (triage?.engine ?? maker?.engine) === 'shell') return [];
  const why = beside
    ? 'a triage beside a maker works in the main checkout'
    : 'isolation: none lets the agent into the main checkout';
  return [{ path: ['agents', 'triage', 'permission'], message: `expected plan, because ${why}` }];
}

function stacked({ 'fan-out': fan }: FrontMatter): Remark[] {
  if (fan?.merge !== 'stack') return [];
  const message = 'not in this version: items come together one after the other (queue), or by hand (none)';
  return [{ path: ['fan-out', 'merge'], message }];
}

function triage({ agents, 'on-hit': onHit }: FrontMatter): Remark[] {
  return onHit === undefined || agents.triage !== undefined
    ? []
    : [{ path: ['on-hit'], message: 'does nothing: only a loop with agents.triage has hits', found: '' }];
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

/** Gemini is told which servers it may start, and has to know them; grok is told of none; ACP cannot take any away. */
const SERVERS: Readonly<Partial<Record<EngineName, string>>> = {
  gemini: 'gemini starts these only where its own settings have servers of these names: gemini mcp add',
  grok: 'grok is not told of these in this version: it has the servers of its own settings',
  acp: 'an acp agent has the servers of its own settings besides these',
};

function servers({ context, agents, escalate }: FrontMatter): Remark[] {
  const engines = [...Object.values(agents), ...(escalate ?? []).map(({ maker }) => maker)].map((each) => each?.engine);
  // Also of an empty list: it asks for no servers at all.
  if (context.mcp === undefined) return [];
  return [...new Set(engines)].flatMap((engine): Remark[] => {
    const message =
      engine === undefined || (engine === 'gemini' && context.mcp?.length === 0) ? undefined : SERVERS[engine];
    return message === undefined ? [] : [{ path: ['context', 'mcp'], message, found: '' }];
  });
}

/** Where a render command writes: filled in when it is run. */
const ACTUAL = '{{gate.actual}}';

/** What is not filled in would reach the shell as it stands. A run's item is, where it cannot do harm (fill-in.ts). */
function fillIns(written: unknown): Remark[] {
  const filled: Path[] = [
    ['isolation', 'setup'],
    ['isolation', 'teardown'],
    ['isolation', 'base'],
    ['discover', 'run'],
    ['fan-out', 'run'],
    ...['maker', 'checker', 'triage', 'reflector'].map((role): Path => ['agents', role, 'run']),
    ['isolation', 'branch'],
    ...listed(written, 'gates').flatMap((index): Path[] => [
      ['gates', index],
      ['gates', index, 'run'],
      ['gates', index, 'render'],
    ]),
  ];
  const bare: Path[] = [
    ['agents', 'maker', 'run'],
    ...listed(written, 'escalate').map((index): Path => ['escalate', index, 'maker', 'run']),
  ];
  const remarks = (paths: readonly Path[], unknown: RegExp, message: string): Remark[] =>
    paths.flatMap((path) => {
      const value = valueAt(written, path);
      if (typeof value !== 'string') return [];
      const left = path.at(-1) === 'render' ? value.replaceAll(ACTUAL, '') : value;
      return unknown.test(left) ? [{ path, message }] : [];
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
