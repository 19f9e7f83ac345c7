import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Likeness, VisualGate } from '../../../source/loop/definition/gates.ts';
import { embedded } from '../../../source/supervisor/gates/change/embedded.ts';
import { runGate } from '../../../source/supervisor/gates/gate.ts';
import { freezeReference } from '../../../source/supervisor/gates/picture/reference.ts';
import { openRepository } from '../../../source/supervisor/git/repository.ts';
import { placeWithCommit } from '../git/place.ts';
import { drawn, type Page } from './picture/page.ts';

test('a picture that looks like the reference is green, and all three pictures stay', async (t) => {
  const { run, dir } = gallery(t);
  const outcome = await run({ jitter: 40 });
  assert.equal(outcome.status, 'green', outcome.summary);
  assert.ok((outcome.score ?? 0) > 0.99);
  assert.deepEqual(Object.keys(outcome.measures), ['diff-ratio', 'ssim', 'delta-e']);
  assert.deepEqual(readdirSync(dir).sort(), ['actual.png', 'diff.png', 'out', 'reference.png']);
});

const CHEATS: readonly [name: string, page: Partial<Page>, said: RegExp][] = [
  ['a blank page', { blank: true }, /^15\.7\d* % of the pixels differ .*, structure 0\.48\d* .*, colour off by 84/],
  ['a header in another hue', { header: [47, 36, 41] }, /^colour off by 7\.\d* at 0,0 \(at most 4\)$/],
  ['a missing button', { button: false }, /^colour off by 84\.\d* at 544,368/],
  ['10 px off', { shift: 10 }, /pixels differ.*structure 0\.39/],
  ['another size', { height: 390 }, /^640×390 instead of 640×400 pixels/],
];

for (const [name, page, said] of CHEATS)
  test(`refused: ${name}`, async (t) => {
    const outcome = await gallery(t).run(page);
    assert.equal(outcome.status, 'red');
    assert.match(outcome.summary, said);
    assert.ok((outcome.score ?? 1) < 1);
    assert.match(outcome.tail, /likeness 0\.\d+ of 1.*structure \(SSIM\).*pictures: /s);
  });

test('the same difference is the same failure, another one is not', async (t) => {
  const { run } = gallery(t);
  const [first, again, other] = [await run({ shift: 10 }), await run({ shift: 10 }), await run({ shift: 9 })];
  assert.equal(first.fingerprint, again.fingerprint);
  assert.notEqual(first.fingerprint, other.fingerprint);
});

const NO_PICTURES: readonly [name: string, render: string, said: RegExp][] = [
  ['nothing written', 'true', /\$LOOPTOP_ACTUAL is not there$/],
  ['a link to the reference', 'ln -s "$PWD/../reference-look.png" "$LOOPTOP_ACTUAL"', /is a link, and not a file/],
  ['a pipe', 'mkfifo "$LOOPTOP_ACTUAL"', /is no regular file$/],
  ['a folder', 'mkdir "$LOOPTOP_ACTUAL"', /is no regular file$/],
  ['text', 'echo "<svg/>" > "$LOOPTOP_ACTUAL"', /^the picture is no PNG$/],
  ['100 MB', 'head -c 100000000 /dev/zero > "$LOOPTOP_ACTUAL"', /is larger than 32 MiB$/],
  ['a command that fails', 'cp ../page.png "$LOOPTOP_ACTUAL"; echo "no display" >&2; exit 4', /^no display$/],
];

for (const [name, render, said] of NO_PICTURES)
  test(`no picture: ${name}`, async (t) => {
    const outcome = await gallery(t, { render }).run({});
    assert.deepEqual([outcome.status, outcome.score], ['red', null], outcome.summary);
    assert.match(outcome.summary, said);
  });

test('a picture of an earlier try is none of this one', async (t) => {
  const { run } = gallery(t, { render: 'test -e once && exit 0; touch once; cp ../page.png "$LOOPTOP_ACTUAL"' });
  assert.equal((await run({})).status, 'green');
  assert.match((await run({})).summary, /is not there/);
});

test('the path of the picture is one word of the command, however it is written', async (t) => {
  for (const word of ['{{gate.actual}}', '"{{gate.actual}}"', "'{{gate.actual}}'", '"$LOOPTOP_ACTUAL"'])
    assert.equal((await gallery(t, { render: `cp ../page.png ${word}` }).run({})).status, 'green', word);
});

test('a render command that does not end is ended', async (t) => {
  const outcome = await gallery(t, { render: '(sleep 1; touch late) & sleep 30', timeoutMs: 300 }).run({});
  assert.equal(outcome.status, 'timeout');
});

