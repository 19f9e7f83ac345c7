/** What is to be done to bring green work where it belongs, as values. Each can be begun again after a crash at any instant. */
import type { MachineGate } from '../definition/gates.ts';
import type { RunId } from '../units.ts';

export type LandingEffect =
  /** Put it together with the target's tip, in a worktree apart. */
  | { readonly do: 'land-merge'; readonly key: string; readonly run: RunId }
  | { readonly do: 'land-gate'; readonly key: string; readonly run: RunId; readonly gate: MachineGate }
  /** Move the target to what the gates have seen, unless it has it already. */
  | { readonly do: 'land-move'; readonly key: string; readonly run: RunId }
  /** Push the run's branch and open a request, unless there is one. */
  | { readonly do: 'land-request'; readonly key: string; readonly run: RunId }
  /** Bring the target into the run's own worktree, for its maker. */
  | { readonly do: 'land-return'; readonly key: string; readonly run: RunId }
  | { readonly do: 'push'; readonly key: string; readonly run: RunId }
  | { readonly do: 'drop-branch'; readonly key: string; readonly run: null; readonly branch: string };
