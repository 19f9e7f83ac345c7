/** The supervisor and the world around it, as the pane sees them: what it is given, and all that it may ask. */
import type { Command } from '../loop/command.ts';
import type { FleetState } from '../loop/state.ts';
import type { Way } from './attach/way.ts';
import type { ConnectionStatus } from './present/header.ts';
import type { RunText } from './texts/texts.ts';

/** What came of a command. */
export type Sent =
  | { readonly ok: true; readonly text: string; readonly run: string | null }
  | { readonly ok: false; readonly text: string; readonly code: number };

export interface Connection {
  readonly fleet: {
    readonly state: FleetState;
    /** Calls back after every change until the returned function is called. */
    subscribe(changed: () => void): () => void;
  };
  send(command: Command): Promise<Sent>;
  /** What a run changes, as unified diff. */
  diffOf(run: string): Promise<string>;
  /** What else a tab of the Loop view shows that the state does not hold. */
  textOf(text: RunText): Promise<string>;
  /** How a person can go into a run, the likeliest first. */
  waysInto(run: string): Promise<readonly Way[]>;
  status(): ConnectionStatus;
}
