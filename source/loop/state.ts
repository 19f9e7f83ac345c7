/** What is true now: the fold of all events. Plain JSON throughout, so it travels in a snapshot and compares with deepEqual. */
import type { Limit, Outcome } from './agent-event.ts';
import type { AgentDefinition, EngineName, LoopDefinition, MeterKind, Role, Trust } from './definition/definition.ts';
import type { Pace } from './pace.ts';
import type { Price } from './price.ts';
import type { BeatState } from './schedule/beat.ts';
import type { FanState } from './state/fans.ts';
import type { Bests, GateResult, Kept } from './state/gates.ts';
import type { Happening, HookCall } from './state/hooks.ts';
import type { Keepsake, Landed, Landing, Pushed } from './state/landing.ts';
import type { Finding, Reflection, Rule, RuleDraft, Verdict } from './state/learning.ts';
import type { Reading, ReviewFacts } from './state/review.ts';
import type { Meter, Spend, Spending, WireRequest } from './state/spending.ts';
import type { Hit, Ranking, TriageState } from './state/triage.ts';
import type { Call, Watch } from './stuck/watch.ts';
import type { Tokens } from './tokens.ts';
import type { AgentId, RunId } from './units.ts';

export type * from './state/fans.ts';
export type * from './state/gates.ts';
export type * from './state/hooks.ts';
export type * from './state/landing.ts';
export type * from './state/learning.ts';
export type * from './state/review.ts';
export type * from './state/spending.ts';
export type * from './state/triage.ts';

export type Provenance = 'exact' | 'live' | 'estimated' | 'unknown';

export type Phase = 'queued' | 'preparing' | 'making' | 'gating' | 'checking' | 'reflecting' | 'green' | 'review';

export type PauseReason =
  | 'operator'
  | 'budget'
  | 'stuck'
  | 'rate-limit'
  | 'login'
  | 'unread'
  | 'approval'
  | 'disk'
  | 'agent'
  | 'unknown';

/** Why an open run does not go on; null when it does. `since` is in milliseconds since 1970. */
export type Hold =
  | { readonly kind: 'frozen'; readonly by: string; readonly since: number }
  | { readonly kind: 'drained'; readonly by: string; readonly since: number }
  | { readonly kind: 'paused'; readonly why: PauseReason; readonly detail: string; readonly since: number }
  | {
      readonly kind: 'waiting';
      readonly ask: string;
      readonly question: string;
      /** Answers that the agent offers, as it wants to read them; see `choicesOf`. */
      readonly options?: readonly string[];
      readonly since: number;
    };

export type End =
  /** `as` is absent in older journals. */
  | { readonly kind: 'landed'; readonly as?: Landed }
  /** A triage has ranked what it was given; nothing of it is to be read or landed. */
  | { readonly kind: 'triaged'; readonly detail: string }
  /** `branchUntil`: when its branch goes, ms since 1970; absent where it stays. */
  | { readonly kind: 'discarded'; readonly by: string; readonly branchUntil?: number }
  | { readonly kind: 'exhausted'; readonly detail: string }
  | { readonly kind: 'failed'; readonly why: 'infra' | 'config' | 'agent'; readonly detail: string }
  | { readonly kind: 'killed'; readonly by: string }
  | { readonly kind: 'lost'; readonly detail: string };

export type RunStatus =
  | { readonly tag: 'open'; readonly phase: Phase; readonly hold: Hold | null }
  | { readonly tag: 'ended'; readonly end: End; readonly at: number };

/** Why the supervisor ends an agent process before it has finished, which decides what the run does next. */
export type EndCause = 'escalate' | 'budget' | 'stuck' | 'stop' | 'kill' | 'down';

/** Who a process is. A pid alone is never signalled: the kernel reuses them (32,768 forks are seconds). */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat (clock ticks since boot), as text. */
  readonly startTime: string;
  readonly bootId: string;
}

/** How surely a kill reaches everything the agent started: the kernel's own set, or marks and kinship found in /proc. */
export type Containment = 'cgroup' | 'marked';

