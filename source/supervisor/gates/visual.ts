/** A gate that is a picture: green when what the render command writes looks like the frozen reference, by every measure. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Likeness, VisualGate } from '../../loop/definition/gates.ts';
import { formatScore } from '../../loop/score.ts';
import { embedded } from './change/embedded.ts';
import type { Commands } from './commands.ts';
import type { GateRun } from './gate-run.ts';
import { type GateOutcome, green, printOf, red, unjudged } from './outcome.ts';
import { tailOf } from './output.ts';
import type { Comparison } from './picture/compare.ts';
import { compareApart } from './picture/compare-apart.ts';
import { readPlainFile } from './picture/plain-file.ts';
import { LARGEST } from './picture/png.ts';
import { thawReference } from './picture/reference.ts';
import { failed, tail } from './shell.ts';

/** The pictures stay in the gate's folder: `actual.png`, `reference.png`, `diff.png`. */
export async function runVisual(
  gate: VisualGate,
  { dir, reference, change, signal }: GateRun,
  commands: Commands,
  timeoutMs: number,
): Promise<GateOutcome> {
  const [actual, frozen, diff] = ['actual', 'reference', 'diff'].map((name) => join(dir, `${name}.png`));
  if (actual === undefined || frozen === undefined || diff === undefined) return unjudged('no folder');
  // Of an earlier try: a picture that nothing has written now is none.
  for (const path of [actual, frozen, diff]) await rm(path, { recursive: true, force: true });
  const wanted = reference === undefined ? null : await thawReference(reference);
  if (wanted === null) return unjudged(`the frozen copy of ${gate.reference} is gone or was changed`);
  await writeFile(frozen, wanted, { mode: 0o600 });

  const ran = await commands.run(filledIn(gate.render), timeoutMs, false, { LOOPTOP_ACTUAL: actual });
  const shown = { exit: ran.exit, ms: ran.ms, tail: tail(ran) };
  const stopped = failed(ran, timeoutMs);
  if (stopped !== null) return stopped;
  const picture = await readPlainFile(actual, LARGEST.bytes);
  if ('not' in picture) return noPicture(`the picture that was to be written to $LOOPTOP_ACTUAL ${picture.not}`, shown);

  const began = performance.now();
  const told = await compareApart({ actual: picture.bytes, reference: wanted, likeness: gate.likeness }, signal);
  const ms = ran.ms + Math.round(performance.now() - began);
  if ('reference' in told) return unjudged(`${gate.reference} ${told.reference}`, { ...shown, ms });
  if ('actual' in told) return noPicture(`the picture ${told.actual}`, { ...shown, ms });
  await writeFile(diff, told.diff, { mode: 0o600 });
  const copied = change === undefined ? null : await embedded(change, gate.reference, wanted);
  return verdict(gate.likeness, told.comparison, copied, { ...shown, ms, folder: dir });
}

function noPicture(summary: string, shown: Partial<GateOutcome>): GateOutcome {
  return red(summary, { ...shown, fingerprint: printOf('no picture', summary) });
}

/** As one word for the shell, whatever quotes the author has put around it. */
const filledIn = (command: string): string => command.replace(/(["']?)\{\{gate\.actual\}\}\1/g, '"$LOOPTOP_ACTUAL"');

/** @param copied how the change cheats, in words; null when it does not */
function verdict(
  likeness: Likeness,
  comparison: Omit<Comparison, 'diff'>,
  copied: string | null,
  { folder, ...shown }: Partial<GateOutcome> & { readonly folder: string },
): GateOutcome {
  const { diffRatio, ssim, colour, score } = comparison;
  const measured = {
    ...shown,
    score: copied === null ? round(score) : 0,
    measures: { 'diff-ratio': round(diffRatio), ssim: round(ssim), 'delta-e': round(colour.deltaE) },
    tail: tailOf([shown.tail ?? '', ...report(likeness, comparison), `pictures: ${folder}`].join('\n').trim()),
  };
  const missed = [...(copied === null ? [] : [copied]), ...shortcomings(likeness, comparison)];
  if (missed.length === 0) return green(measured);
  return red(missed.join(', '), { ...measured, fingerprint: printOf('look', copied, measured.measures) });
}

function shortcomings(
  likeness: Likeness,
  { size, wanted, diffRatio, ssim, colour }: Omit<Comparison, 'diff'>,
): string[] {
  const sizes = [size, wanted].map(({ width, height }) => `${width}×${height}`);
  return [
    ...(sizes[0] === sizes[1] ? [] : [`${sizes[0]} instead of ${sizes[1]} pixels`]),
    ...(diffRatio > likeness.maxDiffRatio
      ? [`${percent(diffRatio)} of the pixels differ (at most ${percent(likeness.maxDiffRatio)})`]
      : []),
    ...(ssim < likeness.minSsim ? [`structure ${formatScore(ssim)} (at least ${likeness.minSsim})`] : []),
    ...(colour.deltaE > likeness.maxDeltaE
      ? [
          `colour off by ${formatScore(round(colour.deltaE))} at ${colour.x},${colour.y} (at most ${likeness.maxDeltaE})`,
        ]
      : []),
  ];
}

/** For the next maker: where to look, and how far it is. */
function report(likeness: Likeness, { diffRatio, ssim, colour, score, box }: Omit<Comparison, 'diff'>): string[] {
  return [
    `likeness ${formatScore(score)} of 1`,
    `pixels that differ: ${percent(diffRatio)}, at most ${percent(likeness.maxDiffRatio)}`,
    `structure (SSIM): ${formatScore(ssim)}, at least ${likeness.minSsim}`,
    `colour of the worst 16×16 block: off by ${formatScore(round(colour.deltaE))} at ${colour.x},${colour.y}, at most ${likeness.maxDeltaE}`,
    ...(box === null ? [] : [`differences lie within ${box.w}×${box.h} at ${box.x},${box.y}`]),
  ];
}

/** Four decimals: the last ones differ between machines, and equal pictures shall have equal fingerprints. */
const round = (value: number): number => Math.round(value * 10_000) / 10_000;

const percent = (share: number): string => `${formatScore(share * 100)} %`;
