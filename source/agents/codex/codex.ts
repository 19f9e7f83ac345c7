/**
 * Engine `codex`, in two modes. A maker runs `codex app-server` behind a bridge, which takes notes, answers and a polite interrupt
 * into a running turn; with permission `plan`, where nobody has anything to say to it, `codex exec` does, one process less.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Permission } from '../../loop/definition/definition.ts';
import { toBridge } from '../bridge/protocol.ts';
import type { Books, Engine, Launch, McpSettings, StartSpec } from '../engine.ts';
import { codexMcp, codexServers } from '../mcp/codex.ts';
import type { ThreadSettings } from './conversation.ts';
import { createCodexReader } from './reader.ts';
import { sessionOf } from './rollout.ts';

/** In development the TypeScript of the bridge's room, which Node runs as it is; in the bundle the program beside it. */
const BRIDGE = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../bridge/codex-bridge.ts' : './codex-bridge.js', import.meta.url),
);

type Rights = Pick<ThreadSettings, 'sandbox' | 'approvals'>;

/** Codex's words for what a loop file calls its permissions. `untrusted` asks before every command that is not known to be harmless. */
const RIGHTS: Readonly<Record<Permission, Rights>> = {
  plan: { sandbox: 'read-only', approvals: 'never' },
  ask: { sandbox: 'workspace-write', approvals: 'untrusted' },
  acceptEdits: { sandbox: 'workspace-write', approvals: 'never' },
  bypassPermissions: { sandbox: 'danger-full-access', approvals: 'never' },
};

const DAY_MS = 86_400_000;
/** A session that is older than this is not looked for in the folders of all its days. */
const DAYS_LOOKED = 31;

const books: Books = {
  when: 'live',
  shelves({ env, session, at }) {
    const home = env.CODEX_HOME || join(env.HOME || homedir(), '.codex');
    const ageDays = Math.floor((at - (bornAt(session) ?? at)) / DAY_MS);
    // A day more on both sides: which zone's day it is, is codex's to say.
    const days = Array.from({ length: Math.min(Math.max(0, ageDays), DAYS_LOOKED) + 3 }, (_, index) => 1 - index);
    return days.map((day) => ({ folder: join(home, 'sessions', ...dateOf(at, day)), name: /^rollout-.*\.jsonl$/ }));
  },
  owner: sessionOf,
};

const mcpSettings: McpSettings = {
  // Of the operator and of the repository, which codex reads where the operator trusts it.
  files: ({ env, cwd }) => [
    join(env.CODEX_HOME || join(env.HOME || homedir(), '.codex'), 'config.toml'),
    join(cwd, '.codex', 'config.toml'),
  ],
  names: codexServers,
};

export const codex: Engine = {
  name: 'codex',
  abilities: {
    resume: true,
    resumeOtherModel: true,
    liveGuidance: true,
    interrupt: 'stdin',
    meter: 'per-response',
    wire: true,
    hides: [],
    caps: [],
  },
  books,
  skills: ['.agents/skills'],
  mcpSettings,

  /** The prompt goes into stdin, never into argv, where every user of the machine could read it. */
  start: (spec) => (spec.agent.permission === 'plan' ? oneShot(spec) : bridge(spec)),

  attach: ({ session, command: [program = 'codex', ...before] }) => ({
    argv: [program, ...before, 'resume', session],
    env: {},
  }),

  reader: (about) => createCodexReader(about?.before),
  tell: (text, ask) => toBridge({ type: 'tell', text, ask }),
  interrupt: () => toBridge({ type: 'interrupt' }),
};

/** `-` reads the prompt from stdin, which has to end: codex waits for the end of an open one for ever. */
function oneShot(spec: StartSpec): Launch {
  const [program = 'codex', ...before] = spec.command;
  const { effort, permission } = spec.agent;
  // `exec resume` has no --sandbox.
  const settings = ['-c', `sandbox_mode="${RIGHTS[permission].sandbox}"`, '-c', 'analytics.enabled=false'];
  if (effort !== null) settings.push('-c', `model_reasoning_effort="${effort}"`);
  const mcp = codexMcp(spec);
  const session = spec.resume === null ? [] : [spec.resume];
  const verb = spec.resume === null ? ['exec'] : ['exec', 'resume'];
  return {
    argv: [
      program,
      ...before,
      ...verb,
      '--json',
      '-m',
      spec.model,
      ...settings,
      ...wired(spec),
      ...mcp.argv,
      ...session,
      '-',
    ],
    env: mcp.env,
    stdin: { kind: 'text', text: spec.prompt },
    files: mcp.files,
  };
}

function bridge(spec: StartSpec): Launch {
  const [program = 'codex', ...before] = spec.command;
  const { sandbox, approvals } = RIGHTS[spec.agent.permission];
  const options = ['--model', spec.model, '--sandbox', sandbox, '--approvals', approvals];
  if (spec.agent.effort !== null) options.push('--effort', spec.agent.effort);
  if (spec.resume !== null) options.push('--resume', spec.resume);
  const mcp = codexMcp(spec);
  return {
    argv: [process.execPath, BRIDGE, ...options, '--', program, ...before, 'app-server', ...wired(spec), ...mcp.argv],
    needs: program,
    env: mcp.env,
    files: mcp.files,
    stdin: { kind: 'live', first: toBridge({ type: 'prompt', text: spec.prompt }) },
  };
}

/**
 * The wire as a provider of codex's own. OpenAI's base URL ends in /v1 and codex adds /responses, so what comes through the wire
 * as /openai/responses is /v1/responses upstream. The key is OPENAI_API_KEY's where there is one, else that of codex's own login
 * (auth.json): one with ChatGPT has another upstream, which the proxy knows by its requests.
 */
function wired({ wire, env }: StartSpec): string[] {
  if (wire === null) return [];
  const login = env?.OPENAI_API_KEY ? { env_key: 'OPENAI_API_KEY' } : { requires_openai_auth: true };
  const provider = { name: 'looptop', base_url: `${wire}/openai`, wire_api: 'responses', ...login };
  const table = Object.entries(provider).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return ['-c', 'model_provider="looptop"', '-c', `model_providers.looptop={${table.join(',')}}`];
}

/** The first 48 bits of a thread's id (UUIDv7) are its birth, ms since 1970; null for another kind of id. */
function bornAt(session: string): number | null {
  const [, high = '', low = ''] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/i.exec(session) ?? [];
  return high === '' ? null : Number.parseInt(high + low, 16);
}

/** Year, month and day of the date `days` after `at`, as codex names its folders, local time. At noon, which every day has once. */
function dateOf(at: number, days: number): [string, string, string] {
  const now = new Date(at);
  const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 12);
  const two = (value: number) => String(value).padStart(2, '0');
  return [String(date.getFullYear()), two(date.getMonth() + 1), two(date.getDate())];
}
