/** The meter against the provider's ledger, for CLIs of providers that report cache writes as plain input. */
import assert from 'node:assert/strict';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import { emptyFleet, fold } from '../../source/loop/fold.ts';
import { emptyMeter, hide, provenance, record, settle } from '../../source/loop/meter.ts';
import type { Provenance, RunState } from '../../source/loop/state.ts';
import { add, NO_TOKENS, type Tokens } from '../../source/loop/tokens.ts';
import type { Driven } from '../agents/drive.ts';
import { billOf } from '../agents/recordings.ts';
import type { Stage } from '../e2e/stage.ts';
import type { Sandbox } from './sandbox.ts';

export const of = <T extends AgentEvent['type']>({ events }: Driven, type: T) =>
  events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);

export const outcomes = (driven: Driven) => of(driven, 'ended').map(({ outcome }) => outcome);

/** What the provider billed to an account, as a CLI can know it, per model. */
export async function billed(sandbox: Sandbox, account: string): Promise<Record<string, Tokens>> {
  const { models } = await sandbox.ledger(account);
  return Object.fromEntries(
    Object.entries(models).map(([model, { input, cacheRead, cacheWrite, output, reasoning }]) => [
      model,
      { input: input + cacheWrite, cacheRead, cacheWrite: 0, output, reasoning },
    ]),
  );
}

/** How far the meter of one process after the other can be trusted. */
const trust = (runs: readonly Driven[]): Provenance =>
  provenance(
    runs.reduce(
      (all, { events }) =>
        settle(
          events.reduce((meter, event) => {
            if (event.type === 'hidden') return hide(meter, event.what);
            return event.type === 'usage' ? record(meter, event) : meter;
          }, all),
        ),
      emptyMeter,
    ),
  );

/** The meter of these processes together equals the account's ledger to the token, and calls itself exact. */
export async function assertExact(sandbox: Sandbox, account: string, runs: readonly Driven[]): Promise<void> {
  const bill: Record<string, Tokens> = {};
  for (const { events } of runs) {
    for (const [model, tokens] of Object.entries(billOf(events))) bill[model] = add(bill[model] ?? NO_TOKENS, tokens);
  }
  const expected = await billed(sandbox, account);
  assert.notDeepEqual(expected, {}, 'nothing was billed');
  assert.deepEqual(bill, expected);
  assert.equal(trust(runs), 'exact');
}

/** Something was billed or may be that the CLI does not tell: the meter says that it does not know, and what. */
export function assertHides(runs: readonly Driven[], what: readonly string[]): void {
  const hidden = runs.flatMap((driven) => of(driven, 'hidden').map((event) => event.what));
  assert.deepEqual([...new Set(hidden)], what);
  assert.equal(trust(runs), 'unknown');
}

/** The only run of a stage, folded from the journal apart from the supervisor. */
export async function runOf(stage: Stage): Promise<RunState> {
  const [run] = Object.values((await stage.events()).reduce(fold, emptyFleet()).runs);
  assert.ok(run, 'the journal holds no run');
  return run;
}

/** What a stage's only run has cost, per model. */
export async function metered(stage: Stage): Promise<Record<string, Tokens>> {
  const { perModel } = (await runOf(stage)).meter;
  return Object.fromEntries(Object.entries(perModel).map(([model, { tokens }]) => [model, tokens]));
}
