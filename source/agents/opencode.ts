/** Engine `opencode`: `opencode run`, one headless process a turn, for any provider that opencode knows. */
import type { AgentDefinition } from '../loop/definition/definition.ts';
import type { Engine, StartSpec } from './engine.ts';
import { opencodeMcp, opencodeSettings } from './mcp/opencode.ts';
import { createOpencodeReader } from './opencode-reader.ts';

export const opencode: Engine = {
  name: 'opencode',
  abilities: {
    resume: true,
    resumeOtherModel: true,
    liveGuidance: false,
    interrupt: 'SIGINT',
    meter: 'per-response',
    wire: true,
    hides: ['what sub-agents spend', 'a response that was cut'],
  },

  skills: ['.claude/skills', '.agents/skills'],
  mcpSettings: opencodeSettings,

  /**
   * The prompt is the whole of stdin: as an argument it would be put into quotes, and read by every user of the machine. Stdin
   * must end, for opencode waits for that before it begins.
   */
  start(spec) {
    const [program = 'opencode', ...before] = spec.command;
    const permission = permissionOf(spec.agent);
    return {
      argv: [program, ...before, ...opencodeArguments(spec)],
      env: {
        OPENCODE_DISABLE_AUTOUPDATE: 'true',
        // Both are laid over all of the operator's configuration, key by key.
        OPENCODE_CONFIG_CONTENT: JSON.stringify(configurationOf(spec)),
        ...(permission === null ? {} : { OPENCODE_PERMISSION: JSON.stringify(permission) }),
      },
      stdin: { kind: 'text', text: spec.prompt },
      files: opencodeMcp(spec)?.files ?? {},
    };
  },

  attach: ({ session, command: [program = 'opencode', ...before] }) => ({
    argv: [program, ...before, '--session', session],
    env: {},
  }),

  reader: (about) => createOpencodeReader(about?.model),
  tell: () => null,
  interrupt: () => null,
};

/** Everything after the program's name. */
export function opencodeArguments(spec: StartSpec): string[] {
  // Without --dir it works in $PWD, whatever folder it was started in.
  const argv = ['run', '--format', 'json', '--thinking', '--dir', spec.worktree, '--model', spec.model];
  // A session with a title needs none from a model: that request would be in no bill that we see.
  argv.push(...(spec.resume === null ? ['--title', 'looptop'] : ['--session', spec.resume]));
  if (spec.agent.effort !== null) argv.push('--variant', spec.agent.effort);
  if (spec.agent.permission === 'bypassPermissions') argv.push('--auto');
  if (spec.agent.agent !== undefined) argv.push('--agent', spec.agent.agent);
  return argv;
}

function configurationOf(spec: StartSpec) {
  const { model, wire } = spec;
  const mcp = opencodeMcp(spec);
  const provider = model.split('/')[0] ?? '';
  return {
    // Nobody can be asked, so what would ask is refused. Without this the refusal ends the run, with exit code 0.
    experimental: { continue_loop_on_deny: true },
    ...(wire === null ? {} : wired(wire, provider)),
    ...(mcp === null ? {} : { mcp: mcp.mcp }),
  };
}

/** Providers that the wire meter knows without being told. */
const ON_THE_WIRE = ['anthropic', 'openai', 'google', 'xai'];

/**
 * What else the operator's settings name, for a sub-agent or a small model, would go past the meter and is in nothing that opencode
 * prints: such a provider is not there, and who asks for it is told so.
 */
function wired(wire: string, provider: string) {
  const names = [...new Set([provider, ...ON_THE_WIRE])];
  const entries = names.map((name) => [name, { options: { baseURL: wireUrl(wire, name) } }]);
  return { provider: Object.fromEntries(entries), enabled_providers: names };
}

/** opencode's base URLs hold the version of the API; those upstreams that are named without it get it here. */
const VERSIONS: Readonly<Record<string, string>> = { anthropic: '/v1', google: '/v1beta' };

const wireUrl = (wire: string, provider: string): string =>
  `${wire}/${encodeURIComponent(provider)}${Object.hasOwn(VERSIONS, provider) ? VERSIONS[provider] : ''}`;

type Action = 'allow' | 'deny';
type Rules = Record<string, Action | Record<string, Action>>;

/**
 * What goes over the operator's own permissions. `acceptEdits` needs nothing: opencode edits and runs commands in its folder
 * unless the operator forbids it. `plan` and `ask` lose both, because opencode's own plan mode may run any command, and an
 * answer cannot be had. Null when there is nothing to say.
 */
function permissionOf({ permission, tools }: AgentDefinition): Rules | null {
  const rules: Rules = permission === 'plan' || permission === 'ask' ? { edit: 'deny', bash: 'deny' } : {};
  for (const tool of tools.allow) add(rules, tool, 'allow');
  for (const tool of tools.deny) add(rules, tool, 'deny');
  return Object.keys(rules).length === 0 ? null : rules;
}

/** `bash` or `bash(git diff *)`: of several patterns the last that fits decides, so what was said of the whole tool stays first. */
function add(rules: Rules, tool: string, action: Action): void {
  const [, name = tool, pattern = '*'] = /^([^(]+)\((.*)\)$/s.exec(tool) ?? [];
  const before = Object.hasOwn(rules, name) ? rules[name] : undefined;
  if (pattern === '*') rules[name] = action;
  else rules[name] = { ...(typeof before === 'string' ? { '*': before } : before), [pattern]: action };
}
