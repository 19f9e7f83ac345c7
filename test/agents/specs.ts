/** Start specs for tests, complete but for what a test is about. */
import type { StartSpec } from '../../source/agents/engine.ts';
import type { AgentDefinition } from '../../source/loop/definition/definition.ts';

export const agent = (change: Partial<AgentDefinition> = {}): AgentDefinition => ({
  engine: 'claude',
  model: 'standard',
  effort: null,
  turns: null,
  permission: 'bypassPermissions',
  tools: { allow: [], deny: [] },
  run: null,
  scenario: null,
  ...change,
});

export const spec = (change: Partial<StartSpec> = {}): StartSpec => ({
  agent: agent(),
  model: 'sonnet',
  prompt: 'Make the tests pass.',
  promptFile: '/run/prompt.md',
  worktree: '/worktree',
  repository: '/repository',
  resume: null,
  session: '11111111-1111-4111-8111-111111111111',
  usdLeft: 2.5,
  wire: null,
  mcp: null,
  command: ['claude'],
  ...change,
});
