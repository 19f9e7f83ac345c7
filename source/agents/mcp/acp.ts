/** How an ACP agent is given MCP servers: the bridge reads them from a file and names them when it opens the session. What the agent's own settings hold, the protocol cannot take away. */
import { dirname, join } from 'node:path';
import type { StartSpec } from '../engine.ts';
import { type Json, list, object, text } from '../json.ts';
import { MCP_FILE, type McpLaunch, mcpFile, NO_MCP } from './server.ts';

/** For the bridge's command line; no value of a server stands in it. */
export function acpMcp({ mcp, promptFile }: StartSpec): McpLaunch {
  if (mcp === null) return NO_MCP;
  return {
    argv: ['--mcp', join(dirname(promptFile), MCP_FILE)],
    env: {},
    files: { [MCP_FILE]: mcpFile(mcp.servers) },
  };
}

/** The servers of such a file as ACP v1 wants them, and the names of those whose transport the agent lacks. */
export function acpServers(
  file: string,
  agentCapabilities: Json,
): { readonly servers: Json[]; readonly lost: string[] } {
  const can = object(agentCapabilities.mcpCapabilities);
  const all = Object.entries(object(object(JSON.parse(file)).mcpServers)).map(([name, server]) => ({
    name,
    server: object(server),
  }));
  const fits = ({ server }: { server: Json }) => server.type === 'stdio' || can[text(server.type)] === true;
  return {
    servers: all.filter(fits).map(({ name, server }) => shaped(name, server)),
    lost: all.filter((each) => !fits(each)).map(({ name }) => name),
  };
}

function shaped(name: string, server: Json): Json {
  if (server.type === 'stdio')
    return { name, command: text(server.command), args: list(server.args), env: pairs(server.env) };
  return { type: text(server.type), name, url: text(server.url), headers: pairs(server.headers) };
}

const pairs = (values: unknown): Json[] =>
  Object.entries(object(values)).map(([name, value]) => ({ name, value: text(value) }));
