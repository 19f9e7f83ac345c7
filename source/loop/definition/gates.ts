/** The gates of a loop as the rest of the program knows them, one shape a type. Made by define-gates.ts; run by supervisor/gates/. */

interface AnyGate {
  readonly id: string;
  /** `pass`: after every maker turn. `final`: once all pass gates are green. `merge`: on the merged tree, before it lands. */
  readonly when: 'pass' | 'final' | 'merge';
  readonly required: boolean;
  /** It is green from the start and guards against regressions: `check --prove` expects it so. */
  readonly guards: boolean;
  readonly timeoutMs: number;
  /** How often in a row it must be green; 1 or more. */
  readonly repeat: number;
  /** Shown to the maker under the gate's output when it is red. */
  readonly hint: string | null;
}

/** What a command must show. A text must stand in the output; `/…/flags` must match it; an empty text allows no output. */
export interface Expectation {
  readonly exit: number;
  readonly stdout: string | null;
  readonly stderr: string | null;
}

/** `everyMs`: run again until it is green or the timeout is over; null for once. */
export interface Wait {
  readonly beforeMs: number;
  readonly everyMs: number | null;
}

/** Green when its command ends as expected. */
export interface ShellGate extends AnyGate {
  readonly type: 'shell';
  readonly run: string;
  /** Null: exit code 0 is all. */
  readonly expect: Expectation | null;
  readonly wait: Wait | null;
}

export type Ratchet = 'up' | 'down';

/** Green when the number that its command prints is within bounds. */
export interface MetricGate extends AnyGate {
  readonly type: 'metric';
  readonly run: string;
  /** Where the number stands in what is printed on stdout: the last one, the first group of a pattern, a place in JSON. */
  readonly read: { readonly from: 'last' } | { readonly from: 'pattern' | 'json'; readonly at: string };
  readonly min: number | null;
  readonly max: number | null;
  /** It may only move this way from the best of the base commit and of what has landed. */
  readonly ratchet: Ratchet | null;
  /** Share of that best by which it may be worse all the same, 0 to 1. */
  readonly tolerance: number;
  readonly wait: Wait | null;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** What two pictures must have in common; all of it. */
export interface Likeness {
  /** Share of the pixels that may differ, 0 to 1. */
  readonly maxDiffRatio: number;
  /** Distance in colour from which a pixel differs, 0 to 1. */
  readonly threshold: number;
  readonly ignoreAntialiasing: boolean;
  readonly minSsim: number;
  /** Structure is compared at this fraction of the size: 2 is half. */
  readonly downscale: number;
  /** CIE76 distance that the mean colours of a block may have. */
  readonly maxDeltaE: number;
  readonly ignore: readonly Rectangle[];
}

/** Green when the picture that its command writes looks like the frozen reference. */
export interface VisualGate extends AnyGate {
  readonly type: 'visual';
  /** Writes a PNG to the path in `LOOPTOP_ACTUAL`. */
  readonly render: string;
  /** Relative to the repository; read from the base commit, never from the worktree. */
  readonly reference: string;
  readonly likeness: Likeness;
  readonly wait: null;
}

/** What a change may touch, as globs relative to the repository. */
export interface Paths {
  /** Null: everything that is not denied. */
  readonly allow: readonly string[] | null;
  readonly deny: readonly string[];
  readonly maxFiles: number | null;
  readonly maxLines: number | null;
}

/** Green when the change itself, from the base commit to the worktree, breaks no rule. It runs no command. */
export interface DiffGate extends AnyGate {
  readonly type: 'diff';
  readonly paths: Paths;
  /** No test may be deleted or skipped, and no file may change that a gate runs. */
  readonly protects: boolean;
  /** Globs of files that may not be deleted, besides tests. */
  readonly forbidDeleted: readonly string[];
  /** Patterns that nothing added may match, besides skips in tests. */
  readonly forbidAdded: readonly string[];
  /** Globs of files that gates run and that may change all the same. */
  readonly except: readonly string[];
  readonly wait: null;
}

/** Green when a person says so. It is asked last in its stage, and only when nothing of it is red. */
export interface HumanGate extends AnyGate {
  readonly type: 'human';
  readonly question: string;
}

export type GateDefinition = ShellGate | MetricGate | VisualGate | DiffGate | HumanGate;

/** Those that the supervisor judges by itself. */
export type MachineGate = Exclude<GateDefinition, HumanGate>;

/** The command that it runs in the worktree; null where it runs none. */
export function commandOf(gate: GateDefinition): string | null {
  switch (gate.type) {
    case 'shell':
    case 'metric':
      return gate.run;
    case 'visual':
      return gate.render;
    case 'diff':
    case 'human':
      return null;
  }
}

/** In one line, what it demands: its command, and what beside exit code 0 must come of it. */
export function demandOf(gate: GateDefinition): string {
  switch (gate.type) {
    case 'shell':
      return [gate.run, ...expected(gate.expect)].join(', ');
    case 'metric':
      return [gate.run, ...bounds(gate)].join(', ');
    case 'visual':
      return `${gate.render}, to look like ${gate.reference}`;
    case 'diff':
      return `the change: ${changeRules(gate).join('; ')}`;
    case 'human':
      return `a person: ${gate.question}`;
  }
}

function expected(expect: Expectation | null): string[] {
  if (expect === null) return [];
  const stream = (name: string, text: string | null): string[] =>
    text === null ? [] : [text === '' ? `nothing on ${name}` : `${name} with ${text}`];
  return [
    ...(expect.exit === 0 ? [] : [`exit code ${expect.exit}`]),
    ...stream('stdout', expect.stdout),
    ...stream('stderr', expect.stderr),
  ];
}

const bounds = ({ min, max, ratchet }: MetricGate): string[] => [
  ...(min === null ? [] : [`at least ${min}`]),
  ...(max === null ? [] : [`at most ${max}`]),
  ...(ratchet === null ? [] : [`never ${ratchet === 'up' ? 'lower' : 'higher'} than before`]),
];

function changeRules({ paths, protects, forbidDeleted, forbidAdded }: DiffGate): string[] {
  return [
    ...(protects ? ['no test deleted or skipped, nothing changed that gates run'] : []),
    ...(paths.allow === null ? [] : [`only in ${paths.allow.join(', ')}`]),
    ...(paths.deny.length === 0 ? [] : [`nothing in ${paths.deny.join(', ')}`]),
    ...(paths.maxFiles === null ? [] : [`at most ${paths.maxFiles} files`]),
    ...(paths.maxLines === null ? [] : [`at most ${paths.maxLines} lines`]),
    ...(forbidDeleted.length === 0 ? [] : [`nothing deleted of ${forbidDeleted.join(', ')}`]),
    ...(forbidAdded.length === 0 ? [] : [`nothing added like ${forbidAdded.join(', ')}`]),
  ];
}
