import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { USUAL_DENY } from '../../../source/loop/definition/define-gates.ts';
import type { DiffGate, Paths } from '../../../source/loop/definition/gates.ts';
import { commandsIn } from '../../../source/supervisor/gates/change/command-words.ts';
import { gateFiles } from '../../../source/supervisor/gates/change/gate-files.ts';
import { judgeChange } from '../../../source/supervisor/gates/change/judge-change.ts';
import { openRepository } from '../../../source/supervisor/git/repository.ts';
import { placeWithCommit } from '../git/place.ts';

const FILES = {
  'package.json': JSON.stringify({ scripts: { test: 'node --test && node scripts/extra.mjs', lint: 'eslint src' } }),
  'check.sh': 'test -s out\n',
  'scripts/extra.mjs': 'process.exit(0);\n',
  'eslint.config.js': 'export default [];\n',
  'src/cart.ts': 'export const total = 1;\n',
  'src/lib.rs': '#[test]\nfn adds() {}\n',
  'test/cart.test.ts': "it('adds', () => {});\nit('takes away', () => {});\n",
  'test/test_cart.py': 'def test_adds():\n    assert True\n',
  'test/cart_test.go': 'func TestAdds(t *testing.T) {\n}\n',
  'loops/fix.md': '---\n---\n',
};

test('an honest change passes, with its size', async (t) => {
  const { judge, write } = await changed(t);
  assert.deepEqual(await judge(), ['green', '']);
  write({ 'src/cart.ts': 'export const total = 2;\n', 'test/new.test.ts': "it('is new', () => {});\n" });
  assert.deepEqual(await judge(), ['green', '']);
});

test('deleting a test is refused, also by moving it where nothing runs it', async (t) => {
  const { judge, worktree } = await changed(t);
  rmSync(join(worktree, 'test/test_cart.py'));
  assert.deepEqual(await judge(), ['red', 'test/test_cart.py was deleted']);
  renameSync(join(worktree, 'test/cart.test.ts'), join(worktree, 'src/old.ts'));
  assert.deepEqual(await judge(), ['red', 'test/cart.test.ts was moved to src/old.ts (+1 more)']);
});

const SKIPS: readonly [file: string, text: string, said: string][] = [
  ['test/cart.test.ts', "it.skip('adds', () => {});\nit('takes away', () => {});\n", "it.skip('adds', () => {});"],
  ['test/cart.test.ts', "xit('adds', () => {});\nit('takes away', () => {});\n", "xit('adds', () => {});"],
  ['test/cart.test.ts', "it\n  .skip('adds', () => {});\nit('takes away', () => {});\n", 'it .skip'],
  ['test/cart.test.ts', "it['skip']('adds', () => {});\nit('takes away', () => {});\n", "it['skip']"],
  ['test/cart.test.ts', "it('adds', { skip: true }, () => {});\nit('takes away', () => {});\n", '{ skip: true }'],
  ['test/cart.test.ts', "it('adds', (t) => { t.skip(); });\nit('takes away', () => {});\n", 't.skip()'],
  ['test/cart.test.ts', "it('adds', () => {});\nit.only('takes away', () => {});\n", 'it.only'],
  ['test/test_cart.py', '@pytest.mark.skip\ndef test_adds():\n    assert True\n', '@pytest.mark.skip'],
  ['test/test_cart.py', 'pytestmark = pytest.mark.xfail\ndef test_adds():\n    assert True\n', 'pytest.mark.xfail'],
  ['test/cart_test.go', 'func TestAdds(t *testing.T) {\n\tt.Skip("later")\n}\n', 't.Skip("later")'],
  ['src/lib.rs', '#[test]\n#[ignore]\nfn adds() {}\n', '#[ignore]'],
];

for (const [file, text, said] of SKIPS)
  test(`skipping a test is refused: ${said}`, async (t) => {
    const { judge, write } = await changed(t);
    write({ [file]: text });
    const [status, summary] = await judge();
    assert.equal(status, 'red');
    assert.ok(summary?.startsWith(`${file} skips: `) && summary.includes(said), summary);
  });

