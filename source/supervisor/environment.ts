/** The environment of what a loop starts: the operator's, without ours. */
import { agentGitEnv } from './git/harden.ts';

/** Ours, npm's and the mark of an outer looptop: none of it is for agents and gates. */
const OURS = /^(LOOPTOP_|npm_)|^(INIT_CWD|NODE_CHANNEL_FD|NODE_COMPILE_CACHE)$/;

/** Of everything that a loop starts, run or no run. The process room adds the mark. */
export const loopEnvironment = (outer: NodeJS.ProcessEnv = process.env): Record<string, string> => ({
  ...operatorEnvironment(outer),
  ...agentGitEnv(),
});

/** Of a program that the operator works in: as it was before we were started. */
export function operatorEnvironment(outer: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(outer)) {
    if (value !== undefined && !OURS.test(name)) env[name] = value;
  }
  // The launcher sets these for React and Ink; an agent's `npm ci` under NODE_ENV=production would skip the test tools.
  if (outer.LOOPTOP_NODE_ENV !== undefined) delete env.NODE_ENV;
  if (outer.LOOPTOP_FORCE_COLOR !== undefined) delete env.FORCE_COLOR;
  return env;
}
