/**
 * A developer's tool: pictures of the pane over the hand-made fleet, to be looked at. Not a test.
 * `FORCE_COLOR=1 tsx test/pane/shot.ts FOLDER` writes a PNG for each scene.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import type { IBufferCell, Terminal } from '@xterm/headless';
import type { Way } from '../../source/pane/attach/way.ts';
import { readTheme } from '../../source/pane/settings/theme.ts';
import { fleet, loopState, nineRuns, run } from './fleet-fixture.ts';
import { DIFFS, reviewFleet } from './review/review-fixture.ts';
import { rulesFleet } from './rules-fixture.ts';
import { spentFleet } from './spend-fixture.ts';
import { KEY, Stage, type StageOptions } from './stage.ts';
import { triageFleet } from './triage-fixture.ts';

const PALETTE =
  '#000000 #cd3131 #0dbc79 #d7ba3d #3b8eea #bc3fbc #11a8cd #d4d4d4 #7f7f7f #f14c4c #23d18b #f5f543 #3b8eea #d670d6 #29b8db #ffffff'.split(
    ' ',
  );
const CELL = { width: 8.43, height: 17 };
const GROUND = '#1e1e1e';
const INK = '#d4d4d4';

const escaped = (text: string) => text.replace(/[<>&]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** The terminal's screen as an SVG, a `<text>` per cell that holds something. */
export function svgOf(terminal: Terminal): string {
  const { cols, rows, buffer } = terminal;
  let behind = '';
  let front = '';
  for (let y = 0; y < rows; y++) {
    const line = buffer.active.getLine(y);
    for (let x = 0; x < cols; x++) {
      const cell = line?.getCell(x);
      if (cell === undefined || cell.getWidth() === 0) continue;
      const [ink, ground] = coloursOf(cell);
      const left = (x * CELL.width).toFixed(2);
      if (ground !== GROUND)
        behind += `<rect x="${left}" y="${y * CELL.height}" width="${CELL.width * cell.getWidth()}" height="${CELL.height}" fill="${ground}"/>`;
      const text = cell.getChars();
      if (text.trim() === '') continue;
      const looks = `${cell.isBold() ? ' font-weight="bold"' : ''}${cell.isDim() ? ' opacity="0.6"' : ''}`;
      front += `<text x="${left}" y="${y * CELL.height + 13}" fill="${ink}"${looks}>${escaped(text)}</text>`;
    }
  }
  const size = `width="${Math.ceil(cols * CELL.width)}" height="${rows * CELL.height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="DejaVu Sans Mono" font-size="14"><rect width="100%" height="100%" fill="${GROUND}"/>${behind}${front}</svg>`;
}

function coloursOf(cell: IBufferCell): readonly [string, string] {
  const rgb = `#${cell.getFgColor().toString(16).padStart(6, '0')}`;
  const ink = cell.isFgRGB() ? rgb : cell.isFgPalette() ? (PALETTE[cell.getFgColor()] ?? INK) : INK;
  const ground = cell.isBgPalette() ? (PALETTE[cell.getBgColor()] ?? GROUND) : GROUND;
  return cell.isInverse() ? [ground, ink] : [ink, ground];
}

