/** The front matter of one gate: a check that the supervisor itself runs. */
import * as z from 'zod';
import { command, count, duration, gateId, repositoryPath, share, texts, timeout } from './words.ts';

type GateType = 'shell' | 'metric' | 'visual' | 'diff' | 'checker' | 'human';

const ANY = ['id', 'type', 'when', 'required', 'hint', 'guards'];
const COMMAND = ['run', 'timeout', 'repeat', 'wait'];

/** Keys that mean something in a gate of each type. */
export const KEYS_OF: Readonly<Record<GateType, readonly string[]>> = {
  shell: [...ANY, ...COMMAND, 'expect'],
  metric: [...ANY, ...COMMAND, 'min', 'max', 'ratchet', 'tolerance', 'pattern', 'json'],
  visual: [
    ...ANY,
    ...['render', 'reference', 'baseline', 'require', 'timeout', 'repeat'],
    ...['diff-ratio', 'ssim', 'colour', 'ignore'],
  ],
  diff: [...ANY, 'forbid-deleted', 'forbid-added', 'except'],
  checker: [...ANY, ...COMMAND, 'votes', 'on-uncertain', 'sample', 'attach'],
  human: [...ANY, 'question'],
};

const DAY_MS = 86_400_000;

const pixels = z.int().min(0).max(100_000).describe('Pixels.');

const pattern = z.string().max(1000).refine(isPattern, 'expected a regular expression');

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'm');
    return true;
  } catch {
    return false;
  }
}

/** `/…/flags`, else a plain text. */
const output = z
  .string()
  .max(1000)
  .refine((text) => {
    const [, source] = /^\/(.+)\/[ims]*$/.exec(text) ?? [];
    return source === undefined || isPattern(source);
  }, 'expected a text, or a regular expression such as /\\d+ passed/');

export const gate = z
  .strictObject({
    id: gateId.optional().describe('Short name, unique in the file. Default: made from the command.'),
    type: z.enum(['shell', 'metric', 'visual', 'diff', 'checker', 'human']).prefault('shell').describe('What decides.'),
    run: command.optional().describe('The command. Green when it exits 0.'),
    when: z
      .enum(['pass', 'final', 'merge'])
      .optional()
      .describe(
        'pass: after every maker turn. final: once all pass gates are green. merge: before landing. Default: pass; final for human.',
      ),
    required: z.boolean().prefault(true).describe('false: it is run and shown, but may stay red.'),
    timeout: timeout.prefault('5m').describe('After this it is ended and counts as red.'),
    repeat: count.max(100).prefault(1).describe('How often in a row it must exit 0.'),
    hint: z.string().max(1000).optional().describe('Shown to the maker under the output when the gate is red.'),
    guards: z
      .boolean()
      .prefault(false)
      .describe('It is green from the start and guards against regressions: looptop check --prove expects it so.'),
    wait: z
      .union([
        z.boolean(),
        z.strictObject({
          before: duration(DAY_MS).optional().describe('Wait this long first.'),
          every: duration(DAY_MS).optional().describe('Run again this often until it is green or the timeout is over.'),
        }),
      ])
      .optional()
      .describe('true: run again every 10 s until it is green or the timeout, which then is for all of it, is over.'),
    expect: z
      .strictObject({
        exit: z.int().min(0).max(255).prefault(0).describe('The exit code that is green.'),
        stdout: output.optional().describe('What must stand in it: a text, or /a pattern/. Empty: nothing may.'),
        stderr: output.optional().describe('The same for the error output.'),
      })
      .optional()
      .describe('shell: what the command must show, beside ending.'),
    pattern: pattern.optional().describe('metric: where the number stands: the first group. Default: the last number.'),
    json: z
      .string()
      .max(500)
      .optional()
      .describe('metric: where it stands in the JSON on stdout, such as total.lines.pct.'),
    min: z.number().optional().describe('metric: smallest number allowed.'),
    max: z.number().optional().describe('metric: largest number allowed.'),
    ratchet: z
      .enum(['up', 'down'])
      .optional()
      .describe('metric: may only move this way from the best of the base commit and of what has landed.'),
    tolerance: share.optional().describe('metric: share of that best by which it may be worse all the same.'),
    render: command
      .optional()
      .describe('visual: the command that writes the picture, a PNG, to {{gate.actual}}, which is $LOOPTOP_ACTUAL.'),
    reference: repositoryPath
      .optional()
      .describe('visual: the PNG it must look like, as it is in the base commit or else in your checkout.'),
    baseline: z.enum(['frozen', 'updatable']).optional().describe('visual: whether the reference may change.'),
    require: z.enum(['all', 'any']).optional().describe('visual: which of the measures must hold.'),
    'diff-ratio': z
      .strictObject({
        max: share.prefault(0.01).describe('Largest share.'),
        threshold: share.prefault(0.1).describe('Colour distance from which a pixel differs.'),
        'ignore-antialiasing': z.boolean().prefault(true).describe('Smoothed edges do not count.'),
      })
      .prefault({})
      .describe('visual: share of pixels that may differ.'),
    ssim: z
      .strictObject({
        min: share.prefault(0.97).describe('Smallest similarity.'),
        downscale: count.max(16).prefault(1).describe('Compare at this fraction of the size: 2 is half.'),
      })
      .prefault({})
      .describe('visual: structure.'),
    colour: z
      .strictObject({ 'max-delta-e': z.number().min(0).prefault(4).describe('Largest difference, CIE76.') })
      .prefault({})
      .describe('visual: colour of block means.'),
    ignore: z
      .array(z.strictObject({ x: pixels, y: pixels, w: pixels, h: pixels }))
      .optional()
      .describe('visual: rectangles that do not count.'),
    attach: texts.optional().describe('checker: pictures it is shown.'),
    'forbid-deleted': texts.optional().describe('diff: globs of files that may not be deleted, besides tests.'),
    'forbid-added': z
      .array(pattern)
      .optional()
      .describe('diff: patterns that no added line may match, besides skipped tests.'),
    except: texts.optional().describe('diff: globs of files that gates run and that may change all the same.'),
    question: z.string().trim().min(1).max(500).optional().describe('human: what the person is asked.'),
    votes: count.max(5).optional().describe('checker: how many judge.'),
    'on-uncertain': z.enum(['fail', 'pass']).optional().describe('checker: what an unclear verdict counts as.'),
    sample: share.optional().describe('checker: share of the items it judges.'),
  })
  .describe('A check that the supervisor runs.');

export type GateFrontMatter = z.output<typeof gate>;
