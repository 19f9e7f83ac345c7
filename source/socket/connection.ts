/** One client as the server sees it: its lines checked and answered, its events queued, its slowness bounded. */
import type { Socket } from 'node:net';
import { z } from 'zod';
import type { Command } from '../loop/command.ts';
import type { Stamped } from '../loop/event.ts';
import type { Report, Reporter } from '../loop/report.ts';
import type { FleetState } from '../loop/state.ts';
import { lineReader } from './lines.ts';
import { PROTOCOL, type ToClient, type ToServer, toServerSchema } from './protocol.ts';

type Done = Extract<ToClient, { say: 'done' }>;
type Refused = Extract<ToClient, { say: 'refused' }>;

/** What came of a command: the answer without its number. */
export type Reply = Omit<Done, 'id'> | Omit<Refused, 'id'>;

/** What the supervisor offers its clients. */
export interface Service {
  readonly welcome: { readonly version: string; readonly pid: number };
  /** The state now, and the number of the last event in it. */
  snapshot(): { readonly seq: number; readonly state: FleetState };
  /** Resolves when the command's events are durable. `by` is who asks, as the client put it. */
  command(command: Command, by: string): Promise<Reply>;
  /** The same for what an agent reports, which may take until a person has answered. `gone` aborts when it no longer waits. */
  report(reporter: Reporter, report: Report, gone: AbortSignal): Promise<Reply>;
}

export interface Connection {
  /** Sends what this client has not got yet, if it watches and keeps up. `line` is the message for all of `events`. */
  tell(events: readonly Stamped[], line: Buffer): void;
  /** Says goodbye and closes. */
  end(text: string): void;
}

/** Longest line that a client may send, in bytes: the longest command is a note of 20,000 characters. */
const LONGEST_LINE = 1024 * 1024;
/** Unread bytes beyond which a watcher gets no more events, but a fresh snapshot once it has read what there is. */
const FULL_QUEUE = 8 * 1024 * 1024;
/** Commands of one client under way at once; further ones wait unread in the socket. */
const MOST_COMMANDS = 64;
/** How long, at the end, the commands under way are waited for, and then a client that does not read. */
const PATIENCE_MS = 500;

/** Serves the client behind `socket` until either side ends. */
export function connection(socket: Socket, service: Service): Connection {
  const lines = lineReader(LONGEST_LINE);
  /** Number of the last event that this client was sent, or that was in its snapshot; null while it does not watch. */
  let sent: number | null = null;
  /** A snapshot is no reason to be called slow, however large. */
  let allowed = FULL_QUEUE;
  let behind = false;
  let commands = 0;
  let greeted = false;
  /** Set once the connection is to end. */
  let farewell: string | null = null;
  let patience: NodeJS.Timeout | undefined;

  const say = (message: ToClient): void => send(encode(message));
  const send = (line: Buffer): void => {
    if (socket.writable) socket.write(line);
  };
  const goodbye = (): void => {
    clearTimeout(patience);
    say({ say: 'bye', text: farewell ?? '' });
    socket.end();
    patience = setTimeout(() => socket.destroy(), PATIENCE_MS);
  };
  /** Hears nothing more, but answers what is under way before it says goodbye. */
  const end = (text: string): void => {
    if (farewell !== null) return;
    farewell = text;
    if (commands === 0) goodbye();
    else patience = setTimeout(goodbye, PATIENCE_MS);
  };
  /** Reads on only while the client's commands, and the answers that it has not read, are few. */
  const regulate = (): void => {
    if (commands >= MOST_COMMANDS || socket.writableLength > allowed) socket.pause();
    else socket.resume();
  };
  const sendSnapshot = (): void => {
    const { seq, state } = service.snapshot();
    const line = encode({ say: 'snapshot', seq, state });
    sent = seq;
    behind = false;
    allowed = FULL_QUEUE + line.length;
    send(line);
  };

  const gone = new AbortController();
  const obey = async (asked: Extract<ToServer, { id: number }>): Promise<void> => {
    const { id } = asked;
    commands += 1;
    try {
      const reply =
        asked.say === 'command'
          ? await service.command(asked.command, asked.by)
          : await service.report(asked, asked.report, gone.signal);
      say({ ...reply, id });
    } catch (error) {
      say({ say: 'refused', id, text: `the supervisor failed: ${wordsOf(error)}`, code: 1 });
    }
    commands -= 1;
    regulate();
    if (farewell !== null && commands === 0 && socket.writable) goodbye();
  };
  const hear = (line: string): void => {
    const heard = read(line);
    if (heard.say === 'bye') end(heard.text);
    else if (heard.say === 'refused') say(heard);
    else if (heard.say === 'hello') greeted = true;
    else if (!greeted) end('a client says hello first');
    else if (heard.say === 'watch') sendSnapshot();
    else void obey(heard);
  };

  socket.on('data', (chunk) => {
    if (farewell !== null) return;
    try {
      for (const line of lines(chunk)) if (farewell === null) hear(line);
    } catch (error) {
      end(wordsOf(error));
    }
    regulate();
  });
  socket.on('drain', () => {
    if (behind) sendSnapshot();
    regulate();
  });
  // A client that is gone is no fault of the supervisor's: 'close' follows, and the server forgets it.
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    clearTimeout(patience);
    gone.abort();
  });
  say({ say: 'welcome', protocol: PROTOCOL, ...service.welcome });

  return {
    end,
    tell(events, line) {
      const last = events.at(-1)?.seq;
      if (sent === null || behind || last === undefined || last <= sent) return;
      if (socket.writableLength > allowed) {
        behind = true;
        return;
      }
      const seen = sent;
      const news = events.filter(({ seq }) => seq > seen);
      send(news.length === events.length ? line : encode({ say: 'events', events: news }));
      sent = last;
    },
  };
}

/** A message as a line of bytes. */
export const encode = (message: ToClient): Buffer => Buffer.from(`${JSON.stringify(message)}\n`);

/** A line as what the client means, or as the answer to a line that means nothing. Never throws. */
function read(line: string): ToServer | Refused | Extract<ToClient, { say: 'bye' }> {
  try {
    const value: unknown = JSON.parse(line);
    // Before the schema, because a later protocol may greet with more words.
    const greeting = z.object({ say: z.literal('hello'), protocol: z.number() }).safeParse(value).data;
    if (greeting?.protocol !== undefined && greeting.protocol !== PROTOCOL) {
      const text = `this supervisor speaks protocol ${PROTOCOL} and the client ${greeting.protocol}: run the same version of both`;
      return { say: 'bye', text };
    }
    const parsed = toServerSchema.safeParse(value);
    if (parsed.success) return parsed.data;
    const text = `the supervisor does not understand this: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`;
    const id = z.object({ id: z.number() }).safeParse(value).data?.id;
    return id === undefined ? { say: 'bye', text } : { say: 'refused', id, text, code: 2 };
  } catch (error) {
    return { say: 'bye', text: `the supervisor does not understand this: ${wordsOf(error)}` };
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
