/** The front matter of one agent: who plays a role. Nothing is filled in here: a rung inherits from the maker. */
import * as z from 'zod';
import type { EngineName, Permission } from '../definition.ts';
import { argument, command, count, repositoryPath } from './words.ts';

export const ENGINES = [
  'claude',
  'codex',
  'gemini',
  'grok',
  'opencode',
  'acp',
  'shell',
  'scripted',
] as const satisfies readonly EngineName[];
const PERMISSIONS = ['plan', 'ask', 'acceptEdits', 'bypassPermissions'] as const satisfies readonly Permission[];

// Passed on as `--allowedTools A B`: an entry that begins with a hyphen would be an option.
const tool = z.string().regex(/^[^-\s][^\0\n]*$/, 'expected a tool such as Read or Bash(git diff:*)');

export const agent = z
  .strictObject({
    engine: z.enum(ENGINES).optional().describe('The program that does the work. Default: claude.'),
    model: argument('a tier (cheap, standard, strong), an alias or a model id')
      .optional()
      .describe(
        'A tier (cheap, standard, strong; the configuration maps it), an alias of the engine or an exact id. Default: standard.',
      ),
    effort: argument('a level such as medium').optional().describe('Reasoning effort, in the words of the engine.'),
    turns: count.optional().describe("Cap on the engine's own turns in one pass, where it has one."),
    permission: z.enum(PERMISSIONS).optional().describe('What the engine may do without asking. Default: acceptEdits.'),
    'read-only': z.boolean().optional().describe('The role may change no file.'),
    vision: z.boolean().optional().describe('The role is shown pictures.'),
    agent: argument('a name').optional().describe("A named agent of the engine's own."),
    tools: z
      .strictObject({
        allow: z.array(tool).optional().describe('Tools it may use without asking.'),
        deny: z.array(tool).optional().describe('Tools it may never use.'),
      })
      .optional()
      .describe('Tools by the names that the engine gives them.'),
    run: command.optional().describe('Engine shell only: the command that is the maker. The prompt comes on stdin.'),
    scenario: repositoryPath.optional().describe('Engine scripted only: the scenario file.'),
  })
  .meta({ id: 'agent', description: 'Who plays a role.' });

export type AgentFrontMatter = z.output<typeof agent>;
