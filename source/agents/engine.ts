/** What an engine is: two pure functions and a table of abilities. No engine touches a process, a file or a clock. */
import type { AgentEvent } from '../loop/agent-event.ts';
import type { AgentDefinition, EngineName } from '../loop/definition/definition.ts';

/** What an engine can do; the pane reads it to say why a key is off. */
export interface Abilities {
  /** Continue an earlier session. */
  readonly resume: boolean;
  /** Continue it with another model. */
  readonly resumeOtherModel: boolean;
  /** Take an operator's note while a turn runs. */
  readonly liveGuidance: boolean;
  /** End a turn without ending the process's books: polite stop. */
  readonly interrupt: 'stdin' | 'SIGINT' | null;
  /** What its usage numbers mean while it runs. */
  readonly meter: 'per-response' | 'at-end' | 'estimated';
  /** Its base URL can be set for one process, so that its requests can go through the wire meter. */
  readonly wire: boolean;
  /** What its own usage figures leave out, in words; empty when they are complete. The wire meter sees all of it. */
  readonly hides: readonly string[];
}

/** Everything an engine needs to know to start one agent process. */
export interface StartSpec {
  readonly agent: AgentDefinition;
  /** Tier already resolved to what the engine's command line takes. */
  readonly model: string;
  readonly prompt: string;
  readonly promptFile: string;
  readonly worktree: string;
  readonly repository: string;
  /** Session to continue; null for a fresh one. */
  readonly resume: string | null;
  /** UUID for a fresh session, where the engine lets us choose it. */
  readonly session: string;
  /** What is left of the run's money, USD; a second belt where the engine has a cap of its own. */
  readonly usdLeft: number;
  /** `engines.<name>.command` of the config, or the engine's name. */
  readonly command: readonly string[];
  /**
   * Where its requests go when they are metered on the wire, `http://127.0.0.1:PORT/TOKEN`; null when they go to the provider.
   * The engine appends `/` and the upstream's name (`anthropic`, `openai`, `google`, `xai`, or a provider's own name), and then
   * what the CLI expects of a base URL: the proxy hands `/TOKEN/UPSTREAM/rest` on as `/rest` of that upstream's base URL.
   */
  readonly wire: string | null;
}

export type Stdin =
  | { readonly kind: 'none' }
  /** The whole input, then end of file. */
  | { readonly kind: 'text'; readonly text: string }
  /** A FIFO that stays open for guidance until the supervisor closes it; `first` is written at once. */
  | { readonly kind: 'live'; readonly first: string };

export interface Launch {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: Stdin;
  /** Files that the supervisor writes beside `promptFile`, by name, for what a CLI takes from no option and no variable. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Reads one agent process's output. Made anew per process; after a restart it is fed the old lines again, so it must be deterministic. */
export interface Reader {
  /** One line of stdout without its line feed. Never throws: what it cannot read becomes `unknown`. */
  read(line: string): AgentEvent[];
  /** After the last line, with the exit code: what only the end reveals. */
  end(code: number | null): AgentEvent[];
  /** True once the input should be closed: the turn is over and nothing in the background will wake the agent. */
  readonly finished: boolean;
  /** True while no turn is under way: it has said how the last one ended, though something in the background may wake it. */
  readonly idle: boolean;
}

export interface Engine {
  readonly name: EngineName;
  readonly abilities: Abilities;
  start(spec: StartSpec): Launch;
  /** `model` as in the start spec, for engines whose output does not name it. */
  reader(model?: string): Reader;
  /** The line to write into a live stdin for an operator's note, or for the answer to question `ask`; null when it cannot. */
  tell(text: string, ask: string | null): string | null;
  /** The line that interrupts the turn politely; null when a signal does. */
  interrupt(): string | null;
}
