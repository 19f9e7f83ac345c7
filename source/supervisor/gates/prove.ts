/**
 * Runs the gates of a loop where no maker has been: on its base commit, in a throw-away worktree. A gate that is green there
 * cannot tell finished work from none, unless guarding what is there is its purpose; one that cannot run there never will.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GateDefinition, LoopDefinition } from '../../loop/definition/definition.ts';
import { wantsItem } from '../../loop/definition/fill-in.ts';
import { commandOf } from '../../loop/definition/gates.ts';
import { ConfigError } from '../../loop/errors.ts';
import { loopEnvironment } from '../environment.ts';
import type { Worktree } from '../git/add.ts';
import type { Repository } from '../git/repository.ts';
import { runShell } from '../process/shell.ts';
import { type GateOutcome, runGate } from './gate.ts';
import { tailOf } from './output.ts';
import { freezeReference } from './picture/reference.ts';

/**
 * `fails`: red before any work, as it should be. `guards`: green, and that is its purpose. `proves-nothing`: green already.
 * `broken`: it cannot run, or a guard that is red from the start. `not-run`: a person judges, or it wants an item.
 */
export type Finding = 'fails' | 'guards' | 'proves-nothing' | 'broken' | 'not-run';

export interface ProvenGate {
  readonly id: string;
  readonly type: GateDefinition['type'];
  readonly required: boolean;
  readonly finding: Finding;
  /** What it showed, in one line; empty where there is nothing to say. */
  readonly words: string;
  readonly exit: number | null;
  readonly score: number | null;
  readonly ms: number;
}

export interface Proof {
  /** The commit they were run on; null where none could be, for want of an item. */
  readonly base: string | null;
  readonly gates: readonly ProvenGate[];
  /** What setup and gates left in the worktree that is not ignored: it would be taken for the maker's work. */
  readonly leaves: readonly string[];
}

/** @param told is told of each gate as it is known @throws ConfigError where the base, the setup or a reference is missing */
export async function prove(
  repository: Repository,
  definition: LoopDefinition,
  told: (gate: ProvenGate) => void,
  signal: AbortSignal,
): Promise<Proof> {
  const mark = randomBytes(16).toString('hex');
  const { isolation, onSuccess } = definition;
  const all = [...definition.gates, ...onSuccess.gates];
  const wants = (['base', 'setup'] as const).find((key) => wantsItem(isolation[key] ?? ''));
  if (wants !== undefined) {
    const gates = all.map((gate) => notRun(gate, `isolation.${wants} wants an item`));
    for (const gate of gates) told(gate);
    return { base: null, gates, leaves: [] };
  }
  const run = `prove-${mark.slice(0, 12)}`;
  const scratch = await mkdtemp(join(tmpdir(), 'looptop-prove-'));
  let made: Worktree | null = null;
  try {
    made = await repository.addWorktree({ run, base: isolation.base, copy: isolation.copy, nonce: mark });
    const at = { made, mark, scratch, signal, env: { ...loopEnvironment(), LOOPTOP_RUN_ID: run, LOOPTOP_PASS: '0' } };
    await setUp(definition, at);
    const gates: ProvenGate[] = [];
    for (const gate of all) {
      const proven = await proveGate(repository, gate, at);
      gates.push(proven);
      told(proven);
    }
    const { files } = await repository.change(made.worktree, made.base);
    return { base: made.base, gates, leaves: files.map(({ path }) => path) };
  } finally {
    if (made) await repository.removeWorktree({ ...made, keepDirty: false });
    await repository.settled();
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Place {
  readonly made: Worktree;
  readonly mark: string;
  readonly scratch: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

async function setUp({ isolation }: LoopDefinition, { made, mark, scratch, env, signal }: Place): Promise<void> {
  if (isolation.setup === null) return;
  const out = join(scratch, 'setup');
  const { exit, timedOut } = await runShell({
    command: isolation.setup,
    cwd: made.worktree,
    env: { ...env, CI: 'true' },
    mark,
    out,
    timeoutMs: isolation.setupTimeoutMs,
    signal,
  }).done;
  if (exit === 0) return;
  const last = tailOf(await readFile(out, 'utf8'))
    .split('\n')
    .at(-1);
  throw new ConfigError(`setup \`${isolation.setup}\` ${timedOut ? 'took too long' : `ended with ${exit}`}: ${last}`);
}

const notRun = ({ id, type, required }: GateDefinition, words: string): ProvenGate => ({
  ...{ id, type, required, words },
  ...{ finding: 'not-run', exit: null, score: null, ms: 0 },
});

async function proveGate(repository: Repository, gate: GateDefinition, place: Place): Promise<ProvenGate> {
  const { id, type, required } = gate;
  const about = { id, type, required };
  if (gate.type === 'human') return notRun(gate, 'a person judges');
  if (wantsItem(commandOf(gate) ?? '')) return notRun(gate, 'it wants an item');
  const dir = join(place.scratch, id);
  await mkdir(dir, { recursive: true });
  const outcome = await runGate({
    // Once is enough to see that it can fail.
    gate: { ...gate, repeat: 1 },
    worktree: place.made.worktree,
    dir,
    env: place.env,
    mark: place.mark,
    signal: place.signal,
    ...(gate.type === 'visual' && { reference: await freezeReference(repository, place.made.base, gate, dir) }),
  }).done;
  return { ...about, ...judged(gate, outcome), exit: outcome.exit, score: outcome.score, ms: outcome.ms };
}

/** The shell's own words for a command that it does not find or may not execute (POSIX, exit status). */
const NO_COMMAND: ReadonlySet<number | null> = new Set([126, 127]);

function judged(gate: GateDefinition, { status, exit, summary }: GateOutcome): { finding: Finding; words: string } {
  if (status === 'green') {
    if (gate.guards || byNature(gate)) return { finding: 'guards', words: '' };
    return { finding: 'proves-nothing', words: 'green before any work: say guards: true if that is its purpose' };
  }
  if (status === 'error' || status === 'timeout') return { finding: 'broken', words: summary };
  if (gate.type !== 'diff' && NO_COMMAND.has(exit)) return { finding: 'broken', words: `cannot run: ${summary}` };
  if (gate.type === 'metric' && summary.includes('no number')) return { finding: 'broken', words: summary };
  if (gate.guards) return { finding: 'broken', words: `a guard must be green to begin with: ${summary}` };
  return { finding: 'fails', words: summary };
}

/** No change breaks no rule, and a ratchet is level with itself. */
const byNature = (gate: GateDefinition): boolean =>
  gate.type === 'diff' || (gate.type === 'metric' && gate.ratchet !== null && gate.min === null && gate.max === null);
