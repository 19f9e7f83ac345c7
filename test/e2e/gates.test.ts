import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { decode } from '../../source/supervisor/gates/picture/png.ts';
import { FIX, type LoopSpec, Stage } from './stage.ts';

const usage = { input: 100, cacheRead: 1000, cacheWrite: 200, output: 50 };

/** A browser of forty lines: boxes of a JSON file as a PNG. */
const RENDER = `
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

interface Look {
  readonly left?: number;
  readonly header?: string;
  readonly button?: boolean;
}

/** Header, a column of text lines, a button. */
const page = ({ left = 40, header = '24292f', button = true }: Look) =>
  JSON.stringify({
    boxes: [
      [0, 0, 320, 24, header],
      ...Array.from({ length: 9 }, (_, line) => [left, 40 + line * 14, 150 + ((line * 37) % 90), 6, '333333']),
      ...(button ? [[250, 170, 50, 20, '2878f0']] : []),
    ],
  });

const LOOK = {
  id: 'look',
  type: 'visual',
  render: 'node tools/render.mjs site/page.json',
  reference: 'design/home.png',
};

const BROKEN: Look = { left: 52, header: '47292f', button: false };
const drawPage = (look: Look) => ({ write: { file: 'site/page.json', text: page(look) } });
const makes = (...passes: readonly unknown[]) => ({ usage, passes: passes.map((step) => [step, { done: 'Done.' }]) });

/** The page as it is wanted lies in the base commit as a picture, the page itself is broken. */
async function siteStage(loop: LoopSpec): Promise<Stage> {
  const stage = await Stage.set([loop], { 'tools/render.mjs': RENDER, 'site/page.json': page({}) });
  await mkdir(join(stage.root, 'design'));
  await run(stage, `node tools/render.mjs site/page.json design/home.png`);
  await stage.write({ 'site/page.json': page(BROKEN) });
  await stage.git('add', '--all');
  await stage.git('commit', '--quiet', '--message=reference');
  return stage;
}

async function run(stage: Stage, command: string): Promise<void> {
  const { execFile } = await import('node:child_process');
  await new Promise<void>((done, failed) =>
    execFile('sh', ['-c', command], { cwd: stage.root, env: stage.env }, (error) => (error ? failed(error) : done())),
  );
}

interface Shown {
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

const show = async (stage: Stage, id: string) => JSON.parse(await stage.must('show', id, '--json')) as Shown;

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

test('a ratchet holds the maker to what the base had, and a metric to its bounds', async () => {
  const size = { id: 'size', type: 'metric', run: 'wc -c < bundle.js', ratchet: 'down' };
  const todo = { id: 'todo', type: 'metric', run: 'grep -c TODO bundle.js || true', max: 0 };
  const bundle = (text: string) => ({ write: { file: 'bundle.js', text } });
  await using stage = await Stage.set(
    [
      {
        name: 'slim',
        front: { gates: [size, todo], escalate: [] },
        scenario: makes(bundle('TODO 12345678901'), bundle('12345678901'), bundle('123456789')),
      },
    ],
    { 'bundle.js': 'TODO 56789' },
  );
  const said = await stage.cli('run', 'slim', '--wait');
  assert.equal(said.code, 0, said.stderr + said.stdout);
  const { scores, pass } = await show(stage, 'slim-1');
  assert.equal(pass, 3);
  assert.deepEqual(scores, {
    size: [
      { pass: 1, score: 16 },
      { pass: 2, score: 11 },
      { pass: 3, score: 9 },
    ],
    todo: [
      { pass: 1, score: 1 },
      { pass: 2, score: 0 },
      { pass: 3, score: 0 },
    ],
  });
  const prepared = (await stage.events()).find(({ event }) => event.type === 'prepared')?.event;
  assert.deepEqual(prepared?.type === 'prepared' && prepared.bars, { size: 10 });
});

test('paths and a diff gate refuse a green that was cheated for, and a script of the gate’s own is flagged', async () => {
  await using stage = await Stage.set(
    [
      {
        name: 'fix',
        front: {
          gates: [
            { id: 'check', run: 'sh check.sh' },
            { id: 'honest', type: 'diff' },
          ],
          paths: { allow: ['answer.txt', 'test/**', 'check.sh'], 'max-files': 1 },
          escalate: [],
        },
        scenario: {
          usage,
          passes: [
            [{ shell: 'echo true > check.sh' }, { done: 'Done.' }],
            [
              { shell: 'git checkout --quiet -- check.sh; rm test/a.test.js; echo fixed > answer.txt' },
              { done: 'Done.' },
            ],
            [{ shell: 'git checkout --quiet -- test; echo x > docs.md' }, { done: 'Done.' }],
            [{ shell: 'rm docs.md' }, { done: 'Done.' }],
          ],
        },
      },
    ],
    { 'test/a.test.js': "test('a', () => {});\n" },
  );
  const said = await stage.cli('run', 'fix', '--wait');
  assert.equal(said.code, 0, said.stderr + said.stdout);
  const ended = (await stage.events()).flatMap(({ event }) => (event.type === 'gate-ended' ? [event] : []));
  const of = (pass: number) =>
    ended
      .filter((event) => event.pass === pass)
      .map(({ gate, status, summary }) => `${gate} ${status} ${summary}`.trim());
  assert.deepEqual(of(1), ['check green', 'honest red the maker changed check.sh, which it runs', 'paths green']);
  assert.deepEqual(ended[0]?.flags, ['the maker changed check.sh, which it runs']);
  assert.deepEqual(of(2), [
    'check green',
    'honest red test/a.test.js was deleted',
    'paths red 2 files changed, at most 1 may be',
  ]);
  assert.deepEqual(of(3), [
    'check green',
    'honest green',
    'paths red docs.md is outside of what may be changed (+1 more)',
  ]);
  assert.deepEqual(of(4), ['check green', 'honest green', 'paths green']);
});

test('a gate that a person judges waits for them, takes No and Yes, and the journal says whose they were', async () => {
  await using stage = await Stage.set([
    {
      name: 'fix',
      front: {
        gates: [
          { id: 'check', run: 'sh check.sh' },
          { id: 'eyes', type: 'human', question: 'Does it read well?' },
        ],
        escalate: [],
      },
      scenario: makes({ say: 'not yet' }, FIX, { write: { file: 'more.txt', text: 'more\n' } }),
    },
  ]);
  await stage.must('run', 'fix');
  const asking = await stage.until('fix-1', (each) => each.state === 'paused:approval');
  assert.equal(asking.pass, 2, 'nobody was asked about a pass whose other gate was red');
  assert.match(
    (await show(stage, 'fix-1')).attention?.words ?? '',
    /waits for your approval: eyes: Does it read well\?/,
  );
  // By the dozen nobody is approved or refused.
  await stage.must('resume', '--all');
  await stage.must('stop', '--all', '--yes');
  assert.equal((await show(stage, 'fix-1')).state, 'paused:approval');
  // It still waits under another supervisor.
  process.kill(await stage.supervisorPid(), 'SIGKILL');
  assert.equal((await stage.until('fix-1', () => true)).state, 'paused:approval');
  await stage.must('note', 'fix-1', 'Say more.');
  assert.match(await stage.must('stop', 'fix-1', '--yes'), /eyes is refused/);
  const again = await stage.until('fix-1', (each) => each.state === 'paused:approval' && each.pass === 3);
  assert.match(await readFile(join(stage.root, '.looptop/runs/fix-1/3-maker/prompt.md'), 'utf8'), /Say more\./);
  assert.equal(again.gates.find(({ id }) => id === 'check')?.status, 'green');
  assert.match(await stage.must('resume', 'fix-1'), /eyes is approved/);
  await stage.until('fix-1', (each) => each.state === 'review');
  const answers = (await stage.events()).flatMap(({ event }) =>
    event.type === 'gate-ended' && event.gate === 'eyes' ? [[event.pass, event.status, event.by !== undefined]] : [],
  );
  assert.deepEqual(answers, [
    [2, 'red', true],
    [3, 'green', true],
  ]);
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

test('check --prove tells the gates that can fail from those that cannot, and leaves nothing behind', async () => {
  await using stage = await Stage.set(
    [
      {
        name: 'fix',
        front: {
          gates: [
            { id: 'check', run: 'sh check.sh' },
            { id: 'always', run: 'true; mkdir -p coverage; echo x > coverage/a' },
            { id: 'lint', run: 'true', guards: true },
            { id: 'typo', run: 'ndoe --test' },
            { id: 'count', type: 'metric', run: 'wc -l < answer.txt', min: 3 },
            { id: 'eyes', type: 'human' },
          ],
          paths: { allow: ['answer.txt'] },
        },
      },
      { name: 'good' },
    ],
    {},
  );
  const before = (await stage.git('worktree', 'list')).stdout;
  const said = await stage.cli('check', '--prove', '--json', 'fix');
  assert.equal(said.code, 1, said.stderr);
  const [proof] = JSON.parse(said.stdout);
  assert.deepEqual(
    proof.gates.map((gate: { id: string; finding: string }) => [gate.id, gate.finding]),
    [
      ['check', 'fails'],
      ['always', 'proves-nothing'],
      ['lint', 'guards'],
      ['typo', 'broken'],
      ['count', 'fails'],
      ['eyes', 'not-run'],
      ['paths', 'guards'],
    ],
  );
  assert.equal(proof.gates[4].score, 1);
  assert.deepEqual([proof.ok, proof.leaves], [false, ['coverage/a']]);
  assert.equal((await stage.git('worktree', 'list')).stdout, before);
  assert.equal((await stage.git('branch', '--list', 'loop/*')).stdout, '');
  assert.equal((await stage.git('status', '--porcelain')).stdout, '');

  const good = await stage.cli('check', '--prove', 'loops/good.md');
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout, /check {2}red, as it should be/);
  await stage.write({ 'loops/good.md': `${await readFile(join(stage.root, 'loops/good.md'), 'utf8')}\nmore\n` });
  assert.equal((await stage.cli('check', '--prove', 'good')).code, 7, 'what is not trusted is not run');
});

test('a loop whose reference is nowhere fails before it costs anything', async () => {
  await using stage = await Stage.set([{ name: 'site', front: { gates: [LOOK] }, scenario: makes(FIX) }]);
  const said = await stage.cli('run', 'site', '--wait');
  assert.equal(said.code, 2);
  assert.match(said.stderr + said.stdout, /the reference design\/home.png is neither in the base commit nor in/);
  await mkdir(join(stage.root, 'design'));
  await writeFile(join(stage.root, 'design/home.png'), 'no picture');
});
