/**
 * The files that decide what a gate shows: scripts that its command names, the package script it runs, and the configuration of
 * the tools in it. A maker who changes one may have made the gate green instead of the work. Found in the text, not by running.
 */

import { matcher } from '../../../loop/globs.ts';
import type { Change, ChangedFile } from '../../git/change.ts';
import { commandsIn, joined, type SimpleCommand } from './command-words.ts';

export interface Touched {
  readonly path: string;
  /** `the maker changed check.sh, which it runs`. */
  readonly words: string;
}

/** Files of one of the commands that the change touches, each once. */
export async function gateFiles(change: Change, commands: readonly string[]): Promise<Touched[]> {
  if (change.files.length === 0) return [];
  const touched = new Map<string, string>();
  const manifests = new Map<string, Promise<Manifests>>();
  const manifestsIn = (folder: string) => {
    const path = joined(folder, 'package.json');
    const known = manifests.get(path) ?? readManifests(change, path);
    manifests.set(path, known);
    return known;
  };
  const look = async (line: string, depth: number, start: string): Promise<void> => {
    for (const each of commandsIn(line)) {
      const command = { ...each, folder: joined(start, each.folder) };
      for (const file of scriptsOf(command)) note(file, 'which it runs', false);
      for (const glob of configurationOf(command)) note(glob, 'which it goes by', true);
      const inline = inlineScript(command);
      if (inline !== null && depth > 0) await look(inline, depth - 1, command.folder);
      const script = packageScript(command);
      if (script === null || depth === 0) continue;
      const place = joined(command.folder, script.folder);
      const { before, after } = await manifestsIn(place);
      const path = joined(place, 'package.json');
      for (const name of [`pre${script.name}`, script.name, `post${script.name}`]) {
        const was = before.scripts[name];
        if (was !== after.scripts[name])
          touched.set(`${path} ${name}`, `the maker changed the ${name} script of ${path}`);
        if (was !== undefined) await look(was, depth - 1, place);
      }
      for (const key of TOOLS_IN_MANIFEST)
        if (before.tools[key] !== after.tools[key])
          touched.set(`${path} ${key}`, `the maker changed ${key} in ${path}`);
    }
  };
  const note = (glob: string, why: string, added: boolean): void => {
    const matches = matcher([glob]);
    for (const file of change.files) {
      const path = [file.path, file.was ?? ''].find((name) => name !== '' && (name === glob || matches(name)));
      // A script that was not there before is no script of the gate's author; a configuration takes effect all the same.
      if (path !== undefined && (added || file.status !== 'added')) touched.set(path, wordsFor(file, path, why));
    }
  };
  for (const command of commands) await look(command, 5, '');
  return [...touched].map(([key, words]) => ({ path: key.split(' ')[0] ?? key, words }));
}

const wordsFor = ({ status }: ChangedFile, path: string, why: string): string =>
  `the maker ${status === 'modified' ? 'changed' : status === 'renamed' ? 'moved' : status} ${path}, ${why}`;

/** Programs whose first argument is the script that they run. */
const INTERPRETER =
  /^(?:(?:ba|da|z|k)?sh|node|nodejs|deno|bun|tsx|ts-node|python[\d.]*|pypy[\d.]*|ruby|perl|php|lua|Rscript)$/;
const TAKES_VALUE = /^(?:-r|--require|--import|--loader|--experimental-loader|-C|--env-file|-W|-X)$/;

/** Paths of the files whose code it runs; an inline script has none. */
function scriptsOf({ folder, words }: SimpleCommand): string[] {
  const [program = '', ...args] = words;
  const name = program.split('/').at(-1) ?? '';
  const own = program.includes('/') ? [joined(folder, program)] : [];
  if (name === 'make' || name === 'gmake')
    return ['Makefile', 'makefile', 'GNUmakefile'].map((file) => joined(folder, file));
  if (name === 'just') return [joined(folder, 'justfile')];
  if (!INTERPRETER.test(name)) return own;
  const files: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (/^-[ecpm]$|^--eval$|^--print$/.test(word)) return own;
    const value = TAKES_VALUE.test(word);
    if (value) at++;
    if (value || !word.startsWith('-')) files.push(joined(folder, value ? (args[at] ?? '') : word));
    if (!value && !word.startsWith('-') && !(name === 'deno' && word === 'run') && !(name === 'bun' && word === 'run'))
      break;
  }
  return [...own, ...files];
}

/** The text of `sh -c '…'`. */
function inlineScript({ words: [program = '', ...args] }: SimpleCommand): string | null {
  if (!/^(?:.*\/)?(?:ba|da|z|k)?sh$/.test(program)) return null;
  const at = args.findIndex((word) => /^-\w*c$/.test(word));
  return at === -1 ? null : (args[at + 1] ?? null);
}

