/** How claude is given MCP servers: a file of them, and the word that there are no others. */
import { dirname, join } from 'node:path';
import type { StartSpec } from '../engine.ts';
import { MCP_FILE, type McpLaunch, mcpFile, NO_MCP } from './server.ts';

/** The option takes several values, so another option must follow it. */
export function claudeMcp({ mcp, promptFile }: StartSpec): McpLaunch {
  if (mcp === null) return NO_MCP;
  return {
    argv: ['--mcp-config', join(dirname(promptFile), MCP_FILE), '--strict-mcp-config'],
    env: {},
    files: { [MCP_FILE]: mcpFile(mcp.servers) },
  };
}
