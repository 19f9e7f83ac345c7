/** A loop as the rest of the program knows it: every default filled in, every unit parsed. Made by parse.ts, never by hand. */
import type { GateDefinition } from './gates.ts';
import type { OnSuccess } from './success.ts';

export type { GateDefinition } from './gates.ts';

export type EngineName = 'claude' | 'codex' | 'gemini' | 'grok' | 'opencode' | 'acp' | 'shell' | 'scripted';
export type Role = 'maker' | 'checker' | 'triage' | 'reflector';
export type Permission = 'plan' | 'ask' | 'acceptEdits' | 'bypassPermissions';

/** Who plays a role. `model` is a tier (cheap, standard, strong), an engine's alias or an exact id. */
export interface AgentDefinition {
  readonly engine: EngineName;
  readonly model: string;
  readonly effort: string | null;
  /** Cap on the engine's own turns per pass, where it has one; null for none. */
  readonly turns: number | null;
  readonly permission: Permission;
  readonly tools: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  /** The command line of engine `shell`; null otherwise. */
  readonly run: string | null;
  /** A named agent of the engine's own; absent for its main one. */
  readonly agent?: string;
  /** The scenario file of engine `scripted`, relative to the repository; null otherwise. */
  readonly scenario: string | null;
}

/** Caps of one run, or of a whole fan. There is no unlimited. */
export interface Budget {
  /** Fresh tokens: input + cache write + output. */
  readonly tokens: number;
  readonly usd: number;
  readonly wallMs: number;
  readonly passes: number;
}

/** Who tries to refute that the goal holds, once every other gate is green. */
export interface Checking {
  readonly agent: AgentDefinition;
  /** Id under which its verdict stands among the gates. */
  readonly gate: string;
  /** How many judge; the majority counts. */
  readonly votes: number;
  readonly onUncertain: 'fail' | 'pass';
  /** Share of the runs that are judged, 0 to 1. */
  readonly sample: number;
}

/** Caps of all runs of one loop in one calendar day; null for none but the fleet's. */
export interface DailyBudget {
  readonly tokens: number | null;
  readonly usd: number | null;
}

/** What happens at a cap. `wrap-up`: no more is made, the gates judge what there is. `kill`: the run ends there. */
export type OnExhausted = 'pause' | 'wrap-up' | 'kill';

/** `wire`: every request passes through a proxy that counts and holds the caps. `events`: what the agent reports is counted. */
export type MeterKind = 'wire' | 'events';

export type RungTrigger = 'same-failure' | 'no-improvement' | 'stuck' | 'passes' | 'exhausted' | 'checker-rejects';

export interface Rung {
  readonly when: RungTrigger;
  readonly count: number;
  /** Who takes over; null hands the run to a person. */
  readonly maker: AgentDefinition | null;
}

/** Hours of the day on days of the week, in the loop's time zone. */
export interface ActiveHours {
  /** As the file says it, for people. */
  readonly text: string;
  /** In minutes since midnight; `to` is not within. Where `to` is not after `from`, it lies on the next day. */
  readonly hours: readonly { readonly from: number; readonly to: number }[];
  /** 0 = Sunday to 6 = Saturday, ascending: the days on which the hours begin. */
  readonly days: readonly number[];
}

/** How a run of another loop must have ended; `promoted`: one of its hits was given to a loop. */
export type AfterOutcome = 'success' | 'failure' | 'promoted' | 'any';

/** What starts a loop besides the operator, and what keeps it from it. All null: only the operator does. */
export interface Heartbeat {
  readonly everyMs: number | null;
  /** Five-field cron line. */
  readonly cron: string | null;
  /** IANA name for `cron` and `active`; null = the operator's own. */
  readonly timezone: string | null;
  readonly active: ActiveHours | null;
  readonly watch: { readonly paths: readonly string[]; readonly debounceMs: number } | null;
  /** A long-running command; each line of its stdout that holds `match` (a regular expression) is one event. */
  readonly event: { readonly run: string; readonly match: string | null } | null;
  readonly after: { readonly loop: string; readonly outcome: AfterOutcome } | null;
  /** Shell command; exit 0 skips the firing. */
  readonly skipIf: string | null;
  /** Least time from one start of a run to the next firing, ms. */
  readonly cooldownMs: number;
  /** Longest delay of a firing by the clock, ms. */
  readonly jitterMs: number;
  /** What follows a time in which nobody was awake: `one` firing for all that were missed, or none. */
  readonly catchUp: 'none' | 'one';
  readonly expiresMs: number;
}

