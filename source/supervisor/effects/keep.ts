/** What is kept of a run: its commit on its own branch, and its worktree for as long as the loop says. */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { factsOf } from '../../loop/review/facts.ts';
import { parseDiff } from '../../loop/review/parse.ts';
import type { RunState } from '../../loop/state.ts';
import type { RunId } from '../../loop/units.ts';
import { gateFolder, type House, runEnvironment, runOf, worktreeOf } from '../house.ts';
import { killTree } from '../process/kill.ts';
import { runShell } from '../process/shell.ts';
import { messageOf } from './message.ts';

export async function commit(house: House, id: RunId): Promise<void> {
  const run = runOf(house, id);
  // Nothing of the run lives any more, so a lock in its tree is one that a killed git left.
  await house.repository.releaseLocks({ worktree: worktreeOf(run), branch: run.branch });
  const made = await house.repository.commitAll({
    worktree: worktreeOf(run),
    branch: run.branch,
    message: messageOf(run),
  });
  // Read once, here: the queue of reviews is sorted by what is in it, and every pane would have to read all of them.
  const review = run.base === null ? null : factsOf(parseDiff(await house.repository.patch(run.base, made.commit)));
  await house.ledger.record({ type: 'committed', run: id, ...made, ...(review === null ? {} : { review }) });
}

export async function tearDown(house: House, id: RunId, signal: AbortSignal): Promise<void> {
  const run = runOf(house, id);
  const worktree = worktreeOf(run);
  await killTree(run.nonce, null, { politeMs: 0 });
  const { teardown, ttlMs } = run.definition.isolation;
  if (teardown !== null && (await isFolder(worktree))) await runTeardown(house, run, teardown, signal);
  if (signal.aborted) return;
  const aged = run.status.tag === 'ended' && ttlMs !== null && Date.now() >= run.status.at + ttlMs;
  if (aged && (await isFolder(worktree))) await keepWork(house, run);
  const { kept } = await house.repository.removeWorktree({ worktree, branch: run.branch, keepDirty: true });
  await house.repository.landing.dropScratch(id);
  await house.ledger.record({ type: 'torn-down', run: id, kept });
}

/** What the loop file wants to be done before the worktree goes. It may fail: the worktree goes all the same. */
async function runTeardown(house: House, run: RunState, command: string, signal: AbortSignal): Promise<void> {
  const folder = gateFolder(house, run.id, 0, 'teardown');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { exit, timedOut } = await runShell({
    command,
    cwd: worktreeOf(run),
    env: { ...runEnvironment(house, run), CI: 'true' },
    mark: run.nonce,
    out: join(folder, 'out'),
    timeoutMs: run.definition.isolation.setupTimeoutMs,
    signal,
  }).done;
  if (!signal.aborted && exit !== 0)
    house.log(
      `${run.id}: teardown \`${command}\` ${timedOut ? 'took too long' : `ended with exit code ${exit}`}: ${folder}/out`,
    );
}

/** What nobody has committed goes onto the run's branch, so that age alone loses no work. */
async function keepWork(house: House, run: RunState): Promise<void> {
  const { branch } = run;
  const worktree = worktreeOf(run);
  const message = `loop(${run.loop}): what ${run.id} left behind\n\nKept when its worktree was removed for its age; no gate was green on it.\n`;
  try {
    await house.repository.releaseLocks({ worktree, branch });
    await house.repository.commitAll({ worktree, branch, message });
  } catch (error) {
    // Then the worktree stays: `removeWorktree` takes none with uncommitted work.
    house.log(
      `${run.id}: what is left in ${worktree} could not be committed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (there) => there.isDirectory(),
    () => false,
  );
