/** What happens to a fan as a whole. What happens to its items are events of their runs. */
import type { Budget, LoopDefinition, Trust } from '../definition/definition.ts';

export type FanEvent = {
  readonly fan: string;
} /** A firing of the loop has come to these items, in the order in which they will begin. None of them has a run yet. */ & (
  | {
      readonly type: 'fanned-out';
      readonly loop: string;
      readonly definition: LoopDefinition;
      readonly trust: Trust;
      readonly items: readonly { readonly key: string; readonly item: unknown }[];
      readonly by: string;
      /** Key of the firing that led to it; one by hand has none. */
      readonly firing?: string;
    }
  /** It could not be given a run. */
  | { readonly type: 'fan-item-failed'; readonly key: string; readonly why: string }
  /** Its pilot has come to its end: the others wait for the operator. */
  | { readonly type: 'fan-piloted' }
  /** The operator has had a look at the pilot: the others may begin. */
  | { readonly type: 'fan-released'; readonly by: string }
  /** Nothing more of it begins; what is at work goes on to its end. */
  | { readonly type: 'fan-stopped'; readonly why: string }
  | { readonly type: 'fan-budget-raised'; readonly budget: Budget; readonly by: string }
  /** Every item has come to its end. */
  | {
      readonly type: 'fan-ended';
      readonly green: number;
      readonly landed: number;
      readonly failed: number;
      readonly skipped: number;
    }
);
