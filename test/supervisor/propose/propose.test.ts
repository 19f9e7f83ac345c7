import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { LoopDefinition } from '../../../source/loop/definition/definition.ts';
import { commandOf } from '../../../source/loop/definition/gates.ts';
import { parseLoop } from '../../../source/loop/definition/parse.ts';
import { formatProblem } from '../../../source/loop/definition/problem.ts';
import { UsageError } from '../../../source/loop/errors.ts';
import { type Proposal, propose } from '../../../source/supervisor/propose/propose.ts';
import { lookAround } from '../../../source/supervisor/propose/surroundings.ts';
import { folder } from '../memory/folder.ts';

const pkg = (scripts: Record<string, string>, more: object = {}) => JSON.stringify({ scripts, ...more });

const REPOSITORIES: readonly [what: string, files: Record<string, string>, gates: string[], setup: string | null][] = [
  [
    'npm with a lock file',
    {
      'package.json': pkg({ test: 'vitest', lint: 'eslint .', 'type-check': 'tsc', build: 'vite build', dev: 'vite' }),
      'package-lock.json': '{}',
    },
    ['npm run type-check', 'npm run lint', 'npm run build', 'npm test'],
    'npm ci --prefer-offline',
  ],
  [
    'npm without one',
    { 'package.json': pkg({ test: 'node --test' }) },
    ['npm test'],
    'npm install --no-package-lock --prefer-offline',
  ],
  [
    'pnpm',
    { 'package.json': pkg({ test: 'x' }), 'pnpm-lock.yaml': '' },
    ['pnpm test'],
    'pnpm install --frozen-lockfile --prefer-offline',
  ],
  [
    'yarn 1',
    { 'package.json': pkg({ test: 'x' }), 'yarn.lock': '# yarn lockfile v1\n' },
    ['yarn test'],
    'yarn install --frozen-lockfile',
  ],
  [
    'yarn 4',
    { 'package.json': pkg({ test: 'x' }, { packageManager: 'yarn@4.1.0' }) },
    ['yarn test'],
    'yarn install --immutable',
  ],
  ['bun', { 'package.json': pkg({ test: 'x' }), 'bun.lock': '' }, ['bun run test'], 'bun install --frozen-lockfile'],
  ['what npm init leaves', { 'package.json': pkg({ test: 'echo "Error: no test specified" && exit 1' }) }, [], null],
  ['a broken package.json', { 'package.json': '{', Makefile: 'test:\n\ttrue\n' }, ['make test'], null],
  ['Rust', { 'Cargo.toml': '[package]' }, ['cargo clippy --all-targets -- -D warnings', 'cargo test'], null],
  ['Go', { 'go.mod': 'module x' }, ['go vet ./...', 'go test ./...'], null],
  [
    'Python with uv',
    { 'pyproject.toml': '[tool.ruff]\n[tool.pytest.ini_options]', 'uv.lock': '' },
    ['uv run ruff check .', 'uv run pytest'],
    'uv sync --frozen',
  ],
  ['make', { Makefile: 'lint: all\nall:\ntest :\n\ttrue\ncheck := no\n' }, ['make lint', 'make test'], null],
  [
    'workflows that say nothing usable',
    {
      '.github/workflows/a.yml': 'jobs: [',
      '.github/workflows/b.yml':
        'jobs:\n  a:\n    steps:\n      - run: echo ${{ secrets.A }} test\n      - run: |\n          make\n          make test\n',
    },
    [],
    null,
  ],
  [
    'workflows that can be read',
    {
      '.github/workflows/ci.yml':
        'jobs:\n  b:\n    steps:\n      - run: ./gradlew test --info\n      - run: "mvn -B \\"test\\""\n      - run: ./deploy\n',
    },
    ['./gradlew test --info', 'mvn -B "test"'],
    null,
  ],
];