/** One agent process, from the plan to start it until its death is certain. */
export interface AgentState {
  readonly id: AgentId;
  readonly role: Role;
  readonly pass: number;
  readonly engine: EngineName;
  readonly model: string;
  /** The session it was asked to continue; null for a fresh one. */
  readonly resumes: string | null;
  readonly fact:
    | { readonly is: 'planned' }
    | { readonly is: 'alive'; readonly process: ProcessIdentity; readonly containment: Containment }
    | {
        readonly is: 'frozen';
        readonly process: ProcessIdentity;
        readonly containment: Containment;
        readonly processes: number;
      }
    | { readonly is: 'dead'; readonly code: number | null; readonly signal: string | null };
  /** What the supervisor wants of the process; `decide` acts while the fact differs. */
  readonly wish:
    | { readonly to: 'run' }
    | { readonly to: 'freeze' }
    | { readonly to: 'end'; readonly cause: EndCause; readonly polite: boolean };
  readonly session: string | null;
  /** It takes notes while it works. */
  readonly guidance: boolean;
  /** What it waits to be told, oldest first; absent where it asked nothing. */
  readonly asks?: readonly Omit<Extract<Hold, { kind: 'waiting' }>, 'kind'>[];
  /** Bytes of its `out` file that have become events. */
  readonly offset: number;
  /** The same for the CLI's own books, by file; null when they cannot be read. Absent for an engine without. */
  readonly books?: Readonly<Record<string, number>> | null;
  /** What its session had cost before it, by the CLI's own count; absent when nothing or not told. */
  readonly before?: Tokens;
  /** Its last claim; null until it made one. */
  readonly outcome: { readonly outcome: Outcome; readonly error: string | null } | null;
  readonly startedAt: number | null;
  /** What it has said, the end of it: where its answer stands. Empty for makers, whose word is not asked for. */
  readonly said: string;
  /** The provider has refused it: its end is no failure of its own. */
  readonly limited: boolean;
  /** Its requests were to go through the wire meter. Null on event metering. */
  readonly wire: AgentWire | null;
}

/** How much of what an agent asks of models went through the wire meter. */
export interface AgentWire {
  readonly requests: number;
  /** One asked for the model that the agent was started with. */
  readonly own: boolean;
  /** Those that were asked, each once; absent before the first. */
  readonly models?: readonly string[];
}

export interface Pass {
  readonly n: number;
  readonly rung: number;
  readonly engine: string;
  readonly model: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly gates: readonly GateResult[];
  /** In a few words, why it ended; empty while it runs. */
  readonly why: string;
  /** What the run had spent when the pass began, so that a pass's own spend is a difference. */
  readonly spentBefore: Spend;
  /** `git write-tree` of the worktree after the maker; null until known. Equal trees = nothing was changed. */
  readonly tree: string | null;
  /** The maker said it was done and a gate was red. */
  readonly falseDone: boolean;
}

/** One line of the ReAct trace that the pane shows. Text is as the agent wrote it: sanitise before drawing. */
export interface TraceLine {
  readonly at: number;
  readonly pass: number;
  readonly kind: 'thought' | 'said' | 'act' | 'ok' | 'fail' | 'note' | 'gate' | 'system' | 'asked' | 'unknown';
  readonly text: string;
}

export interface Note {
  readonly id: string;
  readonly text: string;
  readonly by: string;
  readonly at: number;
  /** `written`: in the agent's stdin. `heard`: echoed back by the agent. `carried`: goes into the next prompt. */
  readonly state: 'waiting' | 'written' | 'heard' | 'carried';
  /** The question that was open when it was given, and that it answers; absent for any other note. */
  readonly answers?: string;
}

/** What the stuck rules have seen and done; see stuck.ts. */
export interface StuckState {
  readonly watch: Watch;
  /** Worth a look from the operator; gone when the agent shows something new. */
  readonly suspicion: { readonly rule: string; readonly words: string; readonly since: number } | null;
  /** The newest pass that a rule ended before its time. */
  readonly cut: { readonly pass: number; readonly words: string } | null;
  /** Passes ended so on the present rung. */
  readonly cuts: number;
  /** Why it climbed to its rung; empty on the first. */
  readonly climbed: string;
}