export const pngOf = (terminal: Terminal): Buffer =>
  new Resvg(svgOf(terminal), { font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans Mono' } })
    .render()
    .asPng();

interface Scene extends StageOptions {
  readonly name: string;
  readonly fleet: ReturnType<typeof fleet>;
  readonly keys?: readonly string[];
}

const diffOf = (run: string): string => DIFFS[run] ?? '';
const nine = fleet(nineRuns());
const WAYS: readonly Way[] = [
  { kind: 'session', label: 'claude --resume 6f1c2d3e', argv: ['true'], env: {}, folder: '/', problem: null },
  { kind: 'shell', label: 'zsh', argv: ['true'], env: {}, folder: '/', problem: null },
];
const DIFF =
  'diff --git a/packages/queue/retry.test.ts b/packages/queue/retry.test.ts\n@@ -1,4 +1,5 @@\n import { test } from "node:test";\n-import { setTimeout } from "node:timers/promises";\n+import { mock } from "node:test";\n+mock.timers.enable();\n test("retries three times", async () => {\n';
const EVENTS =
  '14:03:07 gate-ended gate={"id":"unit","status":"red","ms":4200,"exit":1}\n14:02:58 agent-read agent="3-maker" offset=18233 events=[{"type":"acted","tool":"Bash","input":"npm test -w packages/queue"}]\n14:02:40 freeze-asked by="ada"';
const many = fleet([...nineRuns(), ...Array.from({ length: 40 }, (_, at) => run('swarm', at + 1))]);
const SCENES: readonly Scene[] = [
  { name: 'fleet-80x24', fleet: nine, columns: 80, rows: 24 },
  { name: 'fleet-120x40', fleet: nine },
  { name: 'fleet-200x50', fleet: nine, columns: 200, rows: 50 },
  { name: 'fleet-40x12', fleet: nine, columns: 40, rows: 12 },
  { name: 'fleet-20x5', fleet: nine, columns: 20, rows: 5 },
  { name: 'fleet-many', fleet: many, columns: 120, rows: 30 },
  { name: 'fleet-ascii', fleet: nine, env: { LANG: 'C' } },
  { name: 'empty', fleet: fleet([]), columns: 80, rows: 24 },
  { name: 'no-loops', fleet: fleet([], { loops: {} }), columns: 80, rows: 24 },
  { name: 'loop-80x24', fleet: nine, columns: 80, rows: 24, keys: [KEY.enter] },
  { name: 'loop-120x40', fleet: nine, keys: [KEY.enter] },
  { name: 'loop-gates', fleet: nine, keys: [KEY.enter, KEY.up, KEY.right] },
  { name: 'dialog-kill', fleet: nine, keys: ['X'] },
  { name: 'dialog-escalate', fleet: nine, keys: ['e'] },
  { name: 'dialog-rule', fleet: nine, keys: ['r'] },
  { name: 'dialog-budget', fleet: nine, keys: [KEY.tab, '+', '+', '2', '0', '0', 'k'] },
  { name: 'dialog-answer', fleet: nine, keys: [KEY.tab, KEY.tab, 'n', 'y', 'e', 's'] },
  {
    name: 'dialog-start',
    fleet: fleet(nineRuns(), {
      loops: {
        'ci-fix': loopState('ci-fix'),
        broken: loopState('broken', { definition: null, problems: ['line 4: gates: expected a list'] }),
        new: loopState('new', { trusted: false }),
      },
    }),
    keys: ['s'],
  },
  { name: 'help', fleet: nine, keys: ['?'] },
  { name: 'rules-120x30', fleet: rulesFleet(), columns: 120, rows: 30, keys: ['4', 'j', 'j', 'j'] },
  { name: 'rules-80x24', fleet: rulesFleet(), columns: 80, rows: 24, keys: ['4'] },
  { name: 'rules-rule', fleet: rulesFleet(), columns: 100, rows: 30, keys: ['4', 'j', 'j', 'j', KEY.enter] },
  { name: 'review-120x40', fleet: reviewFleet(), diffOf, keys: ['3', ']', 'j', 'j', 'j'] },
  { name: 'review-80x24', fleet: reviewFleet(), diffOf, columns: 80, rows: 24, keys: ['3', ']', ' '] },
  { name: 'review-40x12', fleet: reviewFleet(), diffOf, columns: 40, rows: 12, keys: ['3'] },
  { name: 'review-ascii', fleet: reviewFleet(), diffOf, columns: 100, rows: 30, env: { LANG: 'C' }, keys: ['3'] },
  {
    name: 'review-comment',
    fleet: reviewFleet(),
    diffOf,
    columns: 100,
    rows: 34,
    keys: ['3', ']', 'j', 'j', 'j', 'j', 'c', ...'no: 30 minutes', KEY.enter, 'j'],
  },
  { name: 'review-evidence', fleet: reviewFleet(), diffOf, columns: 100, rows: 40, keys: ['3', 'o'] },
  { name: 'triage-120x30', fleet: triageFleet(), columns: 120, rows: 30, keys: ['2'] },
  { name: 'triage-80x24', fleet: triageFleet(), columns: 80, rows: 24, keys: ['2', 'j'] },
  { name: 'triage-40x12', fleet: triageFleet(), columns: 40, rows: 12, keys: ['2'] },
  { name: 'triage-hit', fleet: triageFleet(), columns: 100, rows: 30, keys: ['2', KEY.enter] },
  { name: 'spend-80x24', fleet: spentFleet(), columns: 80, rows: 24, keys: ['5'] },
  { name: 'spend-120x36', fleet: spentFleet(), columns: 120, rows: 36, keys: ['5', 'b'] },
  { name: 'spend-40x12', fleet: spentFleet(), columns: 40, rows: 12, keys: ['5'] },
  { name: 'spend-ascii', fleet: spentFleet(), columns: 100, rows: 30, env: { LANG: 'C' }, keys: ['5'] },
  { name: 'palette', fleet: nine, keys: [':', ...'kill '] },
  { name: 'palette-80x24', fleet: nine, columns: 80, rows: 24, keys: [':'] },
  { name: 'search', fleet: nine, keys: [KEY.enter, '/', ...'timers'] },
  { name: 'copy', fleet: nine, keys: ['y'] },
  { name: 'attach', fleet: nine, keys: ['a'], ways: () => WAYS },
  { name: 'loop-diff', fleet: nine, keys: [KEY.enter, KEY.left, KEY.left, KEY.left], texts: async () => DIFF },
  { name: 'loop-events', fleet: nine, keys: [KEY.enter, KEY.left, KEY.left], texts: async () => EVENTS },
  { name: 'burning', fleet: spentFleet(), columns: 140, rows: 36 },
  { name: 'light', fleet: nine, theme: readTheme('light').theme },
  {
    name: 'colour-blind',
    fleet: nine,
    theme: readTheme('colour-blind').theme,
    env: { LANG: 'C.UTF-8', FORCE_COLOR: '3' },
  },
  { name: 'filter', fleet: nine, columns: 100, rows: 30, keys: ['/', ...'docs'] },
];

if (import.meta.main) {
  const [folder = '.', ...names] = process.argv.slice(2);
  mkdirSync(folder, { recursive: true });
  for (const scene of SCENES) {
    if (names.length > 0 && !names.includes(scene.name)) continue;
    await using stage = new Stage(scene.fleet, scene);
    await stage.shows(/./);
    await stage.type(...(scene.keys ?? []));
    await new Promise((resolve) => setTimeout(resolve, 200));
    writeFileSync(join(folder, `${scene.name}.png`), pngOf(stage.screen.terminal));
  }
}
