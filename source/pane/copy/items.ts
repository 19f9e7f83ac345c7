/** What of the thing under the cursor can be copied, the likeliest first. */
import type { RunState } from '../../loop/state.ts';
import type { CopyItem } from '../dialogs/copy.ts';
import { block, oneLine } from '../present/clean.ts';
import { chosenRule } from '../present/rules.ts';
import { chosenHit } from '../present/triage.ts';
import { currentRun, type Situation, targets } from '../view.ts';

/** Empty where there is nothing under the cursor. */
export function copyItems(situation: Situation): readonly CopyItem[] {
  const { view, fleet } = situation;
  switch (view.screen) {
    case 'triage': {
      const hit = chosenHit(fleet, view.hit);
      return hit === null
        ? []
        : present([
            ['id', hit.id],
            ['finding', hit.reason],
            ['evidence', hit.evidence],
            ['item', hit.key],
          ]);
    }
    case 'rules': {
      const row = chosenRule(fleet, view.rule);
      if (row === null) return [];
      return row.kind === 'rule'
        ? present([
            ['id', row.rule.id],
            ['rule', row.rule.text],
            ['scope', row.rule.scope],
          ])
        : present([
            ['rule', row.draft.text],
            ['run', row.run.id],
          ]);
    }
    case 'review': {
      const [run] = targets(situation);
      return run === undefined ? [] : ofRun(run);
    }
    default: {
      const run = currentRun(situation);
      return run === null ? [] : ofRun(run);
    }
  }
}

function ofRun(run: RunState): CopyItem[] {
  const said = run.trace.findLast(({ kind }) => kind === 'said');
  const failed = run.passes.findLast(({ gates }) => gates.some(({ tail }) => tail !== ''));
  const tail = failed?.gates.findLast((gate) => gate.tail !== '')?.tail ?? '';
  return present([
    ['id', run.id],
    ['branch', run.branch],
    ['worktree', run.worktree ?? ''],
    ['last message', said?.text ?? ''],
    ['session', run.agent?.session ?? run.session?.id ?? ''],
    ['commit', run.commit ?? ''],
    ['gate output', tail],
  ]);
}

const present = (pairs: readonly (readonly [string, string])[]): CopyItem[] =>
  pairs
    .map(([what, text]) => ({ what, text: text.includes('\n') ? block(text) : oneLine(text) }))
    .filter(({ text }) => text !== '');
