/** Engine `gemini`: Google's Gemini CLI, one headless process a turn. It says nothing of tokens before its last line. */
import { dirname, join } from 'node:path';
import type { AgentDefinition, Permission } from '../loop/definition/definition.ts';
import type { Engine, StartSpec } from './engine.ts';
import { createGeminiReader } from './gemini-reader.ts';

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

/** Settings of one process, beside its prompt. */
const SETTINGS = 'gemini-defaults.json';

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

  /** The prompt is the whole of stdin: without `-p` there is nothing of it in argv. */
  start(spec) {
    const [program = 'gemini', ...before] = spec.command;
    const settings = settingsOf(spec);
    return {
      argv: [program, ...before, ...geminiArguments(spec)],
      env: {
        ...ENVIRONMENT,
        ...(spec.wire === null ? {} : { GOOGLE_GEMINI_BASE_URL: `${spec.wire}/google` }),
        ...(settings === null ? {} : { GEMINI_CLI_SYSTEM_DEFAULTS_PATH: join(dirname(spec.promptFile), SETTINGS) }),
      },
      stdin: { kind: 'text', text: spec.prompt },
      ...(settings === null ? {} : { files: { [SETTINGS]: `${JSON.stringify(settings, null, 2)}\n` } }),
    };
  },

  reader: createGeminiReader,
  tell: () => null,
  interrupt: () => null,
};

/** Everything after the program's name. */
export function geminiArguments(spec: StartSpec): string[] {
  const argv = ['--output-format', 'stream-json', '--skip-trust', '--model', spec.model];
  argv.push('--approval-mode', MODES[spec.agent.permission]);
  argv.push(...(spec.resume === null ? ['--session-id', spec.session] : ['--resume', spec.resume]));
  for (const tool of allowed(spec.agent)) argv.push('--allowed-tools', tool);
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

/**
 * What gemini takes from no option, as system defaults: the layer below the operator's own settings, so that neither these nor
 * an administrator's are lost. Null when there is nothing to say.
 */
function settingsOf({ agent, wire }: StartSpec): Readonly<Record<string, unknown>> | null {
  const settings = {
    ...(agent.turns === null ? {} : { model: { maxSessionTurns: agent.turns } }),
    ...(agent.tools.deny.length === 0 ? {} : { tools: { exclude: agent.tools.deny } }),
    // With a base URL of ours and no chosen method it would guess "gateway" and refuse that itself (exit 41).
    ...(wire === null ? {} : { security: { auth: { selectedType: 'gemini-api-key' } } }),
  };
  return Object.keys(settings).length === 0 ? null : settings;
}
