/** Engine `shell`: any command as an agent. What it prints is what it says; its exit code is how it ended; its tokens are unknown and estimated by the meter. */
import type { AgentEvent } from '../loop/agent-event.ts';
import { AgentError } from '../loop/errors.ts';
import { clip } from './digest.ts';
import type { Engine, Reader } from './engine.ts';
import { sharedMcp } from './mcp/server.ts';

export const shell: Engine = {
  name: 'shell',
  abilities: {
    resume: false,
    resumeOtherModel: false,
    liveGuidance: false,
    interrupt: 'SIGINT',
    meter: 'estimated',
    wire: false,
    hides: [],
  },

  /** Throws an AgentError when the loop names no command. */
  start(spec) {
    if (spec.agent.run === null) throw new AgentError('engine shell needs run: COMMAND');
    const own = spec.command.length === 1 && spec.command[0] === 'shell';
    const [program = 'sh', ...before] = own ? ['sh', '-c'] : spec.command;
    return {
      argv: [program, ...before, spec.agent.run],
      env: { LOOPTOP_PROMPT: spec.promptFile, ...sharedMcp(spec).env },
      stdin: { kind: 'text', text: spec.prompt },
      files: sharedMcp(spec).files,
    };
  },

  reader: createShellReader,
  tell: () => null,
  interrupt: () => null,
};

function createShellReader(): Reader {
  return {
    read: (line) => [{ type: 'said', text: clip(line) }],
    end: (code) => [endedBy(code)],
    finished: false,
    idle: false,
  };
}

/** `code` is what a shell would report: 128 + signal. */
function endedBy(code: number | null): AgentEvent {
  if (code === 0) return { type: 'ended', outcome: 'done' };
  if (code === 130 || code === 143) return { type: 'ended', outcome: 'interrupted' };
  return {
    type: 'ended',
    outcome: 'failed',
    error: code === null ? 'its exit code is not known' : `exit code ${code}`,
  };
}
