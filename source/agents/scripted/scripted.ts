/** Engine `scripted`: our own agent that plays a scenario file and speaks claude's format, for demos and tests without a key or a network. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AgentError } from '../../loop/errors.ts';
import { claude, claudeArguments } from '../claude.ts';
import type { Engine } from '../engine.ts';
import { sharedMcp } from '../mcp/server.ts';

/** In development the TypeScript next to this file, which Node runs as it is; in the bundle the program beside it. */
const PROGRAM = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './scripted-agent.ts' : './scripted-agent.js', import.meta.url),
);

/** It prints as claude does, writes no transcript, knows no skills and has no session for a person. */
const { books: _books, skills: _skills, attach: _attach, ...spoken } = claude;

export const scripted: Engine = {
  ...spoken,
  name: 'scripted',

  /** Throws an AgentError when the loop names no scenario. */
  start(spec) {
    if (spec.agent.scenario === null) throw new AgentError('engine scripted needs scenario: FILE');
    const own = spec.command.length === 1 && spec.command[0] === 'scripted';
    const [program = process.execPath, ...before] = own ? [process.execPath, PROGRAM] : spec.command;
    const scenario = ['--scenario', resolve(spec.repository, spec.agent.scenario)];
    const launch = claude.start(spec);
    return { ...launch, argv: [program, ...before, ...scenario, ...claudeArguments(spec)], env: sharedMcp(spec).env };
  },
};