export interface RunState {
  readonly id: RunId;
  readonly loop: string;
  readonly definition: LoopDefinition;
  /** What it works on: JSON from --item; null when the loop has no items. */
  readonly item: unknown;
  /** `untrusted`: the item travels as a file that is named, never as words in a prompt, an argument or a command. */
  readonly trust: Trust;
  /** The fan that it is a part of, and the key of its item there; null for a run by itself. */
  readonly fan: { readonly id: string; readonly key: string } | null;
  /** Hex mark in the environment of everything the run starts. */
  readonly nonce: string;
  /** The green run whose file named this one's loop; null for none. */
  readonly follows: RunId | null;
  /** Loops that its own file names, and that have been started after it or cannot be. */
  readonly followed: readonly string[];
  readonly status: RunStatus;
  readonly queuedAt: number;
  readonly startedAt: number | null;
  /** Time in which it was open and not held; see `wallMs`. */
  readonly wall: { readonly ms: number; readonly since: number | null };
  readonly lastEventAt: number;
  readonly worktree: string | null;
  readonly branch: string;
  /** Commit the worktree started from. */
  readonly base: string | null;
  /** The branch it started from, where its work lands; null when it was none. */
  readonly target: string | null;
  readonly commit: string | null;
  /** What the commit changes; null before it, and where an older version made it. */
  readonly review: ReviewFacts | null;
  /** Of green work: how it lands, and how far that is. Kept when it has landed. */
  readonly landing: Landing | null;
  /** Why its last landing came to nothing; null once it goes on. */
  readonly unlanded: { readonly why: string; readonly at: number } | null;
  /** Files whose conflicts its maker was to resolve: none may land with a marker in it. */
  readonly conflicts: readonly string[];
  readonly pushed: Pushed | null;
  readonly tornDown: boolean;
  /** What each ratchet gate may not fall behind, known before the first pass; none where the base could not be measured. */
  readonly bars: Readonly<Record<string, number>>;
  /** sha256 of the frozen reference of each visual gate, hex. */
  readonly references: Readonly<Record<string, string>>;
  /** The pass that was brought back as the best; null while none was. */
  readonly kept: Kept | null;
  /** Caps as they stand, raised in flight or not. */
  readonly budget: LoopDefinition['budget'];
  /** Highest share of `warnAt` that was announced, per cap. */
  readonly warned: Readonly<Record<string, number>>;
  readonly rung: number;
  readonly maker: AgentDefinition;
  /** `maker.model` with its tier resolved. */
  readonly model: string;
  readonly pass: number;
  readonly passes: readonly Pass[];
  readonly agent: AgentState | null;
  /** How many agent processes the current pass has had; numbers the folders. */
  readonly agents: number;
  /** Engine and session of the last maker, for a resume. */
  readonly session: {
    readonly engine: EngineName;
    readonly id: string;
    /** What it has cost in all its processes, by the CLI's own count; absent when it does not tell. */
    readonly total?: Tokens;
  } | null;
  /** How the next agent process begins. */
  readonly next:
    | { readonly how: 'fresh' }
    | { readonly how: 'resume'; readonly because: EndCause }
    | { readonly how: 'hand-over'; readonly because: EndCause };
  /** Set while a failed agent process is to be tried again: not before this time (ms since 1970). */
  readonly retry: { readonly failures: number; readonly notBefore: number } | null;
  readonly drain: { readonly by: string } | null;
  /** It is at its cap and makes no more; the gates judge what there is. In words, the cap. */
  readonly wrapUp: string | null;
  readonly pace: Pace;
  /** Requests under way on the wire, by the key of their bill. */
  readonly wire: Readonly<Record<string, WireRequest>>;
  readonly meter: Meter;
  readonly provenance: Provenance;
  readonly trace: readonly TraceLine[];
  /** Recent tool calls and results as hashes, for the stuck rules; newest last. */
  readonly calls: readonly Call[];
  readonly stuck: StuckState;
  /** Stuck rules that this agent process was told of. */
  readonly nudged: readonly string[];
  readonly notes: readonly Note[];
  /** What failures have taught so far, oldest first. */
  readonly reflections: readonly Reflection[];
  /** Verdicts on the present pass. */
  readonly votes: readonly Verdict[];
  /** What checkers have raised in this run and not taken back. */
  readonly findings: readonly Finding[];
  /** What the triage agent of this pass said of its candidates; null while it has said nothing that can be read. */
  readonly rankings: readonly Ranking[] | null;
  readonly draft: RuleDraft | null;
  /** Failures the operator has already made a rule of or dropped one for: no second draft. */
  readonly ruled: readonly string[];
  readonly rulesShown: readonly string[];
  /** Passes up to this one no longer count as stuck: the operator looked and resumed. */
  readonly forgiven: number;
  readonly kill: { readonly askedAt: number; readonly by: string } | null;
}

export interface LoopState {
  readonly name: string;
  /** Relative to the repository. */
  readonly path: string;
  readonly trusted: boolean;
  readonly definition: LoopDefinition | null;
  /** What is wrong with the file, one line each; empty when it can run. */
  readonly problems: readonly string[];
}

