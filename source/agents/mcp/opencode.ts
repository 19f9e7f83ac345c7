/** How opencode is given MCP servers: as configuration in its environment, with the secrets in files, and the others switched off. */
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { McpSettings, StartSpec } from '../engine.ts';
import { object } from '../json.ts';
import { apart, type McpLaunch, type McpServer, TOOL_LIMIT_MS, wrapped } from './server.ts';

/** The part `mcp` of `OPENCODE_CONFIG_CONTENT`, which the engine may have to put other things into, too; null for no word of it. */
export function opencodeMcp({
  mcp,
  promptFile,
}: StartSpec): { readonly mcp: Readonly<Record<string, unknown>>; readonly files: McpLaunch['files'] } | null {
  if (mcp === null) return null;
  const folder = dirname(promptFile);
  const parts = apart(mcp).map((server) => one(server, folder));
  const off = Object.fromEntries(mcp.others.map((name) => [name, { enabled: false }]));
  return {
    mcp: Object.assign({}, off, ...parts.map(({ entry }) => entry)),
    files: Object.assign({}, ...parts.map(({ files }) => files)),
  };
}

function one(server: McpServer, folder: string): { entry: Record<string, unknown>; files: McpLaunch['files'] } {
  const { name } = server;
  if (server.type === 'stdio') {
    const { argv, files } = wrapped(server, folder);
    return { entry: { [name]: { type: 'local', command: argv, enabled: true, timeout: TOOL_LIMIT_MS } }, files };
  }
  const values = Object.entries(server.headers).map(([header, value], index) => ({
    header,
    value,
    file: `mcp-${name}.${index}`,
  }));
  // `{file:PATH}` is opencode's own: its tools inherit its environment, but need not be shown this.
  const headers = Object.fromEntries(values.map(({ header, file }) => [header, `{file:${folder}/${file}}`]));
  return {
    entry: { [name]: { type: 'remote', url: server.url, headers, enabled: true } },
    files: Object.fromEntries(values.map(({ file, value }) => [file, value])),
  };
}

/** Of the operator and of the repository; the variable names one more file. */
export const opencodeSettings: McpSettings = {
  files: ({ env, cwd }) => {
    const home = env.HOME || homedir();
    const folders = [
      join(env.XDG_CONFIG_HOME || join(home, '.config'), 'opencode'),
      join(home, '.opencode'),
      cwd,
      join(cwd, '.opencode'),
    ];
    const usual = folders.flatMap((folder) =>
      ['config.json', 'opencode.json', 'opencode.jsonc'].map((name) => join(folder, name)),
    );
    return env.OPENCODE_CONFIG ? [...usual, env.OPENCODE_CONFIG] : usual;
  },
  names(text) {
    try {
      return Object.keys(object(object(JSON.parse(withoutComments(text)))?.mcp) ?? {});
    } catch {
      // It would not start opencode either.
      return [];
    }
  },
};

/** JSONC as JSON. A string is kept whole, whatever looks like a comment in it. */
const withoutComments = (text: string): string =>
  text
    .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, string?: string) => string ?? ' ')
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, string?: string) => string ?? '');