/** What a firing does when the limit of runs at once is reached. */
export type WhenBusy = 'skip' | 'queue' | 'replace';

export type StuckRule =
  | 'repeat'
  | 'repeat-error'
  | 'cycle'
  | 'monologue'
  | 'chant'
  | 'denied'
  | 'api-error'
  | 'silent'
  | 'burn'
  | 'same-failure'
  | 'no-diff'
  | 'revert'
  | 'no-improvement'
  | 'false-done';

/** What a loop says about one stuck rule; what it does not say is as usual. Counts; of `silent` ms, of `burn` shares; null = never. */
export type StuckSetting =
  | 'off'
  | {
      readonly warn?: number | null | undefined;
      readonly nudge?: number | null | undefined;
      readonly after?: number | null | undefined;
      /** Of `no-improvement`: the one gate that counts, and the least gain that does. */
      readonly gate?: string | undefined;
      readonly minDelta?: number | undefined;
    };

/** Whether the words of an item are the operator's own, or data from other people that is never an instruction. */
export type Trust = 'trusted' | 'untrusted';

/** Finds what the loop works on: a command in the main checkout that prints one JSON object a line, or an array of them. */
export interface Discovery {
  readonly run: string;
  /** The field that tells items apart, `id` or `issue.number`. */
  readonly key: string;
  /** Fields whose change makes a known item new. */
  readonly changedBy: readonly string[];
  /** New items that one look takes at most; the others come with the next. */
  readonly limit: number;
  /** An item that was not listed for so long is new again. */
  readonly forgetAfterMs: number;
  readonly trust: Trust;
}

/** How finished items come together. `queue`: looptop lands them itself, one after the other. */
export type FanMerge = 'none' | 'queue';

/** What becomes of an item whose run stops short of green: it ends, it ends the fan, or it waits for a person while the others go on. */
export type OnItemFailure = 'skip' | 'stop' | 'escalate';

/** One firing comes to one run an item, several of them at once. The items are those that the loop's `discover` lists. */
export interface FanOut {
  /** Items that were worked on before are left out, by the memory of `discover`; false: every firing takes all that is listed. */
  readonly remembers: boolean;
  /** Items of one firing; the others come with the next. */
  readonly maxItems: number;
  /** Runs of the fan at work at once. */
  readonly maxParallel: number;
  /** So many items run first, and the others when the operator has had a look; 0 for no pilot. */
  readonly pilot: number;
  readonly order: 'listed' | 'smallest-first';
  readonly merge: FanMerge;
  readonly onItemFailure: OnItemFailure;
  /** Nothing more begins once this share of at least so many items has failed; null for never. */
  readonly stopWhen: { readonly failureRate: number; readonly after: number } | null;
  /** Caps of the run of one item; the loop's `budget` is that of all of them together. */
  readonly perItem: Budget;
}

export type Priority = 'p0' | 'p1' | 'p2' | 'p3';

/** What a finding of a triage loop must be to become a hit, and what then becomes of it. */
export interface OnHit {
  readonly minPriority: Priority;
  /** 0 to 1. */
  readonly minConfidence: number;
  /** The loop that takes it; null: the one that the triage agent suggests. */
  readonly promoteTo: string | null;
  readonly mode: 'ask' | 'auto';
  readonly expiresMs: number;
  /** Automatic promotions in a calendar day. */
  readonly maxPerDay: number;
}

/** `desktop` rings as well. */
export type Notify = 'none' | 'bell' | 'desktop';