/** A provider has refused a credential: nobody asks with it before `until`. */
export interface ProviderLimit {
  /** An engine's name, or `opencode/<provider>`. */
  readonly credential: string;
  readonly why: Limit;
  readonly detail: string;
  /** When it first refused, and when last; ms since 1970. */
  readonly since: number;
  readonly at: number;
  /** Until when nobody asks, ms since 1970; null when a person must log in first. */
  readonly until: number | null;
  /** When the next of those parked may go on, once `until` is past. */
  readonly next: number;
  /** Refusals since the last answer. */
  readonly strikes: number;
}

/** Facts from the operator's configuration, stamped into the journal so that replay equals live. */
export interface Settings {
  /** engine -> tier -> model. */
  readonly tiers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Caps for all runs of one calendar day of the operator. */
  readonly daily: { readonly tokens: number; readonly usd: number };
  /** Caps for all runs of any 60 minutes; null for none but the day's. */
  readonly hourly: { readonly tokens: number | null; readonly usd: number | null };
  /** What the fleet may spend in USD a minute, over five minutes; null for no such cap. */
  readonly usdPerMinute: number | null;
  /** Agent processes at once. */
  readonly maxAgents: number;
  /** How loops are metered that do not say: on the wire where the engine can, or by what agents report. */
  readonly meter: MeterKind;
  /** What the operator has a command for. The commands themselves, which may hold secrets, stay out of the journal. */
  readonly hooks: readonly Happening[];
}

export interface FleetState {
  readonly schema: 1;
  readonly repository: { readonly root: string; readonly name: string; readonly branch: string };
  readonly supervisor: { readonly pid: number; readonly version: string; readonly startedAt: number } | null;
  readonly settings: Settings;
  /** IANA name of the operator's time zone: loops that name none go by it. */
  readonly timezone: string;
  readonly loops: Readonly<Record<string, LoopState>>;
  /** Heartbeats by loop, also of loops that may not beat now. */
  readonly beats: Readonly<Record<string, BeatState>>;
  readonly runs: Readonly<Record<string, RunState>>;
  /** Next run number per loop. */
  readonly counters: Readonly<Record<string, number>>;
  readonly rules: Readonly<Record<string, Rule>>;
  /** Findings of triage loops by id, the newest 100. */
  readonly hits: Readonly<Record<string, Hit>>;
  /** Number of the newest hit. */
  readonly hitCount: number;
  /** By loop: what was seen, and what came of it. */
  readonly triage: Readonly<Record<string, TriageState>>;
  /** By id, in the order in which they began; of those that have ended the newest 20. */
  readonly fans: Readonly<Record<string, FanState>>;
  /** Number of the newest fan. */
  readonly fanCount: number;
  /** Spend per calendar day `YYYY-MM-DD` of the operator's time zone, the last 14. */
  readonly days: Readonly<Record<string, Spend>>;
  readonly spending: Spending;
  /** Price of each model that a tier or a loop names or an agent used, null for one that has none. The newest 200. */
  readonly prices: Readonly<Record<string, Price | null>>;
  /** The day of the newest event. */
  readonly today: string;
  readonly disk: 'ok' | 'full';
  /** Hooks that are not done, oldest first: the newest 100. */
  readonly hookCalls: readonly HookCall[];
  /** Runs that land or are to, in the order in which it was asked. */
  readonly landings: readonly RunId[];
  /** Branches of runs that have ended and go when they had their time, by name. */
  readonly keepsakes: Readonly<Record<string, Keepsake>>;
  /** Where the wire meter listens: agents that outlive a supervisor find the next one there. Null before it ever did. */
  readonly wirePort: number | null;
  /** Credentials that a provider refuses, by `credentialOf`. */
  readonly limits: Readonly<Record<string, ProviderLimit>>;
  /** The rung on which each loop last turned green, to say so when its next run begins on the first one again. */
  readonly turnedGreen: Readonly<
    Record<string, { readonly run: RunId; readonly rung: number; readonly model: string }>
  >;
  /** When an agent process of each engine was last planned, ms since 1970: starts are staggered. */
  readonly starts: Readonly<Record<string, number>>;
  /** Highest share of `warnAt` announced per cap of the fleet, and of loops' days as `loop:<name>:<cap>`; emptied at midnight. */
  readonly warned: Readonly<Record<string, number>>;
  readonly reading: Reading;
  /** Per loop. */
  readonly bests: Readonly<Record<string, Bests>>;
  /** No new run or agent starts: the supervisor is going down. */
  readonly closing: boolean;
}
