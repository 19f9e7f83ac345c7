/** What supervisor and clients say to each other: one JSON object a line over a Unix socket, both ends of one version. */
import { z } from 'zod';
import type { Command } from '../loop/command.ts';
import type { Stamped } from '../loop/event.ts';
import type { Report } from '../loop/report.ts';
import type { FleetState } from '../loop/state.ts';

/** Client and supervisor of different protocol numbers refuse each other with words. */
export const PROTOCOL = 1;

export type ToServer =
  | { readonly say: 'hello'; readonly protocol: number }
  /** Ask for the snapshot and all events after it. */
  | { readonly say: 'watch' }
  | { readonly say: 'command'; readonly id: number; readonly command: Command; readonly by: string }
  /** From an agent, which proves by `nonce` that it belongs to `run`; it can act for no other. */
  | {
      readonly say: 'report';
      readonly id: number;
      readonly run: string;
      readonly nonce: string;
      readonly report: Report;
    };

export type ToClient =
  | { readonly say: 'welcome'; readonly protocol: number; readonly version: string; readonly pid: number }
  | { readonly say: 'snapshot'; readonly seq: number; readonly state: FleetState }
  | { readonly say: 'events'; readonly events: readonly Stamped[] }
  /** The command's events are durable in the journal. `text` is for people; `run` names the run it made or changed. */
  | {
      readonly say: 'done';
      readonly id: number;
      readonly text: string;
      readonly run: string | null;
      readonly seq: number;
    }
  | { readonly say: 'refused'; readonly id: number; readonly text: string; readonly code: number }
  | { readonly say: 'bye'; readonly text: string };

const run = z.string().min(1).max(200);
const text = z.string().max(20_000);

const raise = {
  tokens: text.exactOptional(),
  usd: text.exactOptional(),
  wall: text.exactOptional(),
  passes: text.exactOptional(),
};

export const commandSchema: z.ZodType<Command> = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('run'),
    loop: run,
    item: z.json().exactOptional(),
    set: z.record(z.string(), z.string()).exactOptional(),
  }),
  z.strictObject({ do: z.enum(['freeze', 'resume', 'drain', 'stop', 'kill']), run }),
  z.strictObject({ do: z.literal('escalate'), run, to: text.exactOptional(), note: text.exactOptional() }),
  z.strictObject({ do: z.literal('note'), run, text, ask: text.exactOptional() }),
  z.strictObject({ do: z.literal('renew'), loop: run }),
  z.strictObject({ do: z.literal('rule-add'), text, scope: text.exactOptional(), from: run.exactOptional() }),
  z.strictObject({ do: z.literal('rule-approve'), run, text, scope: text.exactOptional() }),
  z.strictObject({ do: z.literal('rule-drop'), run }),
  z.strictObject({ do: z.literal('rule-retire'), id: run }),
  z.strictObject({ do: z.literal('budget'), run, ...raise }),
  z.strictObject({ do: z.literal('release'), fan: run }),
  z.strictObject({ do: z.literal('stop-fan'), fan: run }),
  z.strictObject({ do: z.literal('budget-fan'), fan: run, ...raise }),
  z.strictObject({
    do: z.literal('land'),
    run,
    how: z.enum(['rebase', 'merge', 'squash', 'pr']).exactOptional(),
    onto: run.exactOptional(),
    push: z.boolean().exactOptional(),
  }),
  z.strictObject({ do: z.literal('discard'), run }),
  z.strictObject({ do: z.literal('send-back'), run, note: text }),
  z.strictObject({ do: z.literal('promote'), hit: run, to: run.exactOptional() }),
  z.strictObject({ do: z.literal('dismiss'), hit: run }),
  z.strictObject({
    do: z.literal('read'),
    run,
    hunks: z
      .array(z.strictObject({ id: z.string().regex(/^[0-9a-f]{40}$/), how: z.enum(['skimmed', 'read']) }))
      .max(2000),
  }),
  z.strictObject({ do: z.literal('reload') }),
  z.strictObject({ do: z.literal('down'), now: z.boolean() }),
]);

const reportSchema: z.ZodType<Report> = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('ask'),
    ask: run,
    question: z.string().max(4000),
    options: z.array(z.string().min(1).max(200)).max(9).exactOptional(),
  }),
  z.strictObject({ do: z.literal('ask-over'), ask: run, because: z.string().max(200) }),
  z.strictObject({ do: z.literal('rule'), text: z.string().max(1000), scope: run.exactOptional() }),
  z.strictObject({
    do: z.literal('hit'),
    title: z.string().max(1000),
    evidence: z.string().max(500),
    priority: z.enum(['p0', 'p1', 'p2', 'p3']),
    confidence: z.number().min(0).max(1),
    loop: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/)
      .exactOptional(),
    key: run.exactOptional(),
  }),
  z.strictObject({ do: z.literal('progress'), text }),
  z.strictObject({ do: z.literal('state') }),
]);

export const toServerSchema: z.ZodType<ToServer> = z.discriminatedUnion('say', [
  z.strictObject({ say: z.literal('hello'), protocol: z.number() }),
  z.strictObject({ say: z.literal('watch') }),
  z.strictObject({ say: z.literal('command'), id: z.number(), command: commandSchema, by: z.string().max(200) }),
  z.strictObject({ say: z.literal('report'), id: z.number(), run, nonce: z.string().max(200), report: reportSchema }),
]);
