/** A program that a person can go on with in a run's worktree, as the pane is told of it: it knows no engine itself. */

export interface Way {
  /** `session`: the agent's own, gone on with by hand. `shell`: the operator's. */
  readonly kind: 'session' | 'shell';
  /** As a person would type it: `claude --resume 6f1c2d3e`. */
  readonly label: string;
  readonly argv: readonly [string, ...string[]];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Why it cannot be taken; null when it can. */
  readonly problem: string | null;
}

/** What must have happened to the run before the way is open: nothing, or a stand-still, so that it does not spend beside the operator. */
export type Before = 'freeze' | 'stop' | null;

export interface Entering {
  readonly run: string;
  readonly way: Way;
  readonly before: Before;
}
