import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { decode } from '../../source/supervisor/gates/picture/png.ts';
import { BROKEN, drawPage, LOOK, makes, page, show, siteStage } from './site.ts';
import { FIX, Stage } from './stage.ts';

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

test('a maker who draws the reference anew, or shows it instead of a page, gets nowhere', async () => {
  await using stage = await siteStage({
    name: 'site',
    front: { gates: [LOOK], escalate: [], budget: { passes: 3 } },
    scenario: makes(
      { shell: 'node tools/render.mjs site/page.json design/home.png' },
      { shell: 'base64 -w0 design/home.png > site/page.css' },
      {
        shell: `git checkout --quiet -- . ; echo "import fs from 'fs'; fs.copyFileSync('design/home.png', process.env.LOOPTOP_ACTUAL);" > tools/render.mjs`,
      },
    ),
  });
  const said = await stage.cli('run', 'site', '--wait');
  assert.equal(said.code, 3, said.stderr + said.stdout);
  const ended = (await stage.events()).flatMap(({ event }) => (event.type === 'gate-ended' ? [event] : []));
  assert.deepEqual(
    ended.map(({ status }) => status),
    ['red', 'red', 'red'],
  );
  assert.match(ended[0]?.summary ?? '', /^3\.\d+ % of the pixels differ/, 'the frozen one is compared with');
  assert.equal(ended[2]?.summary, 'tools/render.mjs names the reference', 'its picture alone would be perfect');
  assert.deepEqual(ended[2]?.flags, ['the maker changed tools/render.mjs, which it runs']);
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
