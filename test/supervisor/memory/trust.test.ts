import assert from 'node:assert/strict';
import { chmod, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseLoop } from '../../../source/loop/definition/parse.ts';
import { isTrusted, revoke, trust, whatItRuns } from '../../../source/supervisor/memory/trust.ts';
import { folder } from './folder.ts';

const FILE = { path: 'loops/a.md', text: '---\nname: a\n---\n' };

test('exactly what was shown is trusted, and one byte more is not', async (t) => {
  const [root, config] = [await folder(t), await folder(t)];
  assert.equal(await isTrusted(root, FILE.path, FILE.text, config), false);
  await trust(root, [FILE], config);
  assert.equal(await isTrusted(root, FILE.path, FILE.text, config), true);
  assert.equal(await isTrusted(root, FILE.path, `${FILE.text} `, config), false);
  assert.equal(await isTrusted(root, FILE.path, FILE.text.replaceAll('\n', '\r\n'), config), false);
  assert.equal(await isTrusted(root, 'loops/b.md', FILE.text, config), false);
  assert.equal(await isTrusted(root, '__proto__', FILE.text, config), false);
});

test('trust holds for one repository, by whatever path it is reached', async (t) => {
  const [root, other, config] = [await folder(t), await folder(t), await folder(t)];
  await trust(root, [FILE], config);
  assert.equal(await isTrusted(other, FILE.path, FILE.text, config), false);
  await symlink(root, join(other, 'link'));
  assert.equal(await isTrusted(join(other, 'link'), FILE.path, FILE.text, config), true);
  await trust(other, [FILE], config);
  await revoke(root, config);
  assert.equal(await isTrusted(root, FILE.path, FILE.text, config), false);
  assert.equal(await isTrusted(other, FILE.path, FILE.text, config), true);
  await revoke(root, config);
});

test('a new decision replaces the old one', async (t) => {
  const [root, config] = [await folder(t), await folder(t)];
  const next = { path: 'loops/b.md', text: 'b' };
  await trust(root, [FILE], config);
  await trust(root, [next], config);
  assert.equal(await isTrusted(root, FILE.path, FILE.text, config), false);
  assert.equal(await isTrusted(root, next.path, next.text, config), true);
});

test('the decision lies outside the repository, for its owner only', async (t) => {
  const [root, config] = [await folder(t), await folder(t)];
  await trust(root, [FILE], config);
  assert.deepEqual(await readdir(root), []);
  const [name] = await readdir(join(config, 'trust'));
  const place = join(config, 'trust', name ?? '');
  assert.equal((await stat(place)).mode & 0o777, 0o600);
  assert.equal((await stat(join(config, 'trust'))).mode & 0o777, 0o700);

  const text = await readFile(place, 'utf8');
  const trusted = () => isTrusted(root, FILE.path, FILE.text, config);
  await chmod(place, 0o666);
  assert.equal(await trusted(), false, 'others could have written it');
  await chmod(place, 0o600);
  await writeFile(place, text.replace(/"extent": \d+/, '"extent": 0'));
  assert.equal(await trusted(), false, 'a version that runs more must be asked again');
  await writeFile(place, '{');
  assert.equal(await trusted(), false, 'a broken decision is none');
  await trust(root, [FILE], config);
  assert.equal(await trusted(), true);
});

test('everything that a loop would execute is listed', () => {
  const text = `---
name: a
on: { every: 15m, event: { run: ./watch.sh }, skip-if: test -f PAUSE }
goal: All is green.
agents: { maker: { tools: { allow: ["Bash(git:*)"] } } }
escalate:
  - { when: same-failure, maker: { engine: shell, run: ./fix.sh } }
  - { when: stuck, to: human }
gates: [npm test, { id: last, run: make check, when: final }]
isolation: { type: worktree, setup: npm ci, copy: [.env.test] }
---
Do it.
`;
  const { definition } = parseLoop(text, 'loops/a.md');
  assert.ok(definition);
  assert.deepEqual(whatItRuns(definition), [
    'starts by itself: every 15m, events',
    'event: ./watch.sh',
    'skip-if: test -f PAUSE',
    'copies into the worktree: .env.test',
    'setup: npm ci',
    'maker: claude, model standard, permission acceptEdits, may use Bash(git:*)',
    'gate npm-test: npm test',
    'gate last: make check',
    'rung same-failure x2: ./fix.sh',
  ]);
});

test('so is who ranks for the maker, what begins without being asked, and what a green run starts', () => {
  const text = `---
name: a
on: manual
goal: All is green.
discover: { run: ./list.sh, key: id }
agents: { triage: { model: cheap }, maker: {} }
on-hit: { mode: auto, max-per-day: 3 }
gates: [npm test]
on-success: { then: [docs] }
---
Do it.
`;
  const { definition } = parseLoop(text, 'loops/a.md');
  assert.ok(definition);
  assert.deepEqual(whatItRuns(definition), [
    'discover: ./list.sh',
    'triage: claude, model cheap, permission plan; its hits start a run by themselves, at most 3 a day',
    'maker: claude, model standard, permission acceptEdits',
    'gate npm-test: npm test',
    'rung same-failure x2: claude, model strong, permission acceptEdits',
    'starts when it is green: docs',
  ]);
});
