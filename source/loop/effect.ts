/** What the supervisor should be doing to the world, as values. `decide` derives them from state; `supervisor/effects` carries them out. */
import type { MachineGate } from './definition/gates.ts';
import type { Event } from './event.ts';
import type { Best } from './keep-best.ts';
import type { LandingEffect } from './landing/effect.ts';
import type { AgentId, RunId } from './units.ts';

/**
 * Level-triggered: the same effect is returned for as long as it is needed, and is started when none with its `key` is
 * under way. So a supervisor that was killed at any instant picks up by deciding again.
 */
export type Effect =
  /** Make the worktree, run `setup`; idempotent. */
  | { readonly do: 'prepare'; readonly key: string; readonly run: RunId }
  /** Compose the prompt, write the agent's folder, journal `agent-planned`. */
  | { readonly do: 'plan'; readonly key: string; readonly run: RunId }
  /** See that the planned process exists (start it or adopt it) and turn its output into events until its death is journaled. */
  | { readonly do: 'attend'; readonly key: string; readonly run: RunId; readonly agent: AgentId }
  | { readonly do: 'freeze'; readonly key: string; readonly run: RunId; readonly agent: AgentId }
  | { readonly do: 'thaw'; readonly key: string; readonly run: RunId; readonly agent: AgentId }
  | { readonly do: 'end'; readonly key: string; readonly run: RunId; readonly agent: AgentId; readonly polite: boolean }
  /** Write a note into the agent's stdin. */
  | { readonly do: 'tell'; readonly key: string; readonly run: RunId; readonly agent: AgentId; readonly note: string }
  | {
      readonly do: 'gate';
      readonly key: string;
      readonly run: RunId;
      readonly pass: number;
      readonly gate: MachineGate;
    }
  | { readonly do: 'commit'; readonly key: string; readonly run: RunId }
  /** Bring worktree and branch back to the best pass; `after` is the newest that was measured. */
  | { readonly do: 'keep-best'; readonly key: string; readonly run: RunId; readonly best: Best; readonly after: number }
  /** End everything that carries the run's mark and confirm it. */
  | { readonly do: 'exterminate'; readonly key: string; readonly run: RunId }
  /** Run the operator's own command for what happened. */
  | { readonly do: 'hook'; readonly key: string; readonly run: null; readonly call: string }
  /** Start the loop that the hit goes to, since its own loop's file lets it. */
  | { readonly do: 'promote'; readonly key: string; readonly run: null; readonly hit: string }
  | LandingEffect
  /** Make the run of an item of a fan. */
  | { readonly do: 'begin-item'; readonly key: string; readonly run: null; readonly fan: string; readonly item: string }
  /** Start a loop that the run's own file names for when it is green. */
  | { readonly do: 'follow'; readonly key: string; readonly run: RunId; readonly loop: string }
  | { readonly do: 'tear-down'; readonly key: string; readonly run: RunId }
  /** Run the loop's `skip-if` and journal what it says of the firing. */
  | {
      readonly do: 'skip-check';
      readonly key: string;
      readonly run: null;
      readonly loop: string;
      readonly firing: string;
    }
  /** Make the run of a firing, or say why there is none. */
  | { readonly do: 'fire'; readonly key: string; readonly run: null; readonly loop: string; readonly firing: string }
  /** See the changes of the loop's files, for as long as this is wanted. */
  | { readonly do: 'watch'; readonly key: string; readonly run: null; readonly loop: string }
  /** Keep the loop's event command alive and hear its lines, for as long as this is wanted. */
  | { readonly do: 'listen'; readonly key: string; readonly run: null; readonly loop: string }
  /** Take in what the notes of the repository say was read. */
  | { readonly do: 'recall-reading'; readonly key: string; readonly run: null }
  /** Write marks and landed hunks that have no note yet into the notes of the repository. */
  | { readonly do: 'note-reading'; readonly key: string; readonly run: null }
  /** Look now and then what of the landed hunks still stands, for as long as this is wanted. */
  | { readonly do: 'watch-standing'; readonly key: string; readonly run: null }
  /** Nothing to do but to write down what the state already implies. */
  | { readonly do: 'record'; readonly key: string; readonly run: RunId | null; readonly events: readonly Event[] };

export interface Decision {
  readonly effects: readonly Effect[];
  /** When the passing of time alone may change the decision (ms since 1970); null for never. */
  readonly wakeAt: number | null;
}
