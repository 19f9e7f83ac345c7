/** looptop init, in repositories as people have them: what it writes passes the check, says what is missing, and runs. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { FIX, Stage } from '../stage.ts';
import { NPM_PROJECT } from './played.ts';

const RANKED = JSON.stringify({
  hits: [
    { key: 'src/a.js', priority: 'p1', confidence: 0.9, reason: 'broken', evidence: 'src/a.js:1', loop: 'ci-fix' },
  ],
});

/** Scripted agents in the place of an engine that costs money; nothing else of what was written changes. */
async function scripted(stage: Stage, loop: string, role: string, scenario: unknown): Promise<void> {
  const file = join(stage.root, `loops/${loop}.md`);
  const text = await readFile(file, 'utf8');
  const play = `engine: scripted, scenario: scenarios/${loop}-${role}.yaml`;
  const edited = text
    .replace(new RegExp(`^  ${role}: \\{.*\\}$`, 'm'), `  ${role}: { ${play} }`)
    .replace(new RegExp(`^  ${role}:\\n(?:    .*\\n)+`, 'm'), `  ${role}: { ${play} }\n`);
  assert.notEqual(edited, text);
  await stage.write({ [`loops/${loop}.md`]: edited, [`scenarios/${loop}-${role}.yaml`]: stringify(scenario) });
}

test('in a repository without GitHub, init writes a triage of TODOs and a ci-fix, and both run', async () => {
  await using stage = await Stage.set([], { ...NPM_PROJECT, 'src/a.js': '// TODO: broken\n', 'src/b.js': '// fine\n' });
  const said = await stage.must('init');
  assert.match(
    said,
    /^wrote loops\/ci-fix\.md\nwrote loops\/triage\.md\nwrote RULES\.md\nThe gates come from package\.json: npm test\.\n/,
  );
  assert.match(said, /pr-babysitter is not written: it works on pull requests of GitHub/);
  assert.match(await stage.must('check'), /loops\/ci-fix\.md: ok, 3 gates[\s\S]*loops\/triage\.md: ok/);
  await scripted(stage, 'triage', 'triage', { passes: [[{ done: RANKED }]] });
  await scripted(stage, 'ci-fix', 'maker', { passes: [[FIX, { done: 'Done.' }]] });
  await scripted(stage, 'ci-fix', 'checker', { passes: [[{ done: '{"verdict": "holds", "findings": []}' }]] });
  await stage.git('add', '--all');
  await stage.git('commit', '--quiet', '--message=loops');
  await stage.must('trust', '--yes');
  assert.match(await stage.must('run', 'triage', '--wait'), /triage-1 has triaged: 1 hit/);
  const item = JSON.parse(await readFile(join(stage.root, '.looptop/runs/triage-1/item.json'), 'utf8'));
  const found = (item.candidates as { item: { id: string } }[]).map((each) => each.item.id);
  assert.ok(found.includes('src/a.js') && !found.includes('src/b.js'), String(found));
  assert.match(await stage.must('run', 'triage'), /^No run: nothing new/m);
  await stage.write({ 'src/a.js': '// TODO: still broken\n' });
  assert.match(await stage.must('run', 'triage'), /1 new of/);
  await stage.must('promote', 'h1');
  const fixed = await stage.until('ci-fix-1', ({ state }) => /^(review|paused|failed)/.test(state), 60_000);
  assert.equal(fixed.state, 'review', fixed.reason);
});

test('init touches no file that is there, names what it does not know, and writes all of them at a word', async () => {
  await using stage = await Stage.set([], { 'loops/triage.md': 'mine\n', 'RULES.md': 'mine too\n' });
  const unknown = await stage.cli('init', 'ci-fux');
  assert.deepEqual(
    [unknown.code, /there is no shipped loop ci-fux: there is ci-fix, /.test(unknown.stderr)],
    [2, true],
  );
  const { written, notes } = JSON.parse(await stage.must('init', '--all', '--json')) as {
    written: readonly string[];
    notes: readonly string[];
  };
  for (const name of ['ci-fix', 'pr-babysitter', 'visual-regression'])
    assert.ok(written.includes(`loops/${name}.md`), name);
  assert.ok(!written.includes('loops/triage.md') && !written.includes('RULES.md'));
  assert.equal(await readFile(join(stage.root, 'loops/triage.md'), 'utf8'), 'mine\n');
  assert.ok(
    notes.includes(
      'loops/ci-fix.md is switched off until you have done this: no checks were found: put yours into gates.',
    ),
  );
  for (const path of written) assert.match(await stage.must('check', path), /: ok/);
  assert.match(await stage.must('init'), /loops\/ci-fix\.md is there already and stays as it is\./);
});
