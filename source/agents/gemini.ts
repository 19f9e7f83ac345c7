/** Engine `gemini`: Google's Gemini CLI, one headless process a turn. It says nothing of tokens before its last line. */
import { dirname, join } from 'node:path';
import type { AgentDefinition, Permission } from '../loop/definition/definition.ts';
import type { Engine, StartSpec } from './engine.ts';
import { createGeminiReader } from './gemini-reader.ts';
import { geminiMcp } from './mcp/gemini.ts';

/** Gemini's names for permissions. Nobody can be asked in a headless run: in `default` the tools that would ask are not offered to the model. */
const MODES: Readonly<Record<Permission, string>> = {
  plan: 'plan',
  ask: 'default',
  acceptEdits: 'auto_edit',
  bypassPermissions: 'yolo',
};

const SHELL = 'run_shell_command';

const ENVIRONMENT = {
  // Otherwise the process that we hold only watches over another one, swallows SIGTERM, and takes twice the memory.
  GEMINI_CLI_NO_RELAUNCH: 'true',
  // It warns at length of a dumb terminal, though it draws nothing.
  TERM: 'xterm-256color',
};

/** What it may never do, beside its prompt. */
const POLICY = 'gemini-policy.toml';

export const gemini: Engine = {
  name: 'gemini',
  abilities: {
    resume: true,
    resumeOtherModel: true,
    liveGuidance: false,
    interrupt: 'SIGINT',
    meter: 'at-end',
    wire: true,
    hides: ['the requests of a run that was killed', 'a response that was cut'],
  },

  skills: ['.agents/skills'],

  /** The prompt is the whole of stdin: without `-p` there is nothing of it in argv. */
  start(spec) {
    const [program = 'gemini', ...before] = spec.command;
    const policy = spec.agent.tools.deny.map(denial).join('\n');
    return {
      argv: [program, ...before, ...geminiArguments(spec)],
      // It heeds this only where the operator's own settings say that he logs in with a key (security.auth.selectedType).
      env: spec.wire === null ? ENVIRONMENT : { ...ENVIRONMENT, GOOGLE_GEMINI_BASE_URL: `${spec.wire}/google` },
      stdin: { kind: 'text', text: spec.prompt },
      ...(policy === '' ? {} : { files: { [POLICY]: policy } }),
    };
  },

  attach: ({ session, command: [program = 'gemini', ...before] }) => ({
    argv: [program, ...before, '--resume', session],
    env: {},
  }),

  reader: createGeminiReader,
  tell: () => null,
  interrupt: () => null,
};

/** Everything after the program's name. It has no cap of turns but `model.maxSessionTurns` in settings of the operator's or root's. */
export function geminiArguments(spec: StartSpec): string[] {
  const argv = ['--output-format', 'stream-json', '--skip-trust', '--model', spec.model];
  argv.push('--approval-mode', MODES[spec.agent.permission]);
  argv.push(...(spec.resume === null ? ['--session-id', spec.session] : ['--resume', spec.resume]));
  for (const tool of allowed(spec.agent)) argv.push('--allowed-tools', tool);
  // As an administrator's, for `--policy` would put the operator's own policies out of force.
  if (spec.agent.tools.deny.length > 0) argv.push('--admin-policy', join(dirname(spec.promptFile), POLICY));
  argv.push(...geminiMcp(spec));
  return argv;
}

/**
 * `auto_edit` alone has no shell at all when nobody can be asked, and an agent that cannot run the tests is of no use to a
 * loop. So it gets the shell, unless the loop file itself says which commands.
 */
function allowed({ permission, tools }: AgentDefinition): readonly string[] {
  const named = tools.allow.some((tool) => tool.startsWith(SHELL) || tool.startsWith('ShellTool'));
  return permission === 'acceptEdits' && !named ? [SHELL, ...tools.allow] : tools.allow;
}

/** A rule of gemini's policy engine for `web_fetch`, or for `run_shell_command(git push)`, whose brackets hold the beginning of a command. */
function denial(tool: string): string {
  const [, name = tool, prefix = ''] = /^([^(]+)\((.*)\)$/s.exec(tool) ?? [];
  const narrowed = name === SHELL && prefix !== '' ? `commandPrefix = ${JSON.stringify(prefix)}\n` : '';
  return `[[rule]]\ntoolName = ${JSON.stringify(name)}\n${narrowed}decision = "deny"\npriority = 999\n`;
}
