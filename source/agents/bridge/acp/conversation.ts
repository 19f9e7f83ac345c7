/** One session with an ACP agent: opened, prompted, cancelled; its requests for permission answered. What it says goes out as events. */
import { type AnyMessage, client, methods, type Stream } from '@agentclientprotocol/sdk';
import type { AgentEvent } from '../../../loop/agent-event.ts';
import { clip } from '../../digest.ts';
import { type Json, object, text } from '../../json.ts';
import { openSession, type Wishes } from './open.ts';
import { answered, namesOf, optionFor, optionNamed, verdictOn } from './permission.ts';
import { createTranslator } from './translate.ts';

export interface Conversation {
  /** Resolves when the turn is over, or the agent is gone: without an `ended` then. */
  prompt(words: string): Promise<void>;
  cancel(): Promise<void>;
  /** The operator's answer to question `ask`; what else the agent must hear, or null. */
  answer(ask: string, words: string): string | null;
}

/** Rejects with a JSON-RPC error, or in words, when the agent cannot do what is wished. */
export async function converse(
  stream: Stream,
  wishes: Wishes,
  emit: (events: readonly AgentEvent[]) => void,
): Promise<Conversation> {
  const translator = createTranslator();
  /** Requests without a response: their method says what an error means. */
  const requests = new Map<unknown, string>();
  const questions = new Map<string, { readonly options: unknown; readonly choose: (option: string | null) => void }>();
  let cancelled = false;

  const tapped: Stream = {
    writable: tap(stream.writable, (message) => {
      if ('method' in message && 'id' in message) requests.set(message.id, message.method);
    }),
    readable: stream.readable.pipeThrough(
      listening((message) => {
        const method = 'id' in message && !('method' in message) ? requests.get(message.id) : undefined;
        emit(translator.read(object(message), method));
      }),
    ),
  };

  const app = client({ name: 'looptop' })
    .onNotification('*', () => undefined)
    .onRequest(methods.client.session.requestPermission, async ({ params }) => ({
      outcome: await decide(object(params)),
    }));
  const connection = app.connect(tapped);
  const { agent } = connection;
  const ask = async (method: string, params: Json): Promise<Json> =>
    object(await agent.request<unknown, Json>(method, params));

  async function decide(params: Json): Promise<{ outcome: 'cancelled' } | { outcome: 'selected'; optionId: string }> {
    const id = text(object(params.toolCall).toolCallId);
    const verdict = cancelled ? 'reject' : verdictOn(wishes.permission, translator.about(id).kind);
    const option = verdict === 'ask' ? await askPerson(id, params.options) : optionFor(verdict, params.options);
    return option === null ? { outcome: 'cancelled' } : { outcome: 'selected', optionId: option };
  }

  function askPerson(id: string, options: unknown): Promise<string | null> {
    return new Promise((choose) => {
      questions.set(id, { options, choose });
      const question = clip(`${translator.about(id).words}?`);
      emit([{ type: 'asked', id, question, options: namesOf(options) }]);
    });
  }

  emit(await openSession(ask, wishes, translator));

  return {
    async prompt(words) {
      cancelled = false;
      emit(translator.announce());
      const prompt = [{ type: 'text', text: words }];
      // How it ended has been said by the translator, errors of the agent's included.
      await ask('session/prompt', { sessionId: translator.session, prompt }).catch(() => undefined);
    },
    async cancel() {
      cancelled = true;
      for (const { choose } of questions.values()) choose(null);
      questions.clear();
      await agent.notify('session/cancel', { sessionId: translator.session });
    },
    answer(id, words) {
      const question = questions.get(id);
      if (question === undefined) return words;
      questions.delete(id);
      const named = optionNamed(words, question.options);
      const { verdict, say } = answered(words);
      question.choose(named ?? optionFor(verdict, question.options));
      emit([{ type: 'answered', id }]);
      return named === null ? say : null;
    },
  };
}

/** Passes every message on as it is, after showing it. */
function listening(see: (message: AnyMessage) => void): TransformStream<AnyMessage, AnyMessage> {
  return new TransformStream({
    transform(message, controller) {
      see(message);
      controller.enqueue(message);
    },
  });
}

function tap(target: WritableStream<AnyMessage>, see: (message: AnyMessage) => void): WritableStream<AnyMessage> {
  const { readable, writable } = listening(see);
  // It fails when the agent dies; whoever waits for an answer hears of that from the connection.
  readable.pipeTo(target).catch(() => undefined);
  return writable;
}
