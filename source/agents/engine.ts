/** What an engine is: two pure functions and a table of abilities. No engine touches a process, a file or a clock. */
import type { AgentEvent } from '../loop/agent-event.ts';
import type { AgentDefinition, EngineName } from '../loop/definition/definition.ts';
import type { SkillFolder } from '../loop/skill.ts';
import type { Tokens } from '../loop/tokens.ts';
import type { McpServers } from './mcp/server.ts';

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
  /** Caps of a loop file that it holds by itself, besides our own; absent for none. */
  readonly caps?: readonly ('turns' | 'usd')[];
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
  /** What it finds in its environment beside what the engine sets; absent where nothing is known of it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files outside the worktree that its prompt tells it to read, absolute; absent for none. */
  readonly reads?: readonly string[];
  /** The MCP servers that it shall have, and no others; null for those of its own settings. */
  readonly mcp: McpServers | null;
}

export type Stdin =
  | { readonly kind: 'none' }
  /** The whole input, then end of file. */
  | { readonly kind: 'text'; readonly text: string }
  /** A FIFO that stays open for guidance until the supervisor closes it; `first` is written at once. */
  | { readonly kind: 'live'; readonly first: string };

export interface Launch {
  readonly argv: readonly [string, ...string[]];
  /** A program that the one in `argv` starts: without it there is no such engine here either. Absent when `argv` is all. */
  readonly needs?: string;
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
  /** One line of one of its books. Lines of a file come in order; those of different files, and of stdout, in any. */
  readBook?(file: string, line: string): AgentEvent[];
  /** Its books cannot be read: what it prints must do from here on. What that comes to so far. */
  withoutBooks?(): AgentEvent[];
  /** Books may hold a bill that is still missing; those of kind `end` are not even opened otherwise. */
  readonly wanting?: boolean;
  /** What the CLI says that the whole session has cost, earlier processes included; null while it has not said. */
  readonly total?: Tokens | null;
}

/**
 * Files in which a CLI keeps books of its own: timelier or more complete than what it prints. Found and read by the supervisor
 * (`supervisor/books`), which hands their lines to the reader; those that earlier processes of the session wrote only teach it.
 */
export interface Books {
  /** `live`: followed while the process runs, and what the meter goes by. `end`: read once after its death, for what it could no longer print. */
  readonly when: 'live' | 'end';
  /** Where they may lie. */
  shelves(of: BooksOf): readonly Shelf[];
  /** The session that a file belongs to, by its first line; absent when its name tells. */
  owner?(firstLine: string): string | null;
}

export interface BooksOf {
  /** The agent's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its working directory, links resolved. */
  readonly cwd: string;
  readonly session: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface Shelf {
  readonly folder: string;
  readonly name: RegExp;
}

/** What a reader must know that the output does not say. */
export interface ReaderContext {
  /** As in the start spec, for engines whose output does not name it. */
  readonly model?: string;
  /** What the session had cost, by the CLI's own count (`Reader.total`), when the process was planned. */
  readonly before?: Tokens;
}

/** Settings of a CLI's own that name MCP servers, for one that can be kept from a server only by its name. */
export interface McpSettings {
  /** Where they may stand. */
  files(of: Pick<BooksOf, 'env' | 'cwd'>): readonly string[];
  /** Names of the servers in such a file; none in one that cannot be read. */
  names(text: string): readonly string[];
}

/** A session that a person wants to go on with. */
export interface AttachSpec {
  readonly session: string;
  /** As in `StartSpec`. */
  readonly command: readonly string[];
}

export interface Attachment {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
}

export interface Engine {
  readonly name: EngineName;
  readonly abilities: Abilities;
  /** Absent when all it has to say is in what it prints. */
  readonly books?: Books;
  /** Folders of a checkout whose skills it finds by itself; absent for none. */
  readonly skills?: readonly SkillFolder[];
  /** Absent when it can be told which servers to have and no others, or has none. */
  readonly mcpSettings?: McpSettings;
  start(spec: StartSpec): Launch;
  /** What a person runs in the worktree to go on with a session by hand; absent when its sessions cannot be opened so. */
  attach?(to: AttachSpec): Attachment;
  reader(about?: ReaderContext): Reader;
  /** The line to write into a live stdin for an operator's note, or for the answer to question `ask`; null when it cannot. */
  tell(text: string, ask: string | null): string | null;
  /** The line that interrupts the turn politely; null when a signal does. */
  interrupt(): string | null;
}