const MANAGERS = /^(?:npm|pnpm|yarn|bun)$/;
const OWN_VERBS = /^(?:ci|install|i|add|exec|x|dlx|audit|pack|version|view|ls|why|outdated|config|create|init|link)$/;
const SHORT = /^(?:t|tst|test)$/;

/** The script of package.json that it runs, and where that file is; null when it runs none. */
function packageScript({ words }: SimpleCommand): { name: string; folder: string } | null {
  const [program = '', ...args] = words;
  if (!MANAGERS.test(program)) return null;
  let folder = '';
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (/^(?:--prefix|-C|--dir|--cwd)$/.test(word)) folder = args[++at] ?? '';
    else if (/^(?:-w|--workspace|--filter|-F)$/.test(word)) at++;
    else if (/^(?:run|run-script)$/.test(word) || word.startsWith('-')) continue;
    else if (OWN_VERBS.test(word)) return null;
    else return { name: SHORT.test(word) ? 'test' : word, folder };
  }
  return null;
}

/** Tools that keep their settings in package.json, by its key. */
const TOOLS_IN_MANIFEST = ['jest', 'vitest', 'mocha', 'ava', 'eslintConfig', 'c8', 'nyc'] as const;

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly tools: Readonly<Record<string, string>>;
}

interface Manifests {
  readonly before: Manifest;
  readonly after: Manifest;
}

const LARGEST_MANIFEST = 1024 * 1024;

async function readManifests(change: Change, path: string): Promise<Manifests> {
  const before = manifestIn(await change.atBase(path, LARGEST_MANIFEST));
  const file = change.files.find((each) => each.path === path || each.was === path);
  if (file === undefined) return { before, after: before };
  const hash = file.path === path ? file.after : null;
  const after = hash === null ? null : ((await change.contents([hash], LARGEST_MANIFEST)).get(hash) ?? null);
  return { before, after: manifestIn(after) };
}

function manifestIn(bytes: Buffer | null): Manifest {
  const manifest = parsed(bytes?.toString('utf8') ?? '{}');
  const texts = (value: unknown): [string, string][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
      : [];
  const entries = typeof manifest === 'object' && manifest !== null ? Object.entries(manifest) : [];
  const of = (name: string): unknown => entries.find(([key]) => key === name)?.[1];
  return {
    scripts: Object.fromEntries(texts(of('scripts'))),
    tools: Object.fromEntries(TOOLS_IN_MANIFEST.map((key) => [key, JSON.stringify(of(key)) ?? ''])),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Configuration that decides what a tool looks at, as globs from the folder it runs in; `.npmrc` can name another shell. */
const CONFIGURATION: readonly [tool: RegExp, globs: readonly string[]][] = [
  [MANAGERS, ['.npmrc', '.yarnrc', '.yarnrc.yml', '.pnpmfile.cjs']],
  [/^vitest$/, ['vitest.config.*', 'vitest.workspace.*', 'vite.config.*']],
  [/^jest$/, ['jest.config.*', 'babel.config.*']],
  [/^(?:mocha|_mocha)$/, ['.mocharc.*']],
  [/^ava$/, ['ava.config.*']],
  [/^playwright$/, ['playwright.config.*']],
  [/^cypress$/, ['cypress.config.*']],
  [/^(?:tsc|vue-tsc)$/, ['tsconfig*.json']],
  [/^eslint$/, ['eslint.config.*', '.eslintrc*', '.eslintignore']],
  [/^biome$/, ['biome.json', 'biome.jsonc']],
  [/^prettier$/, ['.prettierrc*', 'prettier.config.*', '.prettierignore']],
  [/^(?:pytest|py\.test)$/, ['pytest.ini', 'tox.ini', 'setup.cfg', 'pyproject.toml', '**/conftest.py']],
  [/^(?:python[\d.]*)$/, ['sitecustomize.py', 'usercustomize.py', '**/conftest.py']],
  [/^(?:mypy|ruff|flake8)$/, ['mypy.ini', 'ruff.toml', '.ruff.toml', '.flake8', 'setup.cfg', 'pyproject.toml']],
  [/^golangci-lint$/, ['.golangci.*']],
  [/^cargo$/, ['.cargo/**', 'clippy.toml', '.clippy.toml', 'build.rs']],
  [/^(?:mvn|mvnw)$/, ['pom.xml', '.mvn/**']],
  [/^(?:gradle|gradlew)$/, ['build.gradle*', 'settings.gradle*', 'gradle/**']],
  [/^(?:rspec)$/, ['.rspec', 'spec/spec_helper.rb']],
];

function configurationOf({ folder, words }: SimpleCommand): string[] {
  const tools = words.slice(0, 4).map((word) => word.split('/').at(-1) ?? '');
  return CONFIGURATION.filter(([tool]) =>
    tools.some((word, at) => (at === 0 || !word.startsWith('-')) && tool.test(word)),
  )
    .flatMap(([, globs]) => globs)
    .map((glob) => joined(folder, glob));
}
