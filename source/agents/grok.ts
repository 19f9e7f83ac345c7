/** Engine `grok`: Grok Build's headless mode, one prompt a process, in claude's wire format with grok's own meanings (grok-reader.ts). */
import type { Permission } from '../loop/definition/definition.ts';
import type { Engine } from './engine.ts';
import { createGrokReader, HIDES } from './grok-reader.ts';

/**
 * Grok's own names. Nobody can be asked in headless mode: the first tool that would ask ends the run ("cancelled"), and
 * 1.0.41 asks even for edits under its own `acceptEdits`. So acceptEdits means here what bypassPermissions means: what is
 * lost is that shell commands, too, run unasked. `tools.deny` still holds.
 */
const MODES: Readonly<Record<Permission, string>> = {
  plan: 'plan',
  ask: 'default',
  acceptEdits: 'bypassPermissions',
  bypassPermissions: 'bypassPermissions',
};

/** Keeps grok from spending beside its work, from retrying for ever and from its own side of the operator's machine. */
export const QUIET = {
  // Requests beside the work that are billed and in no total. A line for grok's own dashboard after each turn:
  GROK_TURN_SUMMARY: '0',
  // A better title after some turns, and a recap for whoever comes back to the session:
  GROK_TITLE_REFRESH: '0',
  GROK_SESSION_RECAP: '0',
  // The first title has no switch. Asked of a model that does not exist it costs nothing, and grok takes the prompt's first words.
  GROK_CONFIG: JSON.stringify({ models: { session_summary: 'none' } }),
  // Silent retries: for ever by default (over 60 s on a 500, in two nested loops). This way it says so after 6 s.
  GROK_TURN_TRANSIENT_RETRY: '0',
  GROK_MAX_RETRIES: '3',
  // Rules and skills load only in a trusted folder. `--trust` would write every worktree into the operator's own settings.
  GROK_FOLDER_TRUST: '0',
  GROK_DISABLE_AUTOUPDATER: '1',
  GROK_TELEMETRY_ENABLED: 'false',
};

export const grok: Engine = {
  name: 'grok',
  abilities: {
    resume: true,
    resumeOtherModel: true,
    liveGuidance: false,
    // It dies by SIGINT without a last word: what the response under way costs is lost.
    interrupt: null,
    meter: 'per-response',
    wire: true,
    hides: HIDES,
  },

  /** The prompt is read from its file: in argv every user of the machine could read it, and stdin is no terminal's. */
  start(spec) {
    const { agent } = spec;
    const [program = 'grok', ...before] = spec.command;
    const argv = '--output-format streaming-messages-json --include-partial-messages'.split(' ');
    argv.push('--prompt-file', spec.promptFile, '--model', spec.model, '--permission-mode', MODES[agent.permission]);
    if (spec.resume === null) argv.push('--session-id', spec.session);
    else argv.push('--resume', spec.resume);
    if (agent.effort !== null) argv.push('--effort', agent.effort);
    if (agent.turns !== null) argv.push('--max-turns', String(agent.turns));
    for (const rule of agent.tools.allow) argv.push('--allow', rule);
    for (const rule of agent.tools.deny) argv.push('--deny', rule);
    const env = spec.wire === null ? QUIET : { ...QUIET, ...wired(spec.wire) };
    return { argv: [program, ...before, ...argv], env, stdin: { kind: 'none' } };
  },

  // Rules and skills load as they did for the agent, and the worktree goes into no settings.
  attach: ({ session, command: [program = 'grok', ...before] }) => ({
    argv: [program, ...before, '--resume', session],
    env: { GROK_FOLDER_TRUST: '0' },
  }),

  reader: createGrokReader,
  tell: () => null,
  interrupt: () => null,
};

/** With a key grok talks to api.x.ai; with a login of grok.com to another host, cli-chat-proxy.grok.com: upstream `grok`. */
const wired = (wire: string) => ({
  GROK_XAI_API_BASE_URL: `${wire}/xai`,
  GROK_CLI_CHAT_PROXY_BASE_URL: `${wire}/grok`,
});
