import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { commandOf } from '../../../source/loop/definition/gates.ts';
import { parseLoop } from '../../../source/loop/definition/parse.ts';
import { formatProblem } from '../../../source/loop/definition/problem.ts';
import { propose } from '../../../source/supervisor/memory/propose.ts';
import { folder } from './folder.ts';

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

for (const [what, files, gates, setup] of REPOSITORIES) {
  test(`proposes a loop that can run for ${what}`, async (t) => {
    const root = await folder(t, files);
    const before = await readdir(root, { recursive: true });
    const { files: proposed, notes } = await propose(root);
    assert.deepEqual(
      proposed.map(({ path }) => path),
      ['loops/ci-fix.md', 'RULES.md'],
    );
    assert.deepEqual(await readdir(root, { recursive: true }), before, 'nothing was written');

    const { definition, problems, warnings } = parseLoop(proposed[0]?.text ?? '', 'loops/ci-fix.md');
    assert.deepEqual([...problems, ...warnings].map(formatProblem), []);
    assert.equal(definition?.enabled, gates.length > 0);
    assert.equal(definition?.isolation.setup, setup);
    if (gates.length > 0) assert.deepEqual(definition?.gates.map(commandOf), gates);
    else assert.match(notes[0] ?? '', /^No checks were found/);
  });
}

test('files that are there stay as they are', async (t) => {
  const root = await folder(t, { 'RULES.md': 'mine', 'go.mod': 'module x' });
  const { files, notes } = await propose(root);
  assert.deepEqual(
    files.map(({ path }) => path),
    ['loops/ci-fix.md'],
  );
  assert.deepEqual(notes, [
    'The gates come from go.mod: go vet ./..., go test ./....',
    'RULES.md is there already and stays as it is.',
  ]);
});