export interface LoopDefinition {
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly kind: 'closed' | 'open';
  readonly on: Heartbeat;
  /** Null: its item is handed over, or it has none. */
  readonly discover: Discovery | null;
  readonly onHit: OnHit;
  /** Null: a firing is one run, or with `discover` one run an item, each by itself. */
  readonly fanOut: FanOut | null;
  readonly goal: string;
  /** Who does the work; of a loop that only triages, its triage agent. */
  readonly maker: AgentDefinition;
  /** Ranks what `discover` finds before the maker is asked; null: the maker takes every item, or there is none beside the triage. */
  readonly triage: AgentDefinition | null;
  readonly leads: Extract<Role, 'maker' | 'triage'>;
  readonly checker: Checking | null;
  /** Null: a template says what a failure teaches. */
  readonly reflector: AgentDefinition | null;
  readonly escalate: readonly Rung[];
  /** Those that turn it green; what is run only before it lands stands in `onSuccess`. */
  readonly gates: readonly GateDefinition[];
  readonly budget: Budget;
  readonly daily: DailyBudget;
  /** What it may spend in USD a minute, over five minutes; null for no such cap. */
  readonly usdPerMinute: number | null;
  /** Shares of tokens and money that only this role may spend, 0 to 1; of roles that the loop has. */
  readonly reserve: Readonly<Partial<Record<Role, number>>>;
  readonly onExhausted: OnExhausted;
  /** Id of the metric or visual gate whose best pass the branch gets when the run stops short of green; null for none. */
  readonly keepBest: string | null;
  /** Stuck rules that are not as usual. */
  readonly stuck: Readonly<Partial<Record<StuckRule, StuckSetting>>>;
  /** Null for the operator's own choice. */
  readonly meter: MeterKind | null;
  readonly review: {
    /** Landed lines of this loop that may stay unread before nothing of it lands any more; null for any number. */
    readonly maxUnreadLines: number | null;
  };
  /** Shares of the budget at which the operator is warned, 0 to 1, ascending. */
  readonly warnAt: readonly number[];
  readonly isolation: {
    /** `none`: in the main checkout itself, for a triage that only reads. */
    readonly type: 'worktree' | 'none';
    /** What the worktree starts from; null = the commit HEAD points at. */
    readonly base: string | null;
    /** Name of the run's branch, under `loop/`; null = `loop/<run>`. */
    readonly branch: string | null;
    readonly setup: string | null;
    readonly setupTimeoutMs: number;
    /** Run before the worktree is removed. */
    readonly teardown: string | null;
    /** Untracked files of the main checkout that the worktree gets a copy of, relative to the repository. */
    readonly copy: readonly string[];
    readonly keep: 'never' | 'on-failure' | 'always';
    /** How long after the end of its run a kept worktree stays; null for ever. */
    readonly ttlMs: number | null;
  };
  readonly context: {
    /** Names of skills of the repository. */
    readonly skills: readonly string[];
    /** Names of MCP servers in `.mcp.json`, or `looptop`: these and no others. Null: what the engine's own settings say. */
    readonly mcp: readonly string[] | null;
    readonly files: readonly string[];
    readonly rules: {
      readonly file: string;
      readonly max: number;
      readonly tokens: number;
      /** Only rules whose scope matches what the pass is about. */
      readonly scope: boolean;
    };
    /** Where the record and the notes of the loop's agents stand, relative to the repository; null for `.looptop/`. */
    readonly state: string | null;
    readonly progress: string | null;
  };
  readonly commit: string;
  readonly onSuccess: OnSuccess;
  /** Loops that a green run starts. */
  readonly followedBy: readonly string[];
  /** How the operator is called when a run of it is green, and when it falls short of that; null: as usual. */
  readonly notify: { readonly success: Notify | null; readonly failure: Notify | null };
  /** Runs at once, of the loop or of its group. */
  readonly concurrency: { readonly max: number };
  /** Loops of one group share their limits; it may hold `{{item...}}`. Null: the loop has its limit for itself. */
  readonly group: string | null;
  readonly whenBusy: WhenBusy;
  readonly prompts: {
    readonly maker: string;
    readonly checker: string;
    readonly triage: string;
    readonly reflect: string;
  };
}
