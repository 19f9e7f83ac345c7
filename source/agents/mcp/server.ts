/** An MCP server as an agent is given it, whatever its engine; and what every engine's way of being told has in common. */
import { dirname, join } from 'node:path';

/** A program that speaks on stdio, or an address. Values are as they shall reach it: every `${VARIABLE}` is filled in. */
export type McpServer = { readonly name: string } & (
  | {
      readonly type: 'stdio';
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly type: 'http' | 'sse'; readonly url: string; readonly headers: Readonly<Record<string, string>> }
);

/** What an agent gets, and which servers its CLI must be kept from. */
export interface McpServers {
  readonly servers: readonly McpServer[];
  /** Names that the CLI's own settings hold, for engines that cannot be told "these and no others". */
  readonly others: readonly string[];
}

/** What the engine adds to its launch. `files` lie beside the prompt, readable by the operator alone. */
export interface McpLaunch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * The servers under names that its settings do not have. What a CLI is told of a server is laid over what it knows of one of that
 * name, and half an address and half a command are neither.
 */
export const apart = ({ servers, others }: McpServers): readonly McpServer[] =>
  servers.map((server) => (others.includes(server.name) ? { ...server, name: `${server.name}-loop` } : server));

/** The name of our own server. */
export const OUR_SERVER = 'looptop';

/** Whether it is among them: its tools need nobody's leave, for they can do no more than ask. */
export const hasOurs = (mcp: McpServers | null): boolean =>
  mcp?.servers.some(({ name }) => name === OUR_SERVER) ?? false;

export const NO_MCP: McpLaunch = { argv: [], env: {}, files: {} };

interface Given {
  readonly mcp: McpServers | null;
  readonly promptFile: string;
}

/** For a command that is told by a variable where the file is: the same file that claude takes. */
export function sharedMcp({ mcp, promptFile }: Given): Omit<McpLaunch, 'argv'> {
  if (mcp === null) return NO_MCP;
  return { env: { LOOPTOP_MCP: join(dirname(promptFile), MCP_FILE) }, files: { [MCP_FILE]: mcpFile(mcp.servers) } };
}

export const MCP_FILE = 'mcp.json';

/** In the format of `.mcp.json`. */
export const mcpFile = (servers: readonly McpServer[]): string =>
  `${JSON.stringify({ mcpServers: Object.fromEntries(servers.map(({ name, ...server }) => [name, server])) }, null, 2)}\n`;

/** Tools of ours that wait for a person; some CLIs give up on a tool after a minute. */
export const TOOL_LIMIT_MS = 3_600_000;

/**
 * The command of a stdio server whose environment comes from a file, for engines that would show it in their command line or
 * pass it on to every tool. `folder` is where the launch's files lie.
 */
export function wrapped(
  server: Extract<McpServer, { type: 'stdio' }>,
  folder: string,
): { readonly argv: readonly [string, ...string[]]; readonly files: McpLaunch['files'] } {
  const { name, command, args, env } = server;
  const variables = Object.entries(env);
  if (variables.length === 0) return { argv: [command, ...args], files: {} };
  const file = `mcp-${name}.env`;
  const text = variables.map(([key, value]) => `export ${key}=${quoted(value)}\n`).join('');
  return {
    argv: ['/bin/sh', '-c', '. "$0" && exec "$@"', `${folder}/${file}`, command, ...args],
    files: { [file]: text },
  };
}

/** As one word of a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