test('a skip that was there, or moved to another test file, is not added', async (t) => {
  const { judge, write } = await changed(t, { 'test/old.test.ts': "it.skip('is old', () => {});\n" });
  write({ 'test/old.test.ts': "\n\nit.skip('is old', () => {});\nit('is new', () => {});\n" });
  assert.deepEqual(await judge(), ['green', '']);
  write({ 'test/old.test.ts': "it('is new', () => {});\n", 'test/other.test.ts': "it.skip('is old', () => {});\n" });
  assert.deepEqual(await judge(), ['green', '']);
});

test('tests that vanish from a file, or are commented out, are missed', async (t) => {
  const { judge, write } = await changed(t);
  write({ 'test/cart.test.ts': "it('adds', () => {});\n" });
  assert.deepEqual(await judge(), ['red', '1 test is gone from the test files']);
  write({ 'test/cart.test.ts': "it('adds', () => {});\n// it('takes away', () => {});\n" });
  assert.deepEqual(await judge(), ['red', '1 test is gone from the test files']);
  write({ 'test/cart.test.ts': "it('adds', () => {});\n", 'test/more.test.ts': "it('takes away', () => {});\n" });
  assert.deepEqual(await judge(), ['green', '']);
});

test('an attribute that calls tests binary hides nothing', async (t) => {
  const { judge, write } = await changed(t);
  write({
    '.gitattributes': '*.test.ts binary -diff\n',
    'test/cart.test.ts': "it.skip('adds', () => {});\nit('takes away', () => {});\n",
  });
  assert.match((await judge({}, { maxLines: 2 }))[1] ?? '', /3 lines changed, at most 2 may be/);
  assert.match((await judge())[1] ?? '', /^test\/cart\.test\.ts skips:/);
});

test('what gates run is not the maker’s to change', async (t) => {
  const { judge, write } = await changed(t);
  write({ 'check.sh': 'true\n' });
  assert.deepEqual(await judge(), ['red', 'the maker changed check.sh, which it runs']);
  assert.deepEqual(await judge({ except: ['check.sh'] }), ['green', '']);
  write({ 'check.sh': FILES['check.sh'], 'loops/fix.md': '---\ngates: []\n---\n' });
  assert.deepEqual(await judge(), ['red', 'loops/fix.md may not be changed']);
});

test('tampering is found in scripts, package scripts, what they run, and the configuration of their tools', async (t) => {
  const { repository, worktree, base, write } = await changed(t);
  const found = async (command: string) =>
    (await gateFiles(await repository.change(worktree, base), [command])).map(({ words }) => words);
  write({
    'package.json': FILES['package.json'].replace('node --test', 'true'),
    'scripts/extra.mjs': '',
    'eslint.config.js': 'export default [{ ignores: ["**"] }];\n',
    '.npmrc': 'script-shell=/bin/true\n',
    'check.sh': 'true\n',
    'new.sh': 'true\n',
  });
  assert.deepEqual(await found('npm test'), [
    'the maker added .npmrc, which it goes by',
    'the maker changed the test script of package.json',
    'the maker changed scripts/extra.mjs, which it runs',
  ]);
  assert.deepEqual(await found('CI=1 npm run --silent lint -- --quiet'), [
    'the maker added .npmrc, which it goes by',
    'the maker changed eslint.config.js, which it goes by',
  ]);
  assert.deepEqual(await found('npx eslint src'), ['the maker changed eslint.config.js, which it goes by']);
  for (const command of [
    'sh check.sh',
    './check.sh',
    'cd src && sh ../check.sh',
    'timeout 60 bash -x ./check.sh src',
    "sh -ec 'cd . && ./check.sh' > log 2>&1",
  ])
    assert.deepEqual(await found(command), ['the maker changed check.sh, which it runs'], command);
  assert.deepEqual(await found('sh new.sh'), [], 'a script that the gate’s author cannot have meant');
  assert.deepEqual(await found('node scripts/other.mjs check.sh'), [], 'what a script reads is the work itself');
});

