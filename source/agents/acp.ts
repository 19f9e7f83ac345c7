/** Engine `acp`: any agent that speaks the Agent Client Protocol, through a bridge of ours (bridge/acp-bridge.ts) that runs in the agent's place. */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AgentError } from '../loop/errors.ts';
import type { Tier } from '../loop/ladder.ts';
import { CUT } from './bridge/acp/usage.ts';
import { toBridge } from './bridge/protocol.ts';
import { createBridgeReader } from './bridge/reader.ts';
import type { Engine, Reader, StartSpec } from './engine.ts';
import { QUIET as GROK_QUIET } from './grok.ts';
import { acpMcp } from './mcp/acp.ts';

/** In development the TypeScript, which Node runs as it is; in the bundle the program beside it. */
const PROGRAM = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './bridge/acp-bridge.ts' : './acp-bridge.js', import.meta.url),
);

const TIERS: ReadonlySet<string> = new Set<Tier>(['cheap', 'standard', 'strong']);

/** What the engines of these programs set as well. */
const ENVIRONMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // Otherwise it starts itself anew as a child, which a SIGTERM to the parent does not reach.
  gemini: { GEMINI_CLI_NO_RELAUNCH: 'true' },
  grok: GROK_QUIET,
};

export const acp: Engine = {
  name: 'acp',
  abilities: {
    resume: true,
    resumeOtherModel: true,
    // After the turn, as the next prompt of the same session: ACP has no way into a running turn.
    liveGuidance: true,
    interrupt: 'stdin',
    meter: 'at-end',
    // Each agent has a name of its own for its base URL.
    wire: false,
    hides: ['what the agent does not tell: the run says so when it happens'],
  },

  /** Throws an AgentError when the configuration names no agent, or when the loop forbids tools: the protocol cannot. */
  start(spec) {
    const own = spec.command.length === 1 && spec.command[0] === 'acp';
    const [program] = spec.command;
    if (own || program === undefined) {
      throw new AgentError(
        'engine acp needs engines.acp.command in the configuration: the agent and its arguments, e.g. ["gemini", "--acp"]',
      );
    }
    if (spec.agent.tools.deny.length > 0)
      throw new AgentError('engine acp cannot keep an agent from a tool: remove tools.deny, or use permission: ask');
    const mcp = acpMcp(spec);
    return {
      argv: [process.execPath, PROGRAM, ...bridgeArguments(spec), ...mcp.argv, '--', ...spec.command],
      env: ENVIRONMENTS[basename(program)] ?? {},
      stdin: { kind: 'live', first: toBridge({ type: 'prompt', text: spec.prompt }) },
      files: mcp.files,
    };
  },

  reader: createReader,
  tell: (text, ask) => toBridge({ type: 'tell', text, ask }),
  interrupt: () => toBridge({ type: 'interrupt' }),
};

function bridgeArguments({ agent, model, resume }: StartSpec): string[] {
  const argv = ['--permission', agent.permission];
  // A tier that the configuration maps to nothing leaves the choice to the agent's own settings.
  if (!TIERS.has(model)) argv.push('--model', model);
  if (resume !== null) argv.push('--resume', resume);
  if (agent.turns !== null) argv.push('--warn', 'turns: does nothing here, the protocol has no cap of turns');
  if (agent.effort !== null) argv.push('--warn', 'effort: does nothing here, set it in the agent’s own settings');
  return argv;
}

/** Most agents tell what a turn cost only when it is over: one that was killed in its middle hides it. */
function createReader(): Reader {
  const inner = createBridgeReader();
  let spoke = false;
  return {
    read(line) {
      spoke = true;
      return inner.read(line);
    },
    end(code) {
      const last = inner.end(code);
      return last.length > 0 && spoke ? [{ type: 'hidden', what: CUT }, ...last] : last;
    },
    get finished() {
      return inner.finished;
    },
    get idle() {
      return inner.idle;
    },
  };
}
