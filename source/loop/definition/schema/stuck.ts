/** The front matter of the stuck rules: each by its name, off or with its own thresholds. What is not said is as usual (stuck.ts). */
import * as z from 'zod';
import type { StuckRule, StuckSetting } from '../definition.ts';
import { count, duration, gateId, share } from './words.ts';

const OFF = 'expected off, or a map with after';

/** A text that can only be `off`; what YAML 1.1 makes of the word is false. */
const offText = (otherwise: string) =>
  z
    .string(otherwise)
    .refine((text) => text === 'off', otherwise)
    .meta({ enum: ['off'] });
const offFalse = (otherwise: string) =>
  z
    .boolean(otherwise)
    .refine((value) => !value, otherwise)
    .meta({ enum: [false] });

type Amount = z.ZodType<number, unknown>;

/** A threshold, or off for "never". */
const orNever = (amount: Amount, expected: string) =>
  z.union([amount, offText(expected).transform(() => null), offFalse(expected).transform(() => null)], expected);

const times = orNever(count.max(1000), 'expected a whole number above 0, or off');
const time = orNever(duration(7 * 86_400_000), 'expected a duration such as 15m, or off');
const part = orNever(share, 'expected a share such as 0.25, or off');

const marks = <T extends z.ZodType<number | null, unknown>>(amount: T) => ({
  nudge: amount.optional().describe('From here on the agent is told, once.'),
  after: amount.optional().describe('From here on the rule acts.'),
});
const warned = <T extends z.ZodType<number | null, unknown>>(amount: T) => ({
  warn: amount.optional().describe('From here on the operator sees it.'),
  ...marks(amount),
});

type Marks = { readonly nudge?: number | null | undefined; readonly after?: number | null | undefined };

/** The agent is told before the rule acts, or not at all. */
const inOrder = ({ nudge, after }: Marks): boolean =>
  typeof nudge !== 'number' || typeof after !== 'number' || nudge < after;
const NOT_IN_ORDER = { path: ['nudge'], message: 'expected less than after' };

const orOff = <T extends z.ZodType<StuckSetting, unknown>>(map: T, what: string) =>
  z
    .union([map, offText(OFF).transform(() => 'off' as const), offFalse(OFF).transform(() => 'off' as const)], OFF)
    .optional()
    .describe(what);

const counted = z.strictObject(marks(times)).refine(inOrder, NOT_IN_ORDER);

const rules = {
  repeat: orOff(counted, 'The same call with the same result, in a row. Usual: nudge 3, after 4.'),
  'repeat-error': orOff(counted, 'The same call failing, in a row. Usual: nudge 3, after 4.'),
  cycle: orOff(counted, 'The same 2 to 5 calls round and round. Usual: nudge 4, after 5.'),
  monologue: orOff(counted, 'Messages in a row without a tool call. Usual: nudge 3, after 4.'),
  chant: orOff(counted, 'The same words over and over in one text. Usual: after 10.'),
  denied: orOff(counted, 'Calls in a row that were not allowed. Usual: nudge 2, after 3.'),
  'api-error': orOff(counted, 'Agent processes in a row that failed. Usual: after 3.'),
  silent: orOff(
    z.strictObject(warned(time)).refine(inOrder, NOT_IN_ORDER),
    'Nothing comes from the agent. Usual: warn 5m, nudge 15m, after 30m.',
  ),
  burn: orOff(
    z.strictObject(warned(part)).refine(inOrder, NOT_IN_ORDER),
    'Share of the budget spent without anything new. Usual: warn 0.15, and no more.',
  ),
  'same-failure': orOff(counted, 'Passes in a row with the same failure. Usual: after 3.'),
  'no-diff': orOff(counted, 'Passes in a row that change no file. Usual: nudge 1, after 2.'),
  revert: orOff(counted, 'Passes that go back to what an earlier one left. Usual: nudge 1, after 2.'),
  'no-improvement': orOff(
    z
      .strictObject({
        ...marks(times),
        gate: gateId.optional().describe('Only this gate counts.'),
        'min-delta': z.number().min(0).optional().describe('The least gain that counts. Default: 0.'),
      })
      .refine(inOrder, NOT_IN_ORDER)
      .transform(({ 'min-delta': minDelta, ...rest }) => ({ ...rest, minDelta })),
    "Passes since a gate's number was last better. Usual: nudge 2, after 3.",
  ),
  'false-done': orOff(counted, 'Passes in a row called done over a red gate. Usual: nudge 2, after 3.'),
} satisfies Record<StuckRule, unknown>;

/** Only what stands in the file: what is usual may get better, a journaled loop keeps what it was given. */
const written = (set: Readonly<Partial<Record<StuckRule, StuckSetting | undefined>>>) =>
  JSON.parse(JSON.stringify(set)) as Partial<Record<StuckRule, StuckSetting>>;

export const stuck = z
  .strictObject(rules)
  .transform(written)
  .prefault({})
  .describe('Stuck rules that are off or have other thresholds, by name.');
