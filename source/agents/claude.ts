/** Engine `claude`: Claude Code's headless mode with a live stdin, so that notes, answers and a polite stop can be written into a running turn. */
import type { Permission } from '../loop/definition/definition.ts';
import { createClaudeReader, QUESTION } from './claude-reader.ts';
import { transcriptBooks } from './claude-transcript.ts';
import type { Engine, StartSpec } from './engine.ts';
import { claudeMcp } from './mcp/claude.ts';
import { hasOurs, OUR_SERVER } from './mcp/server.ts';

/** Claude's names for what a loop file calls its permissions. `manual` asks for everything that is not allowed by rule. */
const MODES: Readonly<Record<Permission, string>> = {
  plan: 'plan',
  ask: 'manual',
  acceptEdits: 'acceptEdits',
  bypassPermissions: 'bypassPermissions',
};

/** The protocol: everything as JSON lines, both ways, with live usage, echoes of what we write, and questions put to us. */
const PROTOCOL =
  '-p --input-format stream-json --output-format stream-json --verbose --include-partial-messages --forward-subagent-text --replay-user-messages --permission-prompt-tool stdio'.split(
    ' ',
  );

/** No telemetry, no self-update and no side requests from a fleet of headless processes. */
const ENVIRONMENT = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_AUTOUPDATER: '1',
};

export const claude: Engine = {
  name: 'claude',
  abilities: {
    resume: true,
    resumeOtherModel: true,
    liveGuidance: true,
    interrupt: 'stdin',
    meter: 'per-response',
    wire: true,
    hides: [],
    caps: ['turns', 'usd'],
  },
  books: transcriptBooks,
  skills: ['.claude/skills'],

  /** The prompt goes into stdin, never into argv, where every user of the machine could read it. */
  start(spec) {
    const [program = 'claude', ...before] = spec.command;
    return {
      argv: [program, ...before, ...claudeArguments(spec)],
      env: spec.wire === null ? ENVIRONMENT : { ...ENVIRONMENT, ANTHROPIC_BASE_URL: `${spec.wire}/anthropic` },
      stdin: { kind: 'live', first: userLine(spec.prompt) },
      files: claudeMcp(spec).files,
    };
  },

  attach: ({ session, command: [program = 'claude', ...before] }) => ({
    argv: [program, ...before, '--resume', session],
    env: {},
  }),

  reader: createClaudeReader,

  tell(text, ask) {
    if (ask === null) return userLine(text);
    const isQuestion = ask.startsWith(QUESTION);
    // A question of the model's own is denied with the answer as the reason: allowing it would need its whole input again.
    const allow = !isQuestion && YES.test(text);
    const message = isQuestion ? `The user answers: ${text}` : text;
    return line({
      type: 'control_response',
      response: {
        subtype: 'success',
        request_id: isQuestion ? ask.slice(QUESTION.length) : ask,
        response: allow ? { behavior: 'allow' } : { behavior: 'deny', message },
      },
    });
  },

  interrupt: () =>
    line({ type: 'control_request', request_id: 'looptop-interrupt', request: { subtype: 'interrupt' } }),
};

const YES = /^\s*(?:y|yes|allow|ok|okay)[.!]?\s*$/i;

/** Everything after the program's name. */
export function claudeArguments(spec: StartSpec): string[] {
  const { agent } = spec;
  const argv = [...PROTOCOL, '--model', spec.model, '--permission-mode', MODES[agent.permission]];
  if (spec.resume === null) argv.push('--session-id', spec.session);
  // Without `off` a resumed session answers to the system prompt that its first process recorded, not to today's rules.
  else argv.push('--resume', spec.resume, '--system-prompt-snapshot', 'off');
  if (agent.effort !== null) argv.push('--effort', agent.effort);
  if (agent.turns !== null) argv.push('--max-turns', String(agent.turns));
  // A second belt, checked by claude after each response. It refuses amounts that are not positive.
  if (spec.usdLeft > 0) argv.push('--max-budget-usd', spec.usdLeft.toFixed(4));
  const ours = hasOurs(spec.mcp) ? [`mcp__${OUR_SERVER}`] : [];
  // Outside its folder it asks before it reads; `//` begins an absolute path in a rule.
  const allowed = [...agent.tools.allow, ...ours, ...(spec.reads ?? []).map((file) => `Read(/${file})`)];
  if (allowed.length > 0) argv.push('--allowedTools', ...allowed);
  if (agent.tools.deny.length > 0) argv.push('--disallowedTools', ...agent.tools.deny);
  if (agent.agent !== undefined) argv.push('--agent', agent.agent);
  argv.push(...claudeMcp(spec).argv);
  return argv;
}

/** A line of stdin that speaks for the user. */
const userLine = (text: string) =>
  line({
    type: 'user',
    message: { role: 'user', content: [{ type: 'text', text }] },
    parent_tool_use_id: null,
    session_id: '',
  });

const line = (value: unknown) => `${JSON.stringify(value)}\n`;