test('a change is held to the paths that it may touch, and to its size', async (t) => {
  const { judge, write, worktree } = await changed(t);
  const held = (paths: Partial<Paths>) => judge({ protects: false }, paths);
  write({ 'src/cart.ts': 'export const total = 2;\n', 'docs/.hidden/a.md': 'x\n' });
  assert.deepEqual(await held({ allow: ['src/**'] }), ['red', 'docs/.hidden/a.md is outside of what may be changed']);
  assert.deepEqual(await held({ allow: ['src', 'docs/'] }), ['green', '']);
  assert.deepEqual(await held({ deny: ['**/*.md'] }), ['red', 'docs/.hidden/a.md may not be changed']);
  assert.deepEqual(await held({ deny: ['src/**/*.{js,ts}'] }), ['red', 'src/cart.ts may not be changed']);
  assert.deepEqual(await held({ maxFiles: 1 }), ['red', '2 files changed, at most 1 may be']);
  assert.deepEqual(await held({ maxLines: 2 }), ['red', '3 lines changed, at most 2 may be']);
  assert.deepEqual(await held({ maxFiles: 2, maxLines: 3 }), ['green', '']);
  mkdirSync(join(worktree, 'attic'));
  renameSync(join(worktree, 'check.sh'), join(worktree, 'attic/check.sh'));
  assert.deepEqual(await held({ deny: ['*.sh'] }), ['red', 'check.sh may not be changed'], 'moving away is a touch');
});

test('patterns of the author hold for every file, and only for what is added', async (t) => {
  const { judge, write } = await changed(t, { 'src/a.ts': '// eslint-disable-next-line\n' });
  const gate = { forbidAdded: ['eslint-disable', 'expect\\(true\\)'], forbidDeleted: ['docs/**'] };
  write({ 'src/a.ts': '// eslint-disable-next-line\nfoo();\n' });
  assert.deepEqual(await judge(gate), ['green', '']);
  write({ 'src/a.ts': '// eslint-disable-next-line\n/* eslint-disable */\n' });
  assert.deepEqual(await judge(gate), ['red', 'src/a.ts adds: /* eslint-disable */']);
});

test('names and modes of any kind are only names', async (t) => {
  const { repository, worktree, base, write } = await changed(t);
  const odd = ['tab\there.txt', 'new\nline.txt', 'ünïcode.txt', ':(glob)x', '--help', '100644 a'];
  write(Object.fromEntries(odd.map((name) => [name, `${name}\n`])));
  chmodSync(join(worktree, 'check.sh'), 0o755);
  const { files, contents } = await repository.change(worktree, base);
  assert.deepEqual(files.map(({ path }) => path).toSorted(), [...odd, 'check.sh'].toSorted());
  for (const { path, after, lines } of files) {
    if (path === 'check.sh') continue;
    assert.equal((await contents([after ?? ''], 1000)).get(after ?? '')?.toString(), `${path}\n`);
    assert.equal(lines, path.split('\n').length);
  }
});

test('a command line is taken apart as far as its programs go', () => {
  const words = (line: string) => commandsIn(line).map(({ folder, words }) => [folder, ...words].join(' '));
  assert.deepEqual(words('npm ci && npm test'), [' npm ci', ' npm test']);
  assert.deepEqual(words('(cd a/../b; CI=1 npx --yes vitest run) | tee "my log"'), ['b vitest run', 'b tee my log']);
  assert.deepEqual(words("sh -c 'echo a; echo b' > out 2>&1"), [' sh -c echo a; echo b']);
  assert.deepEqual(words(''), []);
});

async function changed(t: TestContext, more: Readonly<Record<string, string>> = {}) {
  const place = placeWithCommit(t);
  place.write({ ...FILES, ...more });
  place.git('add', '--all');
  place.git('commit', '--quiet', '-m', 'second');
  const repository = await openRepository(place.root, place.env);
  const { worktree, base } = await repository.addWorktree({ run: 'fix-1', base: null, copy: [] });
  const judge = async (gate: Partial<DiffGate> = {}, paths: Partial<Paths> = {}) => {
    const definition: DiffGate = {
      id: 'change',
      type: 'diff',
      when: 'pass',
      required: true,
      guards: true,
      timeoutMs: 1000,
      repeat: 1,
      hint: null,
      paths: { allow: null, deny: USUAL_DENY, maxFiles: null, maxLines: null, ...paths },
      protects: true,
      forbidDeleted: [],
      forbidAdded: [],
      except: [],
      wait: null,
      ...gate,
    };
    const change = await repository.change(worktree, base);
    const outcome = await judgeChange(definition, change, ['sh check.sh']);
    return [outcome.status, outcome.summary];
  };
  const write = (files: Readonly<Record<string, string>>) => place.write(files, worktree);
  return { repository, worktree, base, judge, write };
}
