/** mcp: the MCP server that an agent starts on its stdin and stdout. Loops with `context: { mcp: [looptop] }` hand it over by themselves. */

import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { Ended } from './ended.ts';

export function mcp(program: Command): void {
  program
    .command('mcp')
    .description(
      'an MCP server on stdio for agents: note progress, report a hit, propose a rule, ask the operator, read the state',
    )
    .addHelpText('after', '\nExample, in a loop file:\n  context: { mcp: [looptop] }')
    .action(async () => {
      if (process.stdin.isTTY)
        throw new Ended(
          'agents start this by themselves, and speak MCP to it: put looptop into context.mcp of a loop',
          2,
        );
      const { mcpProgram } = await import('../supervisor/mcp-program.ts');
      const [, file = ''] = mcpProgram();
      await import(pathToFileURL(file).href);
    });
}
