/** The front matter of one gate: a check that the supervisor itself runs. */
import * as z from 'zod';
import { command, count, gateId, share, texts, timeout } from './words.ts';

/** Keys that mean something in a gate of type shell, in this version or a later one. */
export const SHELL_KEYS = [
  'id',
  'type',
  'run',
  'when',
  'required',
  'timeout',
  'repeat',
  'hint',
  'wait',
  'expect',
] as const;

const pixels = z.number().describe('Pixels.');

export const gate = z
  .strictObject({
    id: gateId.optional().describe('Short name, unique in the file. Default: made from the command.'),
    type: z.enum(['shell', 'metric', 'visual', 'diff', 'checker', 'human']).prefault('shell').describe('What decides.'),
    run: command.optional().describe('The command. Green when it exits 0.'),
    when: z
      .enum(['pass', 'final', 'merge'])
      .prefault('pass')
      .describe('pass: after every maker turn. final: once all pass gates are green. merge: before landing.'),
    required: z.boolean().prefault(true).describe('false: it is run and shown, but may stay red.'),
    timeout: timeout.prefault('5m').describe('After this it is ended and counts as red.'),
    repeat: count.max(100).prefault(1).describe('How often in a row it must exit 0.'),
    hint: z.string().max(1000).optional().describe('Shown to the maker under the output when the gate is red.'),
    wait: z.boolean().optional().describe('Run again until it is green or the timeout is over.'),
    expect: z.record(z.string(), z.unknown()).optional().describe('What the output must hold.'),
    min: z.number().optional().describe('metric: smallest number allowed.'),
    max: z.number().optional().describe('metric: largest number allowed.'),
    ratchet: z.enum(['up', 'down']).optional().describe('metric: may only move this way from the base commit.'),
    tolerance: z.number().optional().describe('metric: how far it may move the other way.'),
    render: command.optional().describe('visual: the command that makes the picture.'),
    reference: z.string().optional().describe('visual: the picture it must look like.'),
    baseline: z.enum(['frozen', 'updatable']).optional().describe('visual: whether the reference may change.'),
    require: z.enum(['all', 'any']).optional().describe('visual: which of the measures must hold.'),
    'diff-ratio': z
      .strictObject({
        max: share.optional().describe('Largest share.'),
        threshold: share.optional().describe('Colour distance from which a pixel differs.'),
        'ignore-antialiasing': z.boolean().optional().describe('Smoothed edges do not count.'),
      })
      .optional()
      .describe('visual: share of pixels that may differ.'),
    ssim: z
      .strictObject({
        min: share.optional().describe('Smallest similarity.'),
        downscale: count.optional().describe('Compare at this fraction of the size.'),
      })
      .optional()
      .describe('visual: structure.'),
    colour: z
      .strictObject({ 'max-delta-e': z.number().optional().describe('Largest difference.') })
      .optional()
      .describe('visual: colour of block means.'),
    ignore: z
      .array(z.strictObject({ x: pixels, y: pixels, w: pixels, h: pixels }))
      .optional()
      .describe('visual: rectangles that do not count.'),
    attach: texts.optional().describe('checker: pictures it is shown.'),
    'forbid-deleted': texts.optional().describe('diff: files that may not be deleted.'),
    'forbid-added': texts.optional().describe('diff: patterns that no added line may match.'),
    votes: count.max(5).optional().describe('checker: how many judge.'),
    'on-uncertain': z.enum(['fail', 'pass']).optional().describe('checker: what an unclear verdict counts as.'),
    sample: share.optional().describe('checker: share of the items it judges.'),
  })
  .describe('A check that the supervisor runs.');

export type GateFrontMatter = z.output<typeof gate>;
