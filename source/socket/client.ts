/** A client's end of the socket, for the pane and every verb: sends commands, hears what became of them, watches the fleet. */
import { createConnection, type Socket } from 'node:net';
import type { Command } from '../loop/command.ts';
import type { Stamped } from '../loop/event.ts';
import type { Report, Reporter } from '../loop/report.ts';
import type { FleetState } from '../loop/state.ts';
import { lineReader } from './lines.ts';
import { SocketError } from './path.ts';
import { PROTOCOL, type ToClient, type ToServer } from './protocol.ts';

export { SocketError } from './path.ts';

/** No supervisor listens there: it can be started. */
export class NoSupervisor extends SocketError {}

/** What became of a command. `code` is the exit code of the verb. */
export type Answer =
  | { readonly ok: true; readonly text: string; readonly run: string | null; readonly seq: number }
  | { readonly ok: false; readonly text: string; readonly code: number };

export interface Watcher {
  /** Comes first, and again whenever events were skipped. */
  snapshot(state: FleetState, seq: number): void;
  events(events: readonly Stamped[]): void;
}

export interface Client {
  /** Of the supervisor. */
  readonly version: string;
  readonly pid: number;
  /** Never rejects. When the connection breaks before the answer, that is the answer: whether it was obeyed is then unknown. */
  send(command: Command): Promise<Answer>;
  /** The same for an agent's report. */
  report(reporter: Reporter, report: Report): Promise<Answer>;
  /** Sends a snapshot and all events after it to `listener`, in place of an earlier one. */
  watch(listener: Watcher): void;
  /** Why the connection ended, in words. Never rejects. */
  readonly closed: Promise<string>;
  close(): void;
}

/** A snapshot of hundreds of runs is megabytes; this only stops a stream that is no supervisor's. */
const LONGEST_LINE = 256 * 1024 * 1024;

/**
 * Connects to the supervisor that listens on `path`.
 * @param options `by` says who asks; `timeoutMs` is how long a supervisor may take to say welcome
 * @throws NoSupervisor when none listens; SocketError when it does not answer or speaks another protocol
 */
export function connect(path: string, options: { readonly by: string; readonly timeoutMs: number }): Promise<Client> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    const lines = lineReader(LONGEST_LINE);
    let conversation: Conversation | null = null;
    let why = 'the supervisor closed the connection';
    let problem: SocketError | null = null;
    const fail = (error: SocketError): void => {
      problem ??= error;
      socket.destroy();
    };
    // The kernel accepts for a process that is stopped or stuck, so a connection alone proves nothing.
    const timer = setTimeout(() => {
      fail(new SocketError(`the supervisor at ${path} does not answer (${options.timeoutMs} ms): is it stopped?`));
    }, options.timeoutMs);

    const hear = (message: ToClient): void => {
      if (message.say === 'bye') why = message.text;
      else if (conversation !== null) conversation.hear(message);
      else if (message.say !== 'welcome') fail(new SocketError(`what listens at ${path} is not a supervisor`));
      else if (message.protocol !== PROTOCOL) fail(otherVersion(message));
      else {
        clearTimeout(timer);
        conversation = converse(socket, message, options.by);
        resolve(conversation.client);
      }
    };
    socket.on('data', (chunk) => {
      let messages: ToClient[];
      try {
        messages = lines(chunk).map(read);
      } catch (cause) {
        fail(new SocketError(`what listens at ${path} does not speak like a supervisor`, { cause }));
        return;
      }
      for (const message of messages) hear(message);
    });
    socket.on('error', (error) => fail(unreachable(error)));
    socket.on('close', () => {
      clearTimeout(timer);
      const reason = problem?.message ?? why;
      conversation?.over(reason);
      // Settled already when there was a conversation.
      reject(problem ?? new SocketError(reason));
    });
  });
}

interface Conversation {
  readonly client: Client;
  hear(message: ToClient): void;
  over(why: string): void;
}

/** Everything after the welcome. */
function converse(socket: Socket, welcome: Extract<ToClient, { say: 'welcome' }>, by: string): Conversation {
  const waiting = new Map<number, (answer: Answer) => void>();
  const { promise: closed, resolve: tellWhy } = Promise.withResolvers<string>();
  let listener: Watcher | null = null;
  let last = 0;
  let ended: string | null = null;
  const say = (message: ToServer): void => {
    if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
  };
  const answer = (id: number, what: Answer): void => {
    waiting.get(id)?.(what);
    waiting.delete(id);
  };
  const ask = (message: (id: number) => ToServer): Promise<Answer> => {
    if (ended !== null) return Promise.resolve({ ok: false, text: `not sent: ${ended}`, code: 1 });
    last += 1;
    const id = last;
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    say(message(id));
    return answered;
  };
  say({ say: 'hello', protocol: PROTOCOL });

  return {
    client: {
      version: welcome.version,
      pid: welcome.pid,
      closed,
      send: (command) => ask((id) => ({ say: 'command', id, command, by })),
      report: ({ run, nonce }, report) => ask((id) => ({ say: 'report', id, run, nonce, report })),
      watch(watcher) {
        listener = watcher;
        say({ say: 'watch' });
      },
      close() {
        ended ??= 'closed by this program';
        // Not end(): a supervisor that is stopped would never close its side.
        socket.destroySoon();
      },
    },
    hear(message) {
      switch (message.say) {
        case 'snapshot':
          listener?.snapshot(message.state, message.seq);
          break;
        case 'events':
          listener?.events(message.events);
          break;
        case 'done':
          answer(message.id, { ok: true, text: message.text, run: message.run, seq: message.seq });
          break;
        case 'refused':
          answer(message.id, { ok: false, text: message.text, code: message.code });
          break;
        case 'welcome':
        case 'bye':
          break;
      }
    },
    over(why) {
      ended ??= why;
      for (const id of [...waiting.keys()]) {
        answer(id, { ok: false, text: `no answer: ${ended}; whether it was done is unknown`, code: 1 });
      }
      tellWhy(ended);
    },
  };
}

/** The other end is a supervisor of the same protocol, so only the envelope is checked. */
function read(line: string): ToClient {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null || !('say' in value)) throw new SocketError(`not a message: ${line}`);
  return value as ToClient;
}

function otherVersion({ version, protocol, pid }: Extract<ToClient, { say: 'welcome' }>): SocketError {
  return new SocketError(
    `the supervisor (pid ${pid}) is looptop ${version} with protocol ${protocol}, this program has protocol ${PROTOCOL}: ` +
      'use that version, or end that supervisor and start a new one',
  );
}

function unreachable(error: Error): SocketError {
  const code = 'code' in error ? error.code : null;
  return code === 'ENOENT' || code === 'ECONNREFUSED'
    ? new NoSupervisor('no supervisor runs for this repository', { cause: error })
    : new SocketError(`cannot talk to the supervisor: ${error.message}`, { cause: error });
}
