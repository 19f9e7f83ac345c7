/** The keys of `on-success`: what becomes of a run once its gates are green. */
// biome-ignore-all lint/suspicious/noThenProperty: `then` is a key of the format, and a schema is never awaited
import * as z from 'zod';
import { name, notify, texts } from './words.ts';

const pr = z.strictObject({
  draft: z.boolean().prefault(true).describe('false: it is ready for review at once.'),
  labels: z.array(z.string().trim().min(1).max(100)).max(20).prefault([]).describe('Labels that it gets.'),
  body: z.enum(['evidence']).optional().describe('What it says: goal, gates, verdict, passes and spend.'),
  stack: z.boolean().optional().describe('On top of the one before.'),
  attach: texts.optional().describe('Pictures that it shows.'),
});

export const onSuccess = z
  .strictObject({
    commit: z.string().min(1).max(4000).optional().describe("Message of the commit on the run's branch."),
    push: z.boolean().prefault(false).describe("Push the run's branch once it is green."),
    pr: z
      .union([pr, z.boolean().transform((wanted) => (wanted ? pr.parse({}) : undefined))], 'expected true, or a map')
      .optional()
      .describe('Push the branch and open a pull request through gh, which is how the work lands.'),
    merge: z
      .enum(['never', 'ask', 'auto'])
      .prefault('ask')
      .describe(
        'Who lands it on its target. ask: the operator. auto: it lands by itself, once all gates are green on the merged tree. never: nobody, but as a pull request.',
      ),
    then: z.array(name).max(20).prefault([]).describe('Loops to start next, each with this run as its item.'),
    notify: notify.optional(),
  })
  .prefault({})
  .describe('After the gates are green.');
