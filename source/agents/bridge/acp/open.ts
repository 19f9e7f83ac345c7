/** Opens a session with an ACP agent: the greeting, a new session or an old one, its model and its mode. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentEvent } from '../../../loop/agent-event.ts';
import type { Permission } from '../../../loop/definition/definition.ts';
import { AgentError } from '../../../loop/errors.ts';
import { type Json, list, object, text } from '../../json.ts';
import { acpServers } from '../../mcp/acp.ts';
import { modelOf, type Translator } from './translate.ts';

export interface Wishes {
  /** Absolute. */
  readonly cwd: string;
  readonly permission: Permission;
  /** Null for the agent's own choice. */
  readonly model: string | null;
  /** The session to go on with; null for a new one. */
  readonly resume: string | null;
  /** The text of a file of MCP servers; null when nothing is said of any. */
  readonly mcp: string | null;
}

/** Sends a request and gives the result; rejects with the agent's JSON-RPC error. */
export type Ask = (method: string, params: Json) => Promise<Json>;

/** ACP v1, and none of an editor's services: the agent reads, writes and runs by itself, in the run's worktree. */
const HELLO = {
  protocolVersion: 1,
  clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
  clientInfo: { name: 'looptop', title: 'looptop', version: '1' },
};

/** A silence of this length ends a replay: it comes from a file, line after line. */
const QUIET_MS = 300;

/** What there is to warn of. Throws an AgentError when the agent cannot do what is wished. */
export async function openSession(ask: Ask, wishes: Wishes, translator: Translator): Promise<AgentEvent[]> {
  const hello = await ask('initialize', HELLO);
  const can = object(hello.agentCapabilities);
  const { servers, lost } = wishes.mcp === null ? { servers: [], lost: [] } : acpServers(wishes.mcp, can);
  const session = await enter(ask, wishes, translator, can, servers);
  if (wishes.model !== null && wishes.model !== modelOf(session)) await choose(ask, wishes.model, translator, session);
  const warned = lost.map(
    (name): AgentEvent => ({
      type: 'warned',
      text: `this agent cannot reach the MCP server ${name}: it speaks stdio only`,
    }),
  );
  return wishes.permission === 'plan' ? [...warned, ...(await onlyPlan(ask, translator.session, session))] : warned;
}

async function enter(
  ask: Ask,
  { cwd, resume }: Wishes,
  translator: Translator,
  can: Json,
  mcpServers: readonly Json[],
): Promise<Json> {
  if (resume === null) return ask('session/new', { cwd, mcpServers });
  translator.session = resume;
  const params = { sessionId: resume, cwd, mcpServers };
  // `resume` does not replay the conversation, `load` does.
  if (typeof object(can.sessionCapabilities).resume === 'object') return ask('session/resume', params);
  if (can.loadSession !== true) throw new AgentError('this agent cannot go on with an earlier session');
  translator.replaying = true;
  const session = await ask('session/load', params);
  await replayed(translator);
  translator.replaying = false;
  return session;
}

/** The replay should be over with the answer to `load`; gemini 0.61.0 begins it only then. Waits until nothing more comes, 6 s at most. */
async function replayed(translator: Translator): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const before = translator.replays;
    await sleep(QUIET_MS);
    if (translator.replays === before) return;
  }
}

async function choose(ask: Ask, model: string, translator: Translator, session: Json): Promise<void> {
  const { session: sessionId } = translator;
  const option = optionOf(session, 'model');
  const models = list(object(session.models).availableModels).map((offer) => text(object(offer).modelId));
  if (option === undefined && models.length === 0) {
    throw new AgentError(
      `this agent lets nobody choose its model, so it cannot be ${model}: choose it in engines.acp.command or in the agent's own settings`,
    );
  }
  try {
    if (option !== undefined)
      await ask('session/set_config_option', { sessionId, configId: text(option.id), value: model });
    else await ask('session/set_model', { sessionId, modelId: model });
  } catch (cause) {
    const offers = option === undefined ? models : valuesOf(option);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError(`the agent does not take the model ${model} (${why}): it offers ${offers.join(', ')}`, {
      cause,
    });
  }
  translator.model = model;
}

async function onlyPlan(ask: Ask, sessionId: string, session: Json): Promise<AgentEvent[]> {
  const option = optionOf(session, 'mode');
  const modes = list(object(session.modes).availableModes).map((mode) => text(object(mode).id));
  if (option !== undefined && valuesOf(option).includes('plan')) {
    await ask('session/set_config_option', { sessionId, configId: text(option.id), value: 'plan' });
    return [];
  }
  if (modes.includes('plan')) {
    await ask('session/set_mode', { sessionId, modeId: 'plan' });
    return [];
  }
  return [{ type: 'warned', text: 'this agent has no mode for planning: only what it asks leave for is refused' }];
}

const optionOf = (session: Json, category: string): Json | undefined =>
  list(session.configOptions)
    .map(object)
    .find((option) => option.category === category);

/** Options may stand in groups. */
const valuesOf = (option: Json): string[] =>
  list(option.options)
    .map(object)
    .flatMap((entry) => ('value' in entry ? [text(entry.value)] : valuesOf(entry)));
