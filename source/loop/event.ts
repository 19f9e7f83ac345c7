/** Every fact that can be true of a fleet, one union. The journal holds nothing else; `fold` is the only reader that gives them meaning. */
import type { AgentEvent } from './agent-event.ts';
import type { AgentDefinition, EngineName, LoopDefinition, Role, Trust } from './definition/definition.ts';
import type { FanEvent } from './fanout/fan-event.ts';
import type { BranchDropped, LandingEvent } from './landing/event.ts';
import type { Price } from './price.ts';
import type { ReadingEvent } from './review/event.ts';
import type { Trigger } from './schedule/beat.ts';
import type {
  Containment,
  End,
  EndCause,
  GateResult,
  GateStatus,
  Happening,
  PauseReason,
  ProcessIdentity,
  Ranking,
  ReviewFacts,
  RuleDraft,
  RunState,
  Settings,
  WireBound,
} from './state.ts';
import type { Tokens } from './tokens.ts';
import type { AgentId, RunId } from './units.ts';

/** What happened to the fleet as a whole. */
export type FleetEvent =
  | {
      readonly type: 'supervisor-started';
      readonly pid: number;
      readonly version: string;
      readonly root: string;
      readonly name: string;
      readonly branch: string;
      /** IANA name of the operator's time zone; journals of older versions do not say. */
      readonly timezone?: string;
    }
  | { readonly type: 'supervisor-closing' }
  | { readonly type: 'settings-read'; readonly settings: Settings }
  | {
      readonly type: 'loop-read';
      readonly name: string;
      readonly path: string;
      readonly trusted: boolean;
      readonly definition: LoopDefinition | null;
      readonly problems: readonly string[];
    }
  | { readonly type: 'loop-gone'; readonly name: string }
  | {
      readonly type: 'rule-added';
      readonly id: string;
      readonly text: string;
      readonly scope: string;
      /** Absent: RULES.md. */
      readonly file?: string;
      readonly by: string;
      readonly run: RunId | null;
    }
  /** Somebody wanted to write it again: the same failure, or nearly the same words. */
  | { readonly type: 'rule-bumped'; readonly id: string; readonly by: string; readonly run: RunId | null }
  | { readonly type: 'rule-retired'; readonly id: string; readonly by: string }
  | {
      readonly type: 'rules-read';
      readonly rules: readonly {
        readonly id: string;
        readonly text: string;
        readonly scope: string;
        /** Absent: RULES.md. */
        readonly file?: string;
      }[];
    }
  /** At what the meter charges these models from here on; null for one that has no price. What was spent before keeps its price. */
  | { readonly type: 'prices-read'; readonly prices: Readonly<Record<string, Price | null>> }
  | { readonly type: 'disk-full'; readonly detail: string }
  /** A hook has run; `failed` says in words why it did not do well, null when it did. */
  | {
      readonly type: 'hook-called';
      readonly call: string;
      readonly happening: Happening;
      readonly ms: number;
      readonly failed: string | null;
    }
  | { readonly type: 'disk-freed' }
  /** The operator's calendar day has changed and nothing else has happened yet; the stamp says which it is. */
  | { readonly type: 'day-began' }
  /** A share of a cap of the fleet, or of a loop's day, was reached. `cap` is a key of `FleetState.warned`. */
  | { readonly type: 'fleet-warned'; readonly cap: string; readonly share: number; readonly words: string }
  /** The wire meter listens on this port of the loopback. */
  | { readonly type: 'wire-opened'; readonly port: number }
  | TriageEvent
  | ReadingEvent
  | BranchDropped
  | FanEvent
  /** Wall and monotonic clock came apart by `jumpMs`: a suspend or a change of the clock. */
  | { readonly type: 'clock-jumped'; readonly jumpMs: number }
  | BeatEvent;

/** What happened to the heartbeat of a loop. */
export type BeatEvent = { readonly loop: string } & BeatFact;

type BeatFact =
  /** Something set it off. `key` leads to one run at most; `at` is the instant it was scheduled for, or when it was heard. */
  | {
      readonly type: 'fired';
      readonly trigger: Trigger;
      readonly key: string;
      readonly at: number;
      /** It stands for instants before it that nobody was awake for. */
      readonly missed: boolean;
      readonly item: unknown;
    }
  /** It comes to no run, whether it was fired before or not. */
  | {
      readonly type: 'skipped';
      readonly trigger: Trigger;
      readonly key: string;
      readonly at: number;
      readonly missed: boolean;
      readonly why: string;
    }
  /** `skip-if` lets the firing pass. */
  | { readonly type: 'skip-checked'; readonly key: string }
  /** The operator lets it go on for another `expires`. */
  | { readonly type: 'renewed'; readonly by: string }
  | { readonly type: 'expired-soon'; readonly at: number }
  | { readonly type: 'expired' }
  /** Its events cannot be heard, and why; null when they can again. */
  | { readonly type: 'troubled'; readonly why: string | null };

