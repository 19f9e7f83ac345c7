/** loops/visual-regression.md on a real repository: a page comes to look like a frozen reference, and of what falls short the best pass stays. */
import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BROKEN, type Look, page, RENDER, show } from '../site.ts';
import { Stage } from '../stage.ts';
import { played } from './played.ts';

/** A page as the stand-in for a browser draws it: its boxes are in a script element. */
const html = (look: Look) => `<!doctype html>\n<script type="application/json">${page(look)}</script>\n`;
const draws = (look: Look) => ({ write: { file: 'index.html', text: html(look) } });

/**
 * `chromium` on the PATH with the command line of the real one, as far as the loop uses it: `--screenshot=FILE`, `--user-data-dir=FOLDER`,
 * a file: address. What it draws is what the page's script element says.
 */
const CHROMIUM = `#!/bin/sh
for word in "$@"; do
  case $word in
    --screenshot=*) out=\${word#*=} ;;
    --user-data-dir=*) test -d "\${word#*=}" || exit 3 ;;
    file://*) page=\${word#file://} ;;
  esac
done
test "$1" = --headless || exit 2
sed -n 's/.*json">\\(.*\\)<.script>.*/\\1/p' "$page" > "$out.json"
LOOPTOP_ACTUAL="$out" exec "$NODE" "$RENDERER" "$out.json"
`;

async function siteWith(passes: readonly unknown[]): Promise<Stage> {
  const stage = await Stage.set([], {
    ...(await played('visual-regression', { maker: { passes: passes.map((step) => [step, { done: 'Done.' }]) } })),
    'index.html': html({}),
  });
  const bin = join(stage.folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'chromium'), CHROMIUM);
  await chmod(join(bin, 'chromium'), 0o755);
  await writeFile(join(bin, 'render.mjs'), RENDER);
  Object.assign(stage.env, {
    ...{ PATH: `${bin}:${stage.env.PATH}`, NODE: process.execPath, RENDERER: join(bin, 'render.mjs') },
  });
  // The reference is the page as it should be, drawn once by the same browser.
  await mkdir(join(stage.root, 'design'));
  await stage.shell(
    `chromium --headless --screenshot="$PWD/design/reference.png" "file://$PWD/index.html"; rm design/*.json`,
  );
  await stage.write({ 'index.html': html(BROKEN) });
  await stage.git('add', '--all');
  await stage.git('commit', '--quiet', '--message=reference');
  await stage.must('trust', '--yes');
  return stage;
}

test('visual-regression brings a page to its reference, pass by pass', async () => {
  await using stage = await siteWith([
    { steps: [{ read: 'design/reference.png' }, draws({ ...BROKEN, left: 40 })] },
    // Whoever draws the reference anew changes nothing: it is frozen, and not theirs to touch.
    {
      shell:
        'cp index.html /dev/null; chromium --headless --screenshot="$PWD/design/reference.png" "file://$PWD/index.html"; rm -f design/*.json',
    },
    { steps: [{ shell: 'git checkout --quiet design' }, draws({ left: 40, button: false })] },
    draws({}),
  ]);
  const said = await stage.cli('run', 'visual-regression', '--wait');
  assert.equal(said.code, 0, said.stderr + said.stdout);
  const shown = await show(stage, 'visual-regression-1');
  assert.equal(shown.pass, 4);
  const scores = (shown.scores.look ?? []).map(({ score }) => score);
  assert.equal(scores.at(-1), 1);
  assert.ok((scores[2] ?? 1) > (scores[0] ?? 0), 'pixels, structure and colour make one score that grows');
  const red = (await stage.events()).flatMap(({ event }) =>
    event.type === 'gate-ended' && event.status === 'red' ? [`${event.pass} ${event.gate}: ${event.summary}`] : [],
  );
  assert.ok(
    red.some((each) => /^2 paths: .*design\/reference\.png/.test(each)),
    red.join('\n'),
  );
  assert.ok(
    red.some((each) => /^3 look: .*colour off by/.test(each)),
    red.join('\n'),
  );
  assert.equal((await stage.git('status', '--porcelain')).stdout, '');
});

test('of eight passes that fall short, the branch has the best', async () => {
  const near = draws({ left: 40, button: false });
  const far = [44, 48, 52, 56, 60].map((left) => draws({ left, button: false }));
  await using stage = await siteWith([draws({ ...BROKEN, left: 40 }), near, ...far]);
  await stage.cli('run', 'visual-regression', '--wait', '--set', 'budget.passes=4');
  const shown = await show(stage, 'visual-regression-1');
  assert.deepEqual([shown.kept?.gate, shown.kept?.pass], ['look', 2]);
  assert.equal((await stage.git('show', `${shown.branch}:index.html`)).stdout, html({ left: 40, button: false }));
});
