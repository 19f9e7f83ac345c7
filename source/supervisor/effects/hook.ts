/**
 * Runs the operator's command for something that happened: the facts are JSON on its stdin and the event's name is in LOOPTOP_EVENT, so that
 * nothing an agent wrote can reach an argument. Its own room for files: what it was told, what it printed, and a log of all calls.
 */

import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf, stateWord } from '../../loop/run-status.ts';
import type { FleetState, HookCall, RunState } from '../../loop/state.ts';
import { sanitize } from '../../loop/text.ts';
import { fresh } from '../../loop/tokens.ts';
import { formatDuration } from '../../loop/units.ts';
import { loopEnvironment } from '../environment.ts';
import { type House, homeOf } from '../house.ts';
import { hasCode } from '../memory/has-code.ts';
import { runShell } from '../process/shell.ts';

/** A message to a chat takes a second; who waits for more than this is stuck. LOOPTOP_HOOK_MS replaces it in tests. */
const TIMEOUT_MS = Number(process.env.LOOPTOP_HOOK_MS) || 30_000;
/** Of what it prints, in the log. */
const TAIL_BYTES = 4096;
/** The log is then put aside as `log.1`. */
const LOG_BYTES = 256 * 1024;

/** Journals that the call was made, well or not: it is never made again, but after a crash in its middle. */
export async function callHook(house: House, id: string, signal: AbortSignal): Promise<void> {
  const { ledger } = house;
  const call = ledger.state.hookCalls.find((each) => each.id === id);
  if (call === undefined) return;
  const { happening } = call;
  const command = house.hook(happening);
  const done = (failed: string | null, ms: number) =>
    ledger.record({ type: 'hook-called', call: id, happening, ms, failed });
  // The configuration has changed since.
  if (command === null) return done(null, 0);
  const started = performance.now();
  const failed = await run(house, call, command, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  });
  if (failed !== null) house.log(`hook ${happening} ${id}: ${failed}`);
  await done(failed, Math.round(performance.now() - started));
}

/** Null when it did well; else why not, in words. */
async function run(house: House, call: HookCall, command: string, signal: AbortSignal): Promise<string | null> {
  const { root } = house.repository;
  const folder = join(homeOf(root), 'hooks');
  const { happening } = call;
  const [input, out] = [join(folder, `${happening}.json`), join(folder, `${happening}.out`)];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(input, `${JSON.stringify(factsOf(house.ledger.state, call), null, 2)}\n`, { mode: 0o600 });
  const {
    exit,
    signal: ended,
    timedOut,
    ms,
  } = await runShell({
    command,
    cwd: root,
    env: { ...loopEnvironment(), LOOPTOP_EVENT: happening },
    mark: `hook-${createHash('sha256').update(root).digest('hex').slice(0, 32)}`,
    input,
    out,
    timeoutMs: TIMEOUT_MS,
    signal,
  }).done;
  const failed = timedOut
    ? `it did not end within ${formatDuration(TIMEOUT_MS)}`
    : exit === 0
      ? null
      : exit === null
        ? `it was ended by ${ended}`
        : `exit ${exit}`;
  await log(
    folder,
    `${call.id} ${happening} ${call.run ?? call.hit ?? call.fan ?? ''}: ${failed ?? 'exit 0'}, ${ms} ms`,
    out,
  );
  return failed;
}

/** What the command is told. Texts are clean lines; what others wrote is data here as everywhere. */
export function factsOf(fleet: FleetState, call: HookCall) {
  const { id, happening, at, words, verb } = call;
  const run = call.run === null ? undefined : fleet.runs[call.run];
  const hit = call.hit === null ? undefined : fleet.hits[call.hit];
  return {
    id,
    event: happening,
    at: new Date(at).toISOString(),
    repository: fleet.repository,
    why: line(words),
    answer: verb,
    run: run === undefined ? null : runFacts(run),
    fan: call.fan,
    hit: hit === undefined ? null : { id: hit.id, loop: hit.loop, priority: hit.priority, reason: line(hit.reason) },
  };
}

function runFacts(run: RunState) {
  const { tokens, usd, unpriced } = run.meter.total;
  return {
    id: run.id,
    loop: run.loop,
    state: stateWord(run),
    reason: line(reasonOf(run)) || null,
    engine: run.maker.engine,
    model: run.model,
    pass: run.pass,
    passes: run.budget.passes,
    tokens: { fresh: fresh(tokens) },
    usd: unpriced ? null : usd,
    provenance: run.provenance,
    branch: run.branch,
    commit: run.commit,
    worktree: run.worktree,
  };
}

const line = (text: string): string => sanitize(text.replace(/[\r\n]+/g, ' ')).trim();

async function log(folder: string, header: string, out: string): Promise<void> {
  const file = join(folder, 'log');
  const printed = (await readFile(out)).subarray(-TAIL_BYTES).toString('utf8').trimEnd();
  const lines = printed === '' ? [] : printed.split('\n').map((each) => `  ${sanitize(each)}`);
  const size = await stat(file).then(
    (found) => found.size,
    (error: unknown) => {
      if (hasCode(error, 'ENOENT')) return 0;
      throw error;
    },
  );
  if (size > LOG_BYTES) await rename(file, join(folder, 'log.1'));
  await appendFile(file, `${[`${new Date().toISOString()} ${header}`, ...lines].join('\n')}\n`, { mode: 0o600 });
}
