import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BY_HAND } from '../../source/loop/definition/heartbeat.ts';
import { emptyFleet, fold } from '../../source/loop/fold.ts';
import type { FleetState } from '../../source/loop/state.ts';
import { watchForIdle } from '../../source/supervisor/idle.ts';
import { madeLoop } from '../loop/made-loop.ts';

function fleetWith(everyMs: number | null, enabled = true): FleetState {
  const definition = madeLoop({ name: 'triage', enabled, on: { ...BY_HAND, everyMs } });
  const event = { type: 'loop-read', name: 'triage', path: 'p', trusted: true, definition, problems: [] } as const;
  return fold(emptyFleet(), { seq: 1, at: Date.now(), day: '2026-11-23', event });
}

async function ends(state: FleetState): Promise<boolean> {
  let ended = false;
  const end = () => {
    ended = true;
  };
  using _watch = watchForIdle({ clients: () => 0, state: () => state }, { LOOPTOP_IDLE_EXIT: '100ms' }, end, end);
  await sleep(2500);
  return ended;
}

test('a supervisor ends when nobody needs it, and stays while a heartbeat waits', async () => {
  const [byHand, beats, off] = await Promise.all([
    ends(fleetWith(null)),
    ends(fleetWith(86_400_000)),
    ends(fleetWith(86_400_000, false)),
  ]);
  assert.deepEqual({ byHand, beats, off }, { byHand: true, beats: false, off: true });
});
