/** How gemini is given MCP servers: in settings that its process is pointed to, and by the names that it may start. */
import { dirname, join } from 'node:path';
import type { StartSpec } from '../engine.ts';
import { type McpLaunch, type McpServer, NO_MCP, OUR_SERVER, TOOL_LIMIT_MS, wrapped } from './server.ts';

const FILE = 'gemini-settings.json';

/** None may be allowed by a name that none can have: an empty list would allow all. */
const NOBODY = 'looptop-none';

/**
 * As the system's settings, which win over the operator's and the repository's: a server of the same name there is not ours.
 * Where an administrator has such settings (/etc/gemini-cli/settings.json) they are not read for this process.
 */
export function geminiMcp({ mcp, promptFile }: StartSpec): McpLaunch {
  if (mcp === null) return NO_MCP;
  const folder = dirname(promptFile);
  const parts = mcp.servers.map((server) => one(server, folder));
  const names = mcp.servers.map(({ name }) => name);
  const settings = { mcpServers: Object.assign({}, ...parts.map(({ entry }) => entry)) };
  return {
    argv: (names.length === 0 ? [NOBODY] : names).flatMap((name) => ['--allowed-mcp-server-names', name]),
    env: { GEMINI_CLI_SYSTEM_SETTINGS_PATH: join(folder, FILE) },
    files: Object.assign({ [FILE]: `${JSON.stringify(settings, null, 2)}\n` }, ...parts.map(({ files }) => files)),
  };
}

function one(server: McpServer, folder: string): { entry: Record<string, unknown>; files: McpLaunch['files'] } {
  if (server.type !== 'stdio') {
    const address = server.type === 'http' ? { httpUrl: server.url } : { url: server.url };
    return { entry: { [server.name]: { ...address, headers: server.headers, timeout: TOOL_LIMIT_MS } }, files: {} };
  }
  // Not in the settings' own `env`: gemini fills in $NAME there, and a password may hold a dollar.
  const {
    argv: [command, ...args],
    files,
  } = wrapped(server, folder);
  const trust = server.name === OUR_SERVER ? { trust: true } : {};
  return { entry: { [server.name]: { command, args, timeout: TOOL_LIMIT_MS, ...trust } }, files };
}
