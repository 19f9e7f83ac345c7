/** What becomes of a run once it is green, as the rest of the program knows it. Made by on-success.ts. */
import type { MachineGate } from './gates.ts';

export interface PullRequest {
  readonly draft: boolean;
  readonly labels: readonly string[];
}

export interface OnSuccess {
  /** The run's branch is pushed as soon as it is green. */
  readonly push: boolean;
  /** It lands as a pull request, by itself; null: on its target, or not at all. */
  readonly pr: PullRequest | null;
  /** Who lands it on its target: the operator (`ask`), looptop (`auto`), or nobody (`never`). */
  readonly merge: 'never' | 'ask' | 'auto';
  /** Run on the merged tree, after all others. */
  readonly gates: readonly MachineGate[];
  /** What a person says yes to by landing it; then it never lands by itself. */
  readonly asks: readonly string[];
}

export const USUAL_SUCCESS: OnSuccess = { push: false, pr: null, merge: 'ask', gates: [], asks: [] };
