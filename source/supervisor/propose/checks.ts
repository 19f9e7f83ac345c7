/** Guesses from a repository's own files how its work is checked: the gates and the setup that `looptop init` proposes. Only reads. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

export interface ProposedGate {
  readonly id: string;
  readonly run: string;
  readonly timeout: string;
  /** The file that suggested it. */
  readonly because: string;
}

export interface ProposedChecks {
  readonly gates: readonly ProposedGate[];
  /** What a fresh worktree needs before any gate can run; null for nothing. */
  readonly setup: string | null;
}

/** Quick checks first: a red one spares the slow ones. Workflows are asked only when nothing else says anything. */
export async function proposeChecks(root: string): Promise<ProposedChecks> {
  const read = (file: string) => readFile(join(root, file), 'utf8').catch(() => null);
  const names = new Set(await readdir(root).catch(() => []));
  const sources = [
    node(await read('package.json'), names, await read('yarn.lock')),
    cargo(await read('Cargo.toml')),
    go(await read('go.mod')),
    python(await read('pyproject.toml'), names),
  ];
  const gates = sources.flatMap((source) => source.gates);
  if (gates.length === 0) gates.push(...make((await read('Makefile')) ?? (await read('makefile'))));
  if (gates.length === 0) gates.push(...(await workflows(root)));
  const setups = sources.flatMap(({ setup }) => setup ?? []);
  return { gates: distinct(gates).slice(0, 8), setup: setups.length > 0 ? setups.join(' && ') : null };
}

const NOTHING: ProposedChecks = { gates: [], setup: null };

const packageJson = z.object({
  scripts: z.record(z.string(), z.string()).catch({}),
  packageManager: z.string().catch(''),
});

/** Scripts by what they are commonly called, in the order in which a failure is cheapest. */
const SCRIPTS = [
  { id: 'types', names: ['typecheck', 'type-check', 'types', 'check-types', 'tsc'], timeout: '5m' },
  { id: 'lint', names: ['lint'], timeout: '5m' },
  { id: 'build', names: ['build'], timeout: '10m' },
  { id: 'test', names: ['test'], timeout: '15m' },
] as const;

function node(text: string | null, names: ReadonlySet<string>, yarnLock: string | null): ProposedChecks {
  const parsed = packageJson.safeParse(text === null ? null : json(text));
  if (!parsed.success) return NOTHING;
  const { scripts, packageManager } = parsed.data;
  const tool = managerOf(packageManager, names);
  const gates = SCRIPTS.flatMap(({ id, names: called, timeout }): ProposedGate[] => {
    const script = called.find((name) => scripts[name] !== undefined && !isPlaceholder(scripts[name]));
    if (script === undefined) return [];
    const run = script === 'test' && tool !== 'bun' ? `${tool} test` : `${tool} run ${script}`;
    return [{ id, run, timeout, because: 'package.json' }];
  });
  return { gates, setup: gates.length === 0 ? null : install(tool, names, yarnLock) };
}

/** What `npm init` writes. */
const isPlaceholder = (script: string) => script.includes('no test specified');

type NodeTool = 'npm' | 'pnpm' | 'yarn' | 'bun';

function managerOf(packageManager: string, names: ReadonlySet<string>): NodeTool {
  const said = packageManager.split('@')[0];
  if (said === 'pnpm' || names.has('pnpm-lock.yaml')) return 'pnpm';
  if (said === 'yarn' || names.has('yarn.lock')) return 'yarn';
  if (said === 'bun' || names.has('bun.lock') || names.has('bun.lockb')) return 'bun';
  return 'npm';
}

function install(tool: NodeTool, names: ReadonlySet<string>, yarnLock: string | null): string {
  if (tool === 'pnpm') return 'pnpm install --frozen-lockfile --prefer-offline';
  if (tool === 'bun') return 'bun install --frozen-lockfile';
  // Yarn 1 signs its lock file, and knows no --immutable.
  if (tool === 'yarn')
    return yarnLock?.includes('yarn lockfile v1') ? 'yarn install --frozen-lockfile' : 'yarn install --immutable';
  const locked = names.has('package-lock.json') || names.has('npm-shrinkwrap.json');
  return locked ? 'npm ci --prefer-offline' : 'npm install --no-package-lock --prefer-offline';
}