/** What the loops are made from: a repository with `files`, `programs` on the PATH and, where given, a remote of GitHub. */
async function place(
  t: TestContext,
  files: Record<string, string>,
  programs: readonly string[] = [],
  trunk: string | null = null,
) {
  const root = await folder(t, files);
  const bin = join(root, '..', `${root.split('/').at(-1)}-bin`);
  await mkdir(bin);
  t.after(() => execFileSync('rm', ['-r', bin]));
  for (const program of programs) {
    await writeFile(join(bin, program), '#!/bin/sh\n');
    await chmod(join(bin, program), 0o755);
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], {
      stdio: 'ignore',
    });
  git('init', '-q');
  if (trunk !== null) {
    git('commit', '-q', '--allow-empty', '-m', 'start');
    git('remote', 'add', 'origin', 'https://github.com/shop/shop.git');
    git('update-ref', `refs/remotes/origin/${trunk}`, 'HEAD');
    git('symbolic-ref', 'refs/remotes/origin/HEAD', `refs/remotes/origin/${trunk}`);
  }
  return { root, around: await lookAround(root, { ...process.env, PATH: `${bin}:/usr/bin:/bin` }) };
}

/** Each loop of a proposal; none may have a problem or a warning. */
function loopsOf({ files }: Proposal): Readonly<Record<string, LoopDefinition>> {
  const loops = files.filter(({ path }) => path.startsWith('loops/'));
  return Object.fromEntries(
    loops.map(({ path, text }) => {
      const { definition, problems, warnings } = parseLoop(text, path);
      assert.deepEqual([...problems, ...warnings].map(formatProblem), [], text);
      return [path.slice('loops/'.length, -'.md'.length), definition ?? assert.fail(path)];
    }),
  );
}

const own = ({ gates }: LoopDefinition) =>
  gates.filter(({ type, when }) => type === 'shell' && when === 'pass').map(commandOf);

for (const [what, files, gates, setup] of REPOSITORIES) {
  test(`proposes a loop that can run for ${what}`, async (t) => {
    const { root, around } = await place(t, files);
    const before = await readdir(root, { recursive: true });
    const proposal = await propose(root, ['ci-fix'], around);
    assert.deepEqual(
      proposal.files.map(({ path }) => path),
      ['loops/ci-fix.md', 'RULES.md'],
    );
    assert.deepEqual(await readdir(root, { recursive: true }), before, 'nothing was written');
    const { 'ci-fix': loop = assert.fail() } = loopsOf(proposal);
    assert.equal(loop.enabled, gates.length > 0);
    assert.equal(loop.isolation.setup, setup);
    assert.deepEqual([loop.discover, loop.isolation.base], [null, null], 'without a remote there is no CI to ask');
    if (gates.length === 0) return assert.match(proposal.notes[0] ?? '', /^No checks were found/);
    assert.deepEqual(own(loop), gates);
    const steady = loop.gates.find(({ id }) => id === 'steady');
    assert.ok(steady && gates.includes(commandOf(steady) ?? ''), 'what is proven twice is one of them');
  });
}

const NODE = {
  'package.json': pkg({ test: 'node --test', lint: 'eslint .', dev: 'vite' }),
  'package-lock.json': '{}',
  'design/home.png': '',
};

test('where everything is there, the loops that fit are made to measure and can run', async (t) => {
  const { root, around } = await place(t, NODE, ['gh', 'claude', 'codex', 'chromium'], 'trunk');
  const proposal = await propose(root, 'fitting', around);
  const loops = loopsOf(proposal);
  const { 'ci-fix': fix, triage, 'pr-babysitter': sitter, 'visual-regression': look } = loops;
  assert.ok(fix && triage && sitter && look);
  assert.ok(Object.values(loops).every(({ enabled }) => enabled));
  assert.equal(fix.isolation.base, 'origin/trunk');
  assert.match(fix.discover?.run ?? '', /git fetch --quiet origin trunk &&\ngh run list --branch trunk /);
  assert.deepEqual([fix.maker.engine, fix.checker?.agent.engine], ['claude', 'codex']);
  assert.deepEqual(fix.maker.tools.allow, ['Bash(npm run lint:*)', 'Bash(npm test:*)', 'Bash(gh run view:*)']);
  assert.equal(sitter.triage?.engine, 'claude');
  const render = look.gates[0]?.type === 'visual' ? look.gates[0] : assert.fail('no visual gate');
  assert.equal(render.reference, 'design/home.png');
  assert.match(
    render.render,
    /^PORT=4173 npm run dev -- --port 4173 .*\n[\s\S]*chromium --headless[\s\S]* 'http:\/\/localhost:4173\/'/,
  );
  execFileSync('sh', ['-n', '-c', render.render]);
  assert.equal(look.isolation.setup, 'npm ci --prefer-offline');
  assert.equal(
    look.goal,
    'The picture of the page at 1280x800 looks like design/home.png, by every measure of the gate.',
  );
  assert.match(proposal.notes.join('\n'), /The loops use claude, and codex where one checks the other\./);
});