/** What was looked for, and what became of what was found. */
export type TriageEvent =
  /** The loop's `discover` was run. What is new is queued in the same batch; when nothing is, this is all that happens. */
  | {
      readonly type: 'discovered';
      readonly loop: string;
      /** Items listed, and how many of them are new and taken. */
      readonly found: number;
      readonly fresh: number;
      /** New ones that wait for the next look: over the limit, or their last run is not done. */
      readonly left: number;
      /** Lines that are no item. */
      readonly unread: number;
      /** To be remembered from now: the new ones, and known ones that were about to be forgotten. */
      readonly seen: readonly { readonly key: string; readonly hash: string }[];
    }
  | { readonly type: 'discovery-failed'; readonly loop: string; readonly why: string }
  /** The run was queued in the same batch. */
  | {
      readonly type: 'hit-promoted';
      readonly hit: string;
      readonly to: RunId;
      readonly loop: string;
      readonly by: string;
    }
  /** An agent of run `from` came across it. */
  | { readonly type: 'hit-reported'; readonly from: RunId; readonly ranking: Ranking }
  | { readonly type: 'hit-dismissed'; readonly hit: string; readonly by: string }
  | { readonly type: 'hit-expired'; readonly hit: string };

/** What happened to one run. */
export type RunEvent = { readonly run: RunId } & (
  | {
      readonly type: 'run-queued';
      readonly loop: string;
      readonly number: number;
      readonly item: unknown;
      /** Absent: trusted. */
      readonly trust?: Trust;
      readonly nonce: string;
      readonly definition: LoopDefinition;
      readonly by: string;
      /** Key of the firing that led to it; a run by hand has none. */
      readonly firing?: string;
      /** The fan that it is a part of, and which of its items it works on; absent for a run by itself. */
      readonly fan?: { readonly id: string; readonly key: string };
      /** The green run whose file named this loop. */
      readonly follows?: RunId;
    }
  | { readonly type: 'prepare-started' }
  | {
      readonly type: 'prepared';
      readonly worktree: string;
      readonly branch: string;
      readonly base: string | null;
      /** See `RunState`. Absent in older journals. */
      readonly target?: string | null;
      readonly bars?: RunState['bars'];
      readonly references?: RunState['references'];
    }
  | {
      readonly type: 'agent-planned';
      readonly agent: AgentId;
      readonly role: Role;
      readonly engine: EngineName;
      readonly model: string;
      readonly resumes: string | null;
      readonly guidance: boolean;
      readonly promptHash: string;
      readonly rules: readonly string[];
      readonly notes: readonly string[];
      /** Bytes of the session's own books that earlier processes wrote, by file. */
      readonly books?: Readonly<Record<string, number>>;
      /** Its requests go through the wire meter. */
      readonly wire: boolean;
    }
  | {
      readonly type: 'agent-started';
      readonly agent: AgentId;
      readonly process: ProcessIdentity;
      readonly containment: Containment;
      readonly adopted: boolean;
    }
  /** Bytes up to `offset` of the agent's `out` file are these events: position and meaning commit together. */
  | {
      readonly type: 'agent-read';
      readonly agent: AgentId;
      readonly offset: number;
      readonly events: readonly AgentEvent[];
      /** The same for the CLI's own books, by file; null when they cannot be read and what it prints must do. */
      readonly books?: Readonly<Record<string, number>> | null;
      /** What its session has cost in all its processes, by the CLI's own count. */
      readonly total?: Tokens;
    }
  /** A request is about to be sent, and this is reserved for it. `own`: it asks for the model that the agent was started with. */
  | {
      readonly type: 'wire-sent';
      readonly agent: AgentId;
      readonly key: string;
      readonly model: string;
      readonly own: boolean;
      readonly bound: WireBound;
    }
  /** What the wire showed of request `key`. `closed`: that was all of it, its bill is among the events of the request, and nothing is reserved any more. */
  | {
      readonly type: 'wire-read';
      readonly agent: AgentId;
      readonly key: string;
      readonly closed: boolean;
      readonly events: readonly AgentEvent[];
    }
  | { readonly type: 'agent-frozen'; readonly agent: AgentId; readonly processes: number }
  | { readonly type: 'agent-thawed'; readonly agent: AgentId }
  /** The process and everything it started are gone. `survivors` > 0 only when some could not be ended. */
  | {
      readonly type: 'agent-ended';
      readonly agent: AgentId;
      readonly code: number | null;
      readonly signal: string | null;
      readonly survivors: number;
      readonly stderr: string;
      readonly tree: string | null;
      readonly ms: number;
    }
  | {
      readonly type: 'agent-unstartable';
      readonly agent: AgentId;
      readonly why: 'no-engine' | 'config' | 'infra';
      readonly detail: string;
    }
  | { readonly type: 'gate-started'; readonly pass: number; readonly gate: string }
  | {
      readonly type: 'gate-ended';
      readonly pass: number;
      readonly gate: string;
      readonly status: Exclude<GateStatus, 'pending' | 'running'>;
      readonly exit: number | null;
      readonly ms: number;
      readonly fingerprint: string | null;
      readonly summary: string;
      readonly tail: string;
      /** See `GateResult`. Absent in older journals. */
      readonly score?: number | null;
      readonly measures?: GateResult['measures'];
      readonly flags?: GateResult['flags'];
      /** The person who judged, where it was one. */
      readonly by?: string;
    }
  /** The worktree and the branch have the best pass again; `commit` is null when that failed, and `detail` says why. */
  | {
      readonly type: 'best-kept';
      readonly gate: string;
      readonly pass: number;
      readonly score: number;
      readonly after: number;
      readonly commit: string | null;
      readonly detail: string;
    }
  | {
      readonly type: 'committed';
      readonly commit: string;
      readonly files: number;
      readonly added: number;
      readonly removed: number;
      /** Absent in older journals. */
      readonly review?: ReviewFacts;
    }
  | LandingEvent
  /** A loop that its file names for after it was started, as `to`; null, and why, where nothing came of it. */
  | { readonly type: 'followed'; readonly loop: string; readonly to: RunId | null; readonly why: string }
  | { readonly type: 'torn-down'; readonly kept: string | null }
  | { readonly type: 'budget-warned'; readonly cap: string; readonly share: number }
  | { readonly type: 'paused'; readonly why: PauseReason; readonly detail: string }
  /** Nobody can be asked what the failure teaches: a template says it. */
  | { readonly type: 'reflection-skipped'; readonly because: string }
  /** At its cap it makes no more, and what it has made goes to the gates. */
  | { readonly type: 'wrapped-up'; readonly detail: string }
  /** The provider refuses: it waits with the others of its credential. `freeze`: its agent is kept, else it ends. */
  | {
      readonly type: 'parked';
      readonly why: Extract<PauseReason, 'rate-limit' | 'login'>;
      readonly detail: string;
      readonly freeze: boolean;
    }
  /** The provider's time is over and it is this run's turn. */
  | { readonly type: 'unparked' }
  | { readonly type: 'nudged'; readonly rule: string; readonly text: string }
  /** A stuck rule sees something that the operator may want to look at. */
  | { readonly type: 'suspected'; readonly rule: string; readonly words: string }
  /** A stuck rule ends the pass: the gates judge what there is, and `advice` goes into the next prompt. */
  | { readonly type: 'pass-cut'; readonly rule: string; readonly words: string; readonly advice: string }
  | { readonly type: 'climbed'; readonly rung: number; readonly maker: AgentDefinition; readonly because: string }
  | { readonly type: 'run-failed'; readonly why: 'infra' | 'config' | 'agent'; readonly detail: string }
  | { readonly type: 'note-written'; readonly note: string }
  | { readonly type: 'draft-made'; readonly draft: RuleDraft }
  /** An agent asks the operator through a tool of ours, and goes on when the answer comes back through it. */
  | {
      readonly type: 'question-asked';
      readonly ask: string;
      readonly question: string;
      readonly options?: readonly string[];
    }
  | { readonly type: 'question-closed'; readonly ask: string; readonly because: string }
  /** Everything the run started is dead, seen by scanning, after an operator's kill. */
  | { readonly type: 'kill-confirmed'; readonly processes: number; readonly survivors: number; readonly ms: number }
  // what the operator asked for
  | { readonly type: 'freeze-asked'; readonly by: string }
  | { readonly type: 'resume-asked'; readonly by: string }
  | { readonly type: 'drain-asked'; readonly by: string }
  | {
      readonly type: 'stop-asked';
      readonly by: string;
      readonly cause: Extract<EndCause, 'stop' | 'down'>;
      readonly polite: boolean;
    }
  | { readonly type: 'kill-asked'; readonly by: string }
  | { readonly type: 'run-ended'; readonly end: End }
  | {
      readonly type: 'escalated';
      readonly rung: number;
      readonly maker: AgentDefinition;
      readonly note: string;
      readonly by: string;
    }
  | { readonly type: 'note-given'; readonly note: string; readonly text: string; readonly by: string }
  | { readonly type: 'draft-dropped'; readonly by: string }
  | { readonly type: 'budget-raised'; readonly budget: LoopDefinition['budget']; readonly by: string }
);

export type Event = FleetEvent | RunEvent;

/** An event with its place in time, as the journal keeps it and the socket sends it. */
export interface Stamped {
  /** 1, 2, 3 … without gaps over the life of the repository. */
  readonly seq: number;
  /** Milliseconds since 1970, wall clock. */
  readonly at: number;
  /** Calendar day `YYYY-MM-DD` of the operator's time zone at `at`; daily budgets go by it. */
  readonly day: string;
  readonly event: Event;
}

export const isRunEvent = (event: Event): event is RunEvent =>
  'run' in event && event.type !== 'rule-added' && event.type !== 'rule-bumped';
