/** What a repository and this machine have that a loop could use: checks, a remote, gh, engines, a browser, a page and its picture. Only reads. */
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROGRAM_NAMES, PROGRAMS } from '../../agents/programs.ts';
import type { EngineName } from '../../loop/definition/definition.ts';
import { ask } from '../git/call.ts';
import { findProgram } from '../process/find-program.ts';
import { type ProposedChecks, proposeChecks } from './checks.ts';

export interface Surroundings {
  readonly checks: ProposedChecks;
  /** Branch of `origin` that work starts from; null without such a remote. */
  readonly trunk: string | null;
  /** `origin` is on GitHub, and gh is installed. */
  readonly github: boolean;
  /** In words, why there is no GitHub; empty where there is. */
  readonly noGithub: string;
  /** Engines whose program is installed, those that serve makers best first. */
  readonly engines: readonly EngineName[];
  /** What starts a browser that can take a picture of a page; null when none is found. */
  readonly browser: string | null;
  readonly page: Page | null;
  /** A picture of how the page should look, relative to the repository. */
  readonly reference: string | null;
}

/** Where the page to look at comes from. `unready`: what a person has to say before it can be drawn; empty for nothing. */
export type Page =
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'server'; readonly start: string; readonly url: string; readonly unready: string };

/** @param env the operator's: its PATH says what is installed @param configured engines with a command of the operator's own */
export async function lookAround(
  root: string,
  env: NodeJS.ProcessEnv = process.env,
  configured: readonly string[] = [],
): Promise<Surroundings> {
  const found = (program: string) => findProgram(program, env.PATH ?? '') !== null;
  const remote = await remoteOf(root, env);
  const noGithub =
    remote === null || !/github/i.test(remote.url)
      ? 'origin is no repository on GitHub'
      : found('gh')
        ? ''
        : 'gh is not on the PATH (https://cli.github.com)';
  return {
    checks: await proposeChecks(root),
    trunk: remote?.trunk ?? null,
    github: noGithub === '',
    noGithub,
    engines: PROGRAM_NAMES.filter((name) => configured.includes(name) || found(PROGRAMS[name].command)),
    browser: await browserOf(found),
    page: await pageOf(root),
    reference: await pictureIn(root),
  };
}

async function remoteOf(root: string, env: NodeJS.ProcessEnv): Promise<{ url: string; trunk: string | null } | null> {
  const call = { cwd: root, env };
  const told = async (...args: readonly string[]): Promise<string | null> => {
    const { code, stdout } = await ask(args, call);
    return code === 0 ? stdout.toString('utf8').trim() : null;
  };
  const url = await told('remote', 'get-url', 'origin');
  if (url === null) return null;
  const head = await told('symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD');
  if (head?.startsWith('origin/')) return { url, trunk: head.slice('origin/'.length) };
  for (const trunk of ['main', 'master'])
    if ((await told('rev-parse', '--verify', '--quiet', `refs/remotes/origin/${trunk}`)) !== null)
      return { url, trunk };
  return { url, trunk: null };
}

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'chrome'];
const MAC_BROWSER = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

async function browserOf(found: (program: string) => boolean): Promise<string | null> {
  return BROWSERS.find(found) ?? ((await isThere(MAC_BROWSER)) ? `"${MAC_BROWSER}"` : null);
}

/** A port that dev servers do not use by themselves, so that the operator's own goes on. */
const PORT = 4173;
/** Dev servers that take `--port`; others listen where PORT says. */
const TAKES_PORT = /\b(vite|astro|nuxt|next|webpack|parcel|ng|storybook)\b/;

async function pageOf(root: string): Promise<Page | null> {
  const names = new Set(await readdir(root).catch(() => []));
  const scripts = scriptsOf(await readFile(join(root, 'package.json'), 'utf8').catch(() => '{}'));
  const script = ['dev', 'start'].find((name) => scripts[name] !== undefined);
  if (script !== undefined) {
    const port = TAKES_PORT.test(scripts[script] ?? '') ? ` -- --port ${PORT}` : '';
    const start = `PORT=${PORT} npm run ${script}${port}`;
    return { from: 'server', start, url: `http://localhost:${PORT}/`, unready: '' };
  }
  if (names.has('.storybook'))
    return {
      from: 'server',
      start: `npx storybook dev --ci --quiet --port ${PORT}`,
      url: `http://localhost:${PORT}/iframe.html?viewMode=story&id=STORY`,
      unready: 'put the id of your story in the place of STORY in gate look',
    };
  for (const folder of ['', 'site/', 'public/', 'docs/', 'www/', 'src/'])
    if (await isThere(join(root, folder, 'index.html'))) return { from: 'file', path: `${folder}index.html` };
  return null;
}

function scriptsOf(text: string): Readonly<Record<string, unknown>> & Record<string, string | undefined> {
  try {
    const scripts: unknown = Reflect.get(Object(JSON.parse(text)), 'scripts');
    const entries = Object.entries(Object(scripts)).filter(
      (each): each is [string, string] => typeof each[1] === 'string',
    );
    return Object.fromEntries(entries);
  } catch {
    // A broken package.json names no page; npm itself will say what is wrong with it.
    return {};
  }
}

/** Folders in which designs are kept. */
const DESIGNS = ['design', 'designs', 'reference', 'mockups', 'docs/design'];

async function pictureIn(root: string): Promise<string | null> {
  for (const folder of DESIGNS) {
    const names = await readdir(join(root, folder)).catch(() => []);
    const first = names.filter((name) => /^[\w.-]+\.png$/.test(name)).sort()[0];
    if (first !== undefined) return `${folder}/${first}`;
  }
  return null;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
