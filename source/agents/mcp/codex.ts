/** How codex is given MCP servers: settings on its command line, with no secret in them, and the word that the others are off. */
import { dirname } from 'node:path';
import type { StartSpec } from '../engine.ts';
import { apart, type McpLaunch, type McpServer, NO_MCP, OUR_SERVER, TOOL_LIMIT_MS, wrapped } from './server.ts';

/** Where codex keeps its own servers, in its home: only their names matter. */
export const codexServers = (config: string): string[] => {
  const names = new Set<string>();
  for (const [, bare, quoted] of config.matchAll(/^\s*\[\s*mcp_servers\s*\.\s*(?:([\w-]+)|"([^"\n]+)")/gm))
    names.add(bare ?? quoted ?? '');
  // `mcp_servers.NAME = {…}` or `mcp_servers.NAME.command = …`, at the top.
  for (const [, bare, quoted] of config.matchAll(/^\s*mcp_servers\s*\.\s*(?:([\w-]+)|"([^"\n]+)")/gm))
    names.add(bare ?? quoted ?? '');
  return [...names].filter((name) => name !== '');
};

export function codexMcp({ agent, mcp, promptFile }: StartSpec): McpLaunch {
  if (mcp === null) return NO_MCP;
  // In these nobody is asked, and what would ask is refused: that the loop names the server must be leave enough.
  const unasked = agent.permission === 'acceptEdits' || agent.permission === 'bypassPermissions';
  const folder = dirname(promptFile);
  const parts = apart(mcp).map((server) => one(server, folder, unasked || server.name === OUR_SERVER));
  const off = mcp.others.flatMap((name) => set(name, { enabled: false }));
  return {
    argv: [...parts.flatMap(({ argv }) => argv), ...off],
    env: Object.assign({}, ...parts.map(({ env }) => env)),
    files: Object.assign({}, ...parts.map(({ files }) => files)),
  };
}

function one(server: McpServer, folder: string, approved: boolean): McpLaunch {
  const leave = approved ? { default_tools_approval_mode: 'approve' } : {};
  if (server.type === 'stdio') {
    const {
      argv: [command, ...args],
      files,
    } = wrapped(server, folder);
    return {
      argv: set(server.name, {
        command,
        args,
        enabled: true,
        tool_timeout_sec: TOOL_LIMIT_MS / 1000,
        ...leave,
      }),
      env: {},
      files,
    };
  }
  // The values of headers come from the environment: a command line is seen by every user of the machine.
  const variables = Object.keys(server.headers).map(
    (header, index) => [header, `LOOPTOP_MCP_${server.name.toUpperCase().replace(/\W|-/g, '_')}_${index}`] as const,
  );
  const headers = Object.fromEntries(variables);
  return {
    argv: set(server.name, {
      url: server.url,
      enabled: true,
      ...leave,
      ...(variables.length > 0 ? { env_http_headers: headers } : {}),
    }),
    env: Object.fromEntries(variables.map(([header, variable]) => [variable, server.headers[header] ?? ''])),
    files: {},
  };
}

/** As `-c mcp_servers.NAME.KEY=VALUE`: key by key, for a whole table is laid over what the settings say of a server of that name. */
const set = (name: string, values: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(values).flatMap(([key, value]) => [
    '-c',
    `mcp_servers.${/^[\w-]+$/.test(name) ? name : JSON.stringify(name)}.${key}=${toml(value)}`,
  ]);

/** A value of TOML: its strings, numbers, booleans and lists are JSON's; its inline tables are not. */
function toml(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, entry]) => `${JSON.stringify(key)}=${JSON.stringify(entry)}`)
    .join(',')}}`;
}
