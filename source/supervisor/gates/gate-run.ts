/** What a gate needs to be run: where, with which environment, and what of the run it is judged against. */
import type { MachineGate } from '../../loop/definition/gates.ts';
import type { Change } from '../git/change.ts';
import type { Frozen } from './picture/reference.ts';

export interface GateRun {
  readonly gate: MachineGate;
  /** Where it runs. */
  readonly worktree: string;
  /** Folder for its output (`out`, pictures), made when missing. */
  readonly dir: string;
  /** The operator's environment; see `gateEnvironment` for what of it the gate gets. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the run: everything that carries it is ended before each start and after each end. */
  readonly mark: string;
  readonly signal?: AbortSignal;
  /** What the maker changed since the base. Without it nothing was: a diff gate is green and no tampering is looked for. */
  readonly change?: Change;
  /** The commands of all gates of the loop: what they run is not the maker's to change. */
  readonly commands?: readonly string[];
  /** What a ratchet may not fall behind. */
  readonly bar?: number | null;
  /** The picture that a visual gate compares with. */
  readonly reference?: Frozen;
}
