import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { decode } from '../../source/supervisor/gates/picture/png.ts';
import { BROKEN, drawPage, LOOK, makes, page, show, siteStage } from './site.ts';
import { FIX, Stage } from './stage.ts';

const usage = { input: 100, cacheRead: 1000, cacheWrite: 200, output: 50 };

test('a page that is wrong in layout, colour and a button converges on its reference, with a score for each pass', async () => {
  await using stage = await siteStage({
    name: 'site',
    front: { goal: 'The page looks like design/home.png.', gates: [LOOK], escalate: [] },
    scenario: makes(
      { say: 'I look at it first.' },
      drawPage({ ...BROKEN, left: 40 }),
      drawPage({ ...BROKEN, left: 40, header: '24292f' }),
      drawPage({}),
    ),
  });
  const said = await stage.cli('run', 'site', '--wait');
  assert.equal(said.code, 0, said.stderr + said.stdout);
  const shown = await show(stage, 'site-1');
  assert.equal(shown.pass, 4);
  const scores = (shown.scores.look ?? []).map(({ score }) => score);
  assert.equal(scores.length, 4);
  for (const [at, score] of scores.entries()) assert.ok(at === 0 || score > (scores[at - 1] ?? 1), String(scores));
  assert.equal(scores.at(-1), 1);
  for (const score of scores) assert.match(await stage.must('show', 'site-1'), new RegExp(`score .*\\b${score}\\b`));
  const folder = join(stage.root, '.looptop/runs/site-1/3-gate-look');
  assert.deepEqual((await readdir(folder)).sort(), ['actual.png', 'diff.png', 'out', 'reference.png']);
  assert.equal(decode(await readFile(join(folder, 'diff.png'))).width, 320);
  // What was wrong went into the next prompt.
  const prompt = await readFile(join(stage.root, '.looptop/runs/site-1/4-maker/prompt.md'), 'utf8');
  assert.match(prompt, /colour off by .* at 256,176 .*likeness 0\.9.*structure \(SSIM\)/s);
});

const CHEATS: readonly [what: string, does: Record<string, unknown>, said: RegExp][] = [
  ['a blank page', { write: { file: 'site/page.json', text: '{"boxes":[]}' } }, /pixels differ.*structure.*colour off/],
  ['another hue', drawPage({ header: '2f2429' }), /^look: colour off/],
  ['no button', drawPage({ button: false }), /colour off/],
  ['10 px off', drawPage({ left: 50 }), /structure/],
  ['no picture', { shell: 'printf nothing > site/page.json' }, /exit code|Error|JSON/],
  [
    'the reference in its tree',
    { shell: 'cp design/home.png site/copy.png' },
    /site\/copy.png is a copy of the reference/,
  ],
  [
    'the reference as a data URI',
    { shell: 'base64 -w0 design/home.png > site/page.css' },
    /site\/page.css has the reference in it/,
  ],
  [
    'a link in place of the picture',
    {
      shell:
        "printf \"import fs from 'node:fs'; fs.symlinkSync(process.cwd() + '/design/home.png', process.env.LOOPTOP_ACTUAL);\" > tools/render.mjs",
    },
    /is a link, and not a file of its own/,
  ],
];

test('the cheats are refused: none of them turns the run green', async () => {
  // One run, a cheat a pass; the reference in the worktree is the maker's own and counts for nothing.
  const undo = 'git checkout --quiet -- . ; git clean --quiet -fd; ';
  await using stage = await siteStage({
    name: 'site',
    front: { gates: [LOOK], escalate: [], budget: { passes: CHEATS.length + 1, wall: '30m' }, stuck: {} },
    scenario: {
      usage,
      passes: [
        ...CHEATS.map(([, does]) => [{ shell: `${undo} cp design/home.png /dev/null` }, does, { done: 'Done.' }]),
        [{ shell: `${undo} node tools/render.mjs site/page.json design/home.png` }, { done: 'Done.' }],
      ],
    },
  });
  const said = await stage.cli('run', 'site', '--wait');
  assert.equal(said.code, 3, said.stderr + said.stdout);
  const events = (await stage.events()).flatMap(({ event }) => (event.type === 'gate-ended' ? [event] : []));
  assert.deepEqual(
    events.map(({ status }) => status),
    events.map(() => 'red'),
  );
  CHEATS.forEach(([what, , words], at) => {
    assert.match(`look: ${events[at]?.summary}`.replace('look: look: ', 'look: '), new RegExp(words.source, 's'), what);
  });
  // The link came with a changed script, and that is told too.
  assert.deepEqual(events[CHEATS.length - 1]?.flags, ['the maker changed tools/render.mjs, which it runs']);
  assert.match(events.at(-1)?.summary ?? '', /colour off/, 'a reference that the maker drew anew is not the reference');
});

test('of a run whose passes are used up the branch gets the best one, and its history the rest', async () => {
  await using stage = await siteStage({
    name: 'site',
    front: { gates: [LOOK], escalate: [], budget: { passes: 3, 'keep-best': 'look' } },
    scenario: makes(
      drawPage({ ...BROKEN, left: 40 }),
      drawPage({ left: 40, button: false }),
      { shell: 'echo "{\\"boxes\\":[]}" > site/page.json; echo x > site/late.css' },
      drawPage({}),
    ),
  });
  const said = await stage.cli('run', 'site', '--wait');
  assert.equal(said.code, 3, said.stderr);
  const kept = await stage.until('site-1', () => true);
  const shown = await show(stage, 'site-1');
  assert.equal(shown.kept?.pass, 2);
  assert.equal((await stage.git('show', `${kept.branch}:site/page.json`)).stdout, page({ left: 40, button: false }));
  assert.equal(existsSync(join(kept.worktree ?? '', 'site/late.css')), false);
  assert.match(
    (await stage.git('log', '--format=%s', `main..${kept.branch}`)).stdout,
    /^loop\(site\): .*\nloop\(site\): as it was after pass 3, no better\n$/,
  );
  assert.match(shown.attention?.words ?? '', /the branch has pass 2, the best by look \(0\.\d+\)/);
  assert.match(await stage.must('show', 'site-1'), /kept +pass 2, the best by look/);
  // The operator pays for more: it goes on from the best, and the maker is told.
  await stage.must('budget', 'site-1', '--passes', '+1');
  await stage.until('site-1', (each) => each.state === 'review');
  const prompt = await readFile(join(stage.root, '.looptop/runs/site-1/4-maker/prompt.md'), 'utf8');
  assert.match(prompt, /The worktree is as it was after pass 2, the best by look/);
  assert.equal((await stage.git('status', '--porcelain')).stdout, '');
});

test('a loop whose reference is nowhere fails before it costs anything', async () => {
  await using stage = await Stage.set([{ name: 'site', front: { gates: [LOOK] }, scenario: makes(FIX) }]);
  const said = await stage.cli('run', 'site', '--wait');
  assert.equal(said.code, 2);
  assert.match(said.stderr + said.stdout, /the reference design\/home.png is neither in the base commit nor in/);
});
