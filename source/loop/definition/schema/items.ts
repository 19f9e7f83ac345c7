/** The keys that find the items of a loop, and that spread them over runs: `discover` and `fan-out`. */
import * as z from 'zod';
import { command, count, duration, texts } from './words.ts';

export const discover = z.strictObject({
  run: command.describe('Prints one JSON object a line: the items.'),
  key: z.string().min(1).max(200).describe('The field that tells items apart.'),
  'changed-by': texts.optional().describe('Fields whose change makes an item new.'),
  limit: count.max(200).optional().describe('New items at most; the others come with the next look. Default: 20.'),
  'forget-after': duration().optional().describe('An item that was not listed for so long is new again. Default: 14d.'),
  trust: z
    .enum(['trusted', 'untrusted'])
    .optional()
    .describe('untrusted (the default): the text is data, never instructions.'),
});

export const fanOut = z.strictObject({
  over: z
    .literal('discover')
    .optional()
    .describe('The items that discover finds: new ones, and those that have changed.'),
  run: command
    .optional()
    .describe('Lists the items where discover does not: one JSON object a line, all of them at every firing.'),
  key: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('The field that tells items apart; needed with run, else that of discover.'),
  'max-items': count.max(500).optional().describe('Items of one firing; the others come with the next. Default: 20.'),
  'max-parallel': count.max(20).optional().describe('Items at once. Default: 3.'),
  pilot: z
    .int()
    .min(0)
    .max(500)
    .optional()
    .describe('Items that run first; the others begin after looptop release. Default: 0.'),
  order: z
    .enum(['listed', 'smallest-first'])
    .optional()
    .describe(
      'smallest-first: by size of the item, else by how many files it names, else by its length. Default: listed.',
    ),
  merge: z
    .enum(['none', 'queue', 'stack'])
    .optional()
    .describe('queue: looptop lands green items, one after the other. none (the default): the operator does.'),
  'on-item-failure': z
    .enum(['skip', 'stop', 'escalate'])
    .optional()
    .describe(
      'An item that stops short of green: skip (the default) ends its run, stop begins no other item, escalate lets it wait for the operator.',
    ),
  'stop-when': z
    .strictObject({
      'failure-rate': z.number().gt(0).max(1).optional().describe('Share of failed items that ends it. Default: 0.5.'),
      after: count.optional().describe('Not before so many items are done. Default: 5.'),
    })
    .optional()
    .describe('When to give up on the rest.'),
});
