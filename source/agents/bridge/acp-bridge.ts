/**
 * A program that starts an ACP agent as its child and holds one conversation with it: `acp-bridge [--model ID] [--resume ID]
 * [--mcp FILE] --permission WHICH -- COMMAND …`. What it reads and prints is protocol.ts. ACP knows no note into a running turn: a note
 * becomes the next prompt of the same session, before the bridge says that it is idle.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { RequestError } from '@agentclientprotocol/sdk';
import type { AgentEvent } from '../../loop/agent-event.ts';
import type { Permission } from '../../loop/definition/definition.ts';
import { AgentError } from '../../loop/errors.ts';
import { clip } from '../digest.ts';
import { object } from '../json.ts';
import { startAgent } from './acp/child.ts';
import { type Conversation, converse } from './acp/conversation.ts';
import { createInbox } from './acp/inbox.ts';
import type { Wishes } from './acp/open.ts';
import { errorWords, limitsIn } from './acp/translate.ts';
import { CUT } from './acp/usage.ts';
import type { FromBridge } from './protocol.ts';

const { values, positionals: command } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string' },
    resume: { type: 'string' },
    permission: { type: 'string', default: 'ask' },
    mcp: { type: 'string' },
    warn: { type: 'string', multiple: true, default: [] },
  },
});

const PERMISSIONS: readonly Permission[] = ['plan', 'ask', 'acceptEdits', 'bypassPermissions'];

/** Whether the turn under way, or the last one, has said how it ended; and whether that was well. */
let ended = true;
let well = false;

function emit(events: readonly FromBridge[]): void {
  for (const event of events) {
    if (event.type === 'ended') {
      ended = true;
      well = event.outcome === 'done' || event.outcome === 'interrupted';
    }
    process.stdout.write(`${JSON.stringify(event)}\n`);
  }
}

/** An error of the agent's, of the protocol's or of ours, as the end of the run. */
function endedBy(error: unknown): AgentEvent[] {
  const fields = { ...object(error), message: error instanceof Error ? error.message : String(error) };
  const limits = limitsIn(fields);
  return [
    ...limits,
    { type: 'ended', outcome: limits.length > 0 ? 'api-error' : 'failed', error: clip(errorWords(fields)) },
  ];
}

async function main(): Promise<number> {
  const child = startAgent(command);
  let conversation: Conversation | null = null;
  let interrupted = false;
  let terminated = false;

  const interrupt = () => {
    interrupted = true;
    inbox.clear();
    // A dead agent needs no cancel, and its death is told by the turn.
    conversation?.cancel().catch(() => undefined);
  };
  const inbox = createInbox(process.stdin, {
    interrupt,
    answer(ask, words) {
      const rest = conversation === null ? words : conversation.answer(ask, words);
      if (rest !== null) inbox.push(rest);
    },
  });
  process.on('SIGINT', () => {
    interrupt();
    inbox.close();
  });
  process.on('SIGTERM', () => {
    terminated = true;
    inbox.close();
    void child.end();
  });

  /** Prompts until there is no more to say; the exit code. */
  async function hold(first: string): Promise<number> {
    conversation = await converse(child.stream, wishes(), emit);
    // Before there was a turn to cancel.
    if (interrupted) {
      emit([{ type: 'ended', outcome: 'interrupted' }, { type: 'idle' }]);
      return 0;
    }
    let words: string | null = first;
    for (let turn = 0; words !== null; turn++) {
      if (turn > 0) emit([{ type: 'heard', text: clip(words) }]);
      ended = false;
      await conversation.prompt(words);
      if (!ended) throw new Gone('in the middle of a turn');
      if (inbox.empty) emit([{ type: 'idle' }]);
      words = await inbox.next();
    }
    return well ? 0 : 1;
  }

  try {
    const first = await inbox.next();
    if (first === null) return 0;
    emit(values.warn.map((text) => ({ type: 'warned', text })));
    return await hold(first);
  } catch (error) {
    const explained = error instanceof AgentError || error instanceof RequestError;
    if (!explained) await child.end();
    // What a signal ends says nothing; the exit code tells.
    if (terminated) return 143;
    const when = error instanceof Gone ? error.message : 'before its first turn';
    if (error instanceof Gone) emit([{ type: 'hidden', what: CUT }]);
    emit(endedBy(explained ? error : new AgentError(`the agent ended ${when}: ${await child.death}`)));
    return 1;
  } finally {
    await child.end();
  }
}

/** The agent is not there any more. */
class Gone extends Error {}

function wishes(): Wishes {
  const permission = PERMISSIONS.find((name) => name === values.permission) ?? 'ask';
  return {
    cwd: process.cwd(),
    permission,
    model: values.model ?? null,
    resume: values.resume ?? null,
    mcp: values.mcp === undefined ? null : readFileSync(values.mcp, 'utf8'),
  };
}

process.exit(await main());
