/** A repository with a "web page" of boxes, a renderer of forty lines in place of a browser, and a reference of how it should look. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type LoopSpec, Stage } from './stage.ts';

const usage = { input: 100, cacheRead: 1000, cacheWrite: 200, output: 50 };

/** A browser of forty lines: boxes of a JSON file as a PNG. */
export const RENDER = `
import { readFileSync, writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
const { boxes } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const [width, height] = [320, 200];
const rows = Buffer.alloc((width * 4 + 1) * height, 255);
for (let y = 0; y < height; y++) rows[y * (width * 4 + 1)] = 0;
for (const [x, y, w, h, colour] of boxes)
  for (let row = y; row < Math.min(height, y + h); row++)
    for (let column = x; column < Math.min(width, x + w); column++)
      rows.set([0, 2, 4].map((at) => parseInt(colour.slice(at, at + 2), 16)), row * (width * 4 + 1) + 1 + column * 4);
const chunk = (type, content) => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(content.length);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
};
const header = Buffer.alloc(13);
header.writeUInt32BE(width, 0);
header.writeUInt32BE(height, 4);
header.set([8, 6, 0, 0, 0], 8);
const png = [Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
writeFileSync(process.env.LOOPTOP_ACTUAL ?? process.argv[3], Buffer.concat(png));
`;

export interface Look {
  readonly left?: number;
  readonly header?: string;
  readonly button?: boolean;
}

/** Header, a column of text lines, a button. */
export const page = ({ left = 40, header = '24292f', button = true }: Look) =>
  JSON.stringify({
    boxes: [
      [0, 0, 320, 24, header],
      ...Array.from({ length: 9 }, (_, line) => [left, 40 + line * 14, 150 + ((line * 37) % 90), 6, '333333']),
      ...(button ? [[250, 170, 50, 20, '2878f0']] : []),
    ],
  });

export const LOOK = {
  id: 'look',
  type: 'visual',
  render: 'node tools/render.mjs site/page.json',
  reference: 'design/home.png',
};

export const BROKEN: Look = { left: 52, header: '47292f', button: false };
export const drawPage = (look: Look) => ({ write: { file: 'site/page.json', text: page(look) } });
export const makes = (...passes: readonly unknown[]) => ({
  usage,
  passes: passes.map((step) => [step, { done: 'Done.' }]),
});

/** The page as it is wanted lies in the base commit as a picture, the page itself is broken. */
export async function siteStage(loop: LoopSpec): Promise<Stage> {
  const stage = await Stage.set([loop], { 'tools/render.mjs': RENDER, 'site/page.json': page({}) });
  await mkdir(join(stage.root, 'design'));
  await stage.shell('node tools/render.mjs site/page.json design/home.png');
  await stage.write({ 'site/page.json': page(BROKEN) });
  await stage.git('add', '--all');
  await stage.git('commit', '--quiet', '--message=reference');
  return stage;
}

export interface Shown {
  readonly state: string;
  readonly reason: string | null;
  readonly pass: number;
  readonly branch: string;
  readonly worktree: string;
  readonly gates: readonly { id: string; status: string; score: number | null; flags: readonly string[] }[];
  readonly scores: Readonly<Record<string, readonly { pass: number; score: number }[]>>;
  readonly kept: { gate: string; pass: number; score: number } | null;
  readonly attention: { words: string } | null;
}

export const show = async (stage: Stage, id: string) => JSON.parse(await stage.must('show', id, '--json')) as Shown;
