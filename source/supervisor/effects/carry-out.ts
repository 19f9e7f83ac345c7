/** From an effect to the room that does it. */
import type { Effect } from '../../loop/effect.ts';
import { attend } from '../agent-run.ts';
import { listen } from '../heartbeat/listen.ts';
import { skipCheck } from '../heartbeat/skip-check.ts';
import { start } from '../heartbeat/start.ts';
import { watch } from '../heartbeat/watch.ts';
import type { House } from '../house.ts';
import { noteReading, recallReading } from '../review/notes.ts';
import { watchStanding } from '../review/standing.ts';
import { begin } from './begin-item.ts';
import { follow } from './follow.ts';
import { callHook } from './hook.ts';
import { judge } from './judge.ts';
import { commit, tearDown } from './keep.ts';
import { keepBest } from './keep-best.ts';
import { dropBranch } from './landing/drop-branch.ts';
import { landGate } from './landing/judge-merged.ts';
import { landMerge } from './landing/merge.ts';
import { landMove } from './landing/move.ts';
import { pushBranch } from './landing/push.ts';
import { landRequest } from './landing/request.ts';
import { landReturn } from './landing/return.ts';
import { plan } from './plan.ts';
import { prepare } from './prepare.ts';
import { promote } from './promote.ts';
import { end, exterminate, freeze, tell, thaw } from './steer.ts';

export async function carryOut(house: House, effect: Effect, signal: AbortSignal): Promise<void> {
  switch (effect.do) {
    case 'record':
      return house.ledger.record(...effect.events);
    case 'prepare':
      return prepare(house, effect.run, signal);
    case 'plan':
      return plan(house, effect.run);
    case 'attend':
      return attend(house, effect.run, effect.agent, signal);
    case 'freeze':
      return freeze(house, effect.run, effect.agent);
    case 'thaw':
      return thaw(house, effect.run, effect.agent);
    case 'end':
      return end(house, effect.run, effect.agent, effect.polite);
    case 'tell':
      return tell(house, effect.run, effect.agent, effect.note);
    case 'gate':
      return judge(house, effect.run, effect.pass, effect.gate, signal);
    case 'commit':
      return commit(house, effect.run);
    case 'keep-best':
      return keepBest(house, effect.run, effect.best, effect.after);
    case 'push':
      await pushBranch(house, effect.run);
      return;
    case 'land-merge':
      return landMerge(house, effect.run, signal);
    case 'land-gate':
      return landGate(house, effect.run, effect.gate, signal);
    case 'land-move':
      return landMove(house, effect.run);
    case 'land-request':
      return landRequest(house, effect.run, signal);
    case 'land-return':
      return landReturn(house, effect.run);
    case 'drop-branch':
      return dropBranch(house, effect.branch);
    case 'exterminate':
      return exterminate(house, effect.run);
    case 'hook':
      return callHook(house, effect.call, signal);
    case 'follow':
      return follow(house, effect.run, effect.loop);
    case 'promote':
      return promote(house, effect.hit);
    case 'begin-item':
      return begin(house, effect.fan, effect.item);
    case 'recall-reading':
      return recallReading(house);
    case 'note-reading':
      return noteReading(house);
    case 'watch-standing':
      return watchStanding(house, signal);
    case 'tear-down':
      return tearDown(house, effect.run, signal);
    case 'skip-check':
      return skipCheck(house, effect.loop, effect.firing, signal);
    case 'fire':
      return start(house, effect.loop, effect.firing, signal);
    case 'watch':
      return watch(house, effect.loop, signal);
    case 'listen':
      return listen(house, effect.loop, signal);
  }
}
