/** What is known of the engines' programs: where they come from, the version that was measured, and how one logs in. Looks at nothing itself. */
import type { EngineName } from '../loop/definition/definition.ts';

export interface Program {
  /** What to look for on the PATH. */
  readonly command: string;
  /** The npm package that brings it. */
  readonly npm: string;
  /** The version that its reader was written and tested against. */
  readonly measured: string;
  /** What a person types to log in. */
  readonly login: string;
  /** Variables that hold a credential; any one does. */
  readonly keys: readonly string[];
  /** Files that a login leaves; any one does. */
  readonly files: readonly LoginFile[];
}

export interface LoginFile {
  /** The variable that moves the folder; null when none does. */
  readonly variable: string | null;
  /** Where it is when the variable is not set, below the home folder; and below the variable's folder. */
  readonly usual: string;
  readonly moved: string;
}

export const PROGRAMS = {
  claude: {
    command: 'claude',
    npm: '@anthropic-ai/claude-code',
    measured: '2.1.330',
    login: 'claude auth login',
    keys: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'],
    files: [{ variable: 'CLAUDE_CONFIG_DIR', usual: '.claude/.credentials.json', moved: '.credentials.json' }],
  },
  codex: {
    command: 'codex',
    npm: '@openai/codex',
    measured: '0.169.0',
    login: 'codex login',
    keys: ['OPENAI_API_KEY', 'CODEX_API_KEY'],
    files: [{ variable: 'CODEX_HOME', usual: '.codex/auth.json', moved: 'auth.json' }],
  },
  gemini: {
    command: 'gemini',
    npm: '@google/gemini-cli',
    measured: '0.61.0',
    // It has no verb for it.
    login: 'gemini, and in it /auth',
    keys: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_APPLICATION_CREDENTIALS'],
    files: [{ variable: 'GEMINI_CLI_HOME', usual: '.gemini/oauth_creds.json', moved: '.gemini/oauth_creds.json' }],
  },
  opencode: {
    command: 'opencode',
    npm: 'opencode-ai',
    measured: '1.18.33',
    login: 'opencode auth login',
    keys: ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'GEMINI_API_KEY', 'XAI_API_KEY', 'OPENROUTER_API_KEY'],
    files: [{ variable: 'XDG_DATA_HOME', usual: '.local/share/opencode/auth.json', moved: 'opencode/auth.json' }],
  },
  grok: {
    command: 'grok',
    npm: '@xai-official/grok',
    measured: '1.0.41',
    login: 'grok login',
    keys: ['XAI_API_KEY', 'GROK_CODE_XAI_API_KEY'],
    files: [{ variable: 'GROK_HOME', usual: '.grok/auth.json', moved: 'auth.json' }],
  },
} as const satisfies Partial<Record<EngineName, Program>>;

export type ProgramName = keyof typeof PROGRAMS;

export const PROGRAM_NAMES = [
  'claude',
  'codex',
  'gemini',
  'opencode',
  'grok',
] as const satisfies readonly ProgramName[];

export const programOf = (engine: EngineName): Program | null =>
  engine === 'acp' || engine === 'shell' || engine === 'scripted' ? null : PROGRAMS[engine];

/** What a person types to log an engine's agents in; in words where it is not looptop's to know. */
export function loginCommand(engine: EngineName): string {
  const own =
    engine === 'acp' ? 'the login of the agent in engines.acp.command' : "the login of the loop's own command";
  return programOf(engine)?.login ?? own;
}