test('a frozen reference that somebody changed is worth nothing', async (t) => {
  const { run, frozen } = gallery(t);
  writeFileSync(frozen, drawn({ blank: true }));
  const outcome = await run({ blank: true });
  assert.deepEqual(
    [outcome.status, outcome.summary],
    ['error', 'the frozen copy of design/home.png is gone or was changed'],
  );
});

test('a measure can be loosened by its author, and a part left out', async (t) => {
  assert.equal((await gallery(t, {}, { maxDeltaE: 100 }).run({ button: false })).status, 'green');
  const ignore = [{ x: 530, y: 350, w: 80, h: 40 }];
  assert.equal((await gallery(t, {}, { ignore }).run({ button: false })).status, 'green');
});

test('the reference comes from the base commit, else from the operator’s checkout, never from the worktree', async (t) => {
  const place = placeWithCommit(t);
  mkdirSync(join(place.root, 'design'));
  writeFileSync(join(place.root, 'design/home.png'), drawn());
  place.git('add', '--all');
  place.git('commit', '--quiet', '-m', 'reference');
  const repository = await openRepository(place.root, place.env);
  const { worktree, base } = await repository.addWorktree({ run: 'r-1', base: null, copy: [] });
  writeFileSync(join(worktree, 'design/home.png'), drawn({ blank: true }));
  writeFileSync(join(place.root, 'design/home.png'), drawn({ shift: 10 }));
  writeFileSync(join(place.root, 'design/draft.png'), drawn({ shift: 10 }));
  const freeze = async (reference: string) =>
    (await freezeReference(repository, base, { id: 'look', reference }, place.folder)).sha256;
  assert.equal(await freeze('design/home.png'), sha256(drawn()));
  assert.equal(await freeze('design/draft.png'), sha256(drawn({ shift: 10 })));
  await assert.rejects(freeze('design/none.png'), /neither in the base commit nor in/);
});

test('a change that shows the reference itself is found out', async (t) => {
  const place = placeWithCommit(t);
  const picture = drawn();
  place.write({ 'site/index.html': '<h1>Home</h1>\n', 'site/old.html': '<img src="../design/home.png">\n' });
  mkdirSync(join(place.root, 'design'));
  writeFileSync(join(place.root, 'design/home.png'), picture);
  place.git('add', '--all');
  place.git('commit', '--quiet', '-m', 'site');
  const repository = await openRepository(place.root, place.env);
  const { worktree, base } = await repository.addWorktree({ run: 'r-1', base: null, copy: [] });
  const found = async (files: Readonly<Record<string, string>>) => {
    place.write(files, worktree);
    return embedded(await repository.change(worktree, base), 'design/home.png', picture);
  };
  assert.equal(await found({ 'site/index.html': '<h1>House</h1>\n' }), null);
  assert.equal(
    await found({ 'site/old.html': '<img src="../design/home.png" alt="">\n' }),
    null,
    'it was there before',
  );
  assert.equal(
    await found({ 'site/index.html': '<img src="/design/home.png">\n' }),
    'site/index.html names the reference',
  );
  const uri = `<img src="data:image/png;base64,${picture.toString('base64')}">\n`;
  assert.equal(await found({ 'site/index.html': uri }), 'site/index.html has the reference in it');
  writeFileSync(join(worktree, 'a.png'), picture);
  assert.equal(await found({}), 'a.png is a copy of the reference');
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A worktree in a folder with a blank in its name; the page lies beside it, as a picture. */
function gallery(t: TestContext, change: Partial<VisualGate> = {}, likeness: Partial<Likeness> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'looptop gate-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const [worktree, dir, frozen] = ['worktree', 'dir', 'reference-look.png'].map((name) => join(folder, name));
  assert.ok(worktree && dir && frozen);
  mkdirSync(worktree);
  writeFileSync(frozen, drawn());
  const gate: VisualGate = {
    id: 'look',
    type: 'visual',
    when: 'pass',
    required: true,
    guards: false,
    timeoutMs: 30_000,
    repeat: 1,
    hint: null,
    render: 'cp ../page.png "$LOOPTOP_ACTUAL"',
    reference: 'design/home.png',
    likeness: {
      maxDiffRatio: 0.01,
      threshold: 0.1,
      ignoreAntialiasing: true,
      minSsim: 0.97,
      downscale: 1,
      maxDeltaE: 4,
      ignore: [],
      ...likeness,
    },
    wait: null,
    ...change,
  };
  const run = (page: Partial<Page>) => {
    writeFileSync(join(folder, 'page.png'), drawn(page));
    return runGate({
      gate,
      worktree,
      dir,
      env: { PATH: process.env.PATH },
      mark: randomBytes(16).toString('hex'),
      reference: { path: frozen, sha256: sha256(drawn()) },
    }).done;
  };
  assert.equal(existsSync(dir), false);
  return { run, dir, frozen };
}