function cargo(text: string | null): ProposedChecks {
  if (text === null) return NOTHING;
  const gate = (id: string, run: string) => ({ id, run, timeout: '15m', because: 'Cargo.toml' });
  return {
    gates: [gate('clippy', 'cargo clippy --all-targets -- -D warnings'), gate('cargo-test', 'cargo test')],
    setup: null,
  };
}

function go(text: string | null): ProposedChecks {
  if (text === null) return NOTHING;
  const gate = (id: string, run: string) => ({ id, run, timeout: '10m', because: 'go.mod' });
  return { gates: [gate('vet', 'go vet ./...'), gate('go-test', 'go test ./...')], setup: null };
}

function python(text: string | null, names: ReadonlySet<string>): ProposedChecks {
  if (text === null) return NOTHING;
  const uv = names.has('uv.lock');
  const prefix = uv ? 'uv run ' : names.has('poetry.lock') ? 'poetry run ' : '';
  const tools = [
    { id: 'ruff', word: /\bruff\b/, run: 'ruff check .' },
    { id: 'mypy', word: /\bmypy\b/, run: 'mypy .' },
    { id: 'pytest', word: /\bpytest\b/, run: 'pytest' },
  ];
  const gates = tools
    .filter(({ word }) => word.test(text))
    .map(({ id, run }) => ({ id, run: prefix + run, timeout: '10m', because: 'pyproject.toml' }));
  const setup = uv ? 'uv sync --frozen' : prefix === '' ? null : 'poetry install --no-interaction';
  return { gates, setup: gates.length === 0 ? null : setup };
}

function make(text: string | null): ProposedGate[] {
  if (text === null) return [];
  return ['lint', 'check', 'test']
    .filter((target) => new RegExp(`^${target}\\s*:(?!=)`, 'm').test(text))
    .map((target) => ({ id: target, run: `make ${target}`, timeout: '15m', because: 'Makefile' }));
}

const workflow = z.object({
  jobs: z.record(z.string(), z.object({ steps: z.array(z.object({ run: z.string().optional() })).catch([]) })),
});

/** One-line steps that look like a check and need nothing filled in. */
async function workflows(root: string): Promise<ProposedGate[]> {
  const folder = join(root, '.github', 'workflows');
  const files = (await readdir(folder).catch(() => [])).filter((file) => /\.ya?ml$/.test(file)).sort();
  const gates: ProposedGate[] = [];
  for (const file of files) {
    const parsed = workflow.safeParse(yaml(await readFile(join(folder, file), 'utf8').catch(() => '')));
    if (!parsed.success) continue;
    for (const { run = '' } of Object.values(parsed.data.jobs).flatMap((job) => job.steps)) {
      const command = run.trim();
      if (!/\b(test|lint|check)\b/.test(command) || /[\n\r]|\$\{\{/.test(command) || command.length > 120) continue;
      const id = /\b(test|lint|check)\b/.exec(command)?.[1] ?? 'check';
      gates.push({ id, run: command, timeout: '15m', because: `.github/workflows/${file}` });
    }
  }
  return gates;
}

/** Without repeated commands; a repeated id gets a number. */
function distinct(gates: readonly ProposedGate[]): ProposedGate[] {
  const byCommand = [...new Map(gates.map((gate) => [gate.run, gate])).values()];
  return byCommand.map((gate, index) => {
    const before = byCommand.slice(0, index).filter(({ id }) => id === gate.id).length;
    return before === 0 ? gate : { ...gate, id: `${gate.id}-${before + 1}` };
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A broken package.json proposes nothing; npm itself will say what is wrong with it.
    return null;
  }
}

function yaml(text: string): unknown {
  try {
    return parse(text, { logLevel: 'silent' });
  } catch {
    // Likewise a broken workflow.
    return null;
  }
}