test('where nothing is there, what fits is written, and what does not is told with its reason', async (t) => {
  const { root, around } = await place(t, { Makefile: 'test:\n\ttrue\n' });
  const none = { ...around, engines: [], browser: null };
  const proposal = await propose(root, 'fitting', none);
  assert.deepEqual(Object.keys(loopsOf(proposal)), ['ci-fix', 'triage']);
  const notes = proposal.notes.join('\n');
  assert.match(notes, /No engine is on the PATH/);
  assert.match(
    notes,
    /pr-babysitter is not written: it works on pull requests of GitHub: origin is no repository on GitHub\./,
  );
  assert.match(notes, /visual-regression is not written: no page was found/);
  const { triage } = loopsOf(proposal);
  assert.match(triage?.discover?.run ?? '', /^git grep -lIE/);
  execFileSync('sh', ['-n', '-c', triage?.discover?.run ?? '']);
});

test('all are written where all are wanted, and those that lack something are switched off until it is there', async (t) => {
  const { root, around } = await place(t, { 'go.mod': 'module x', 'site/index.html': '' }, ['gh']);
  const proposal = await propose(root, 'all', { ...around, browser: null });
  const loops = loopsOf(proposal);
  for (const [name, { enabled }] of Object.entries(loops)) {
    const told = proposal.notes.some((words) => words.startsWith(`loops/${name}.md is switched off until`));
    assert.equal(told, !enabled, name);
  }
  assert.deepEqual([loops['ci-fix']?.enabled, loops['pr-babysitter']?.enabled], [true, false]);
  const text = proposal.files.find(({ path }) => path.includes('visual'))?.text ?? '';
  assert.match(
    text,
    /# no Chromium or Chrome is on the PATH.*\n.*design\/reference\.png and commit it\nenabled: false # remove/,
  );
  assert.match(text, /file:\/\/\$PWD\/site\/index\.html/);
});

for (const [engines, maker, checker] of [
  [['codex'], 'codex', 'codex'],
  [['gemini', 'opencode'], 'gemini', 'opencode'],
  [['grok'], 'grok', 'grok'],
] as const) {
  test(`the engines that are installed play the roles: ${engines.join(', ')}`, async (t) => {
    const { root, around } = await place(t, NODE, ['gh', ...engines], 'main');
    const { 'ci-fix': fix, triage } = loopsOf(await propose(root, 'fitting', { ...around, browser: null }));
    assert.deepEqual([fix?.maker.engine, fix?.checker?.agent.engine, triage?.maker.engine], [maker, checker, maker]);
    assert.deepEqual(fix?.maker.tools.allow, [], "claude's names for tools are no other's");
  });
}

test('a story has to be named before its picture can be taken', async (t) => {
  const { root, around } = await place(t, { '.storybook/main.ts': '', 'design/a.png': '' }, ['chromium']);
  const { files, notes } = await propose(root, ['visual-regression'], around);
  assert.match(files[0]?.text ?? '', /iframe\.html\?viewMode=story&id=STORY/);
  assert.match(notes.join('\n'), /switched off until you have done this: put the id of your story/);
});

test('files that are there stay as they are, and a loop that is not shipped is refused', async (t) => {
  const { root, around } = await place(t, { 'RULES.md': 'mine', 'go.mod': 'module x', 'loops/triage.md': 'mine' });
  const { files, notes } = await propose(root, ['ci-fix', 'triage'], around);
  assert.deepEqual(
    files.map(({ path }) => path),
    ['loops/ci-fix.md'],
  );
  assert.equal(notes[0], 'The gates come from go.mod: go vet ./..., go test ./....');
  assert.ok(notes.includes('RULES.md is there already and stays as it is.'));
  assert.ok(notes.includes('loops/triage.md is there already and stays as it is.'));
  await assert.rejects(propose(root, ['ci-fux'], around), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /there is no shipped loop ci-fux: there is ci-fix, triage, pr-babysitter/);
    return true;
  });
});
