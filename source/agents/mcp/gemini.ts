/**
 * How gemini is kept to MCP servers: by the names that it may start. It takes servers from settings files only, its own or the
 * repository's: those of the system must belong to root, folders and all, and no option or variable names another file (0.61.0).
 */
import type { StartSpec } from '../engine.ts';

/** An empty list would allow all, so it is the name of none. */
const NOBODY = 'looptop-none';

export function geminiMcp({ mcp }: StartSpec): string[] {
  if (mcp === null) return [];
  const names = mcp.servers.map(({ name }) => name);
  return (names.length === 0 ? [NOBODY] : names).flatMap((name) => ['--allowed-mcp-server-names', name]);
}
