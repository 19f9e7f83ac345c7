/** The program behind `looptop mcp`, as agents start it. */
import { fileURLToPath } from 'node:url';

/** In development the TypeScript of its own room, which Node runs as it is; in the bundle the program beside it. */
const PROGRAM = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../commands/mcp/mcp-server.ts' : './mcp-server.js', import.meta.url),
);

export const mcpProgram = (): readonly [string, ...string[]] => [process.execPath, PROGRAM];
