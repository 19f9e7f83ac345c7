/**
 * The supervisor's end of the socket: takes commands, sends snapshots and events to whoever watches.
 * It decides nothing; what a client says is checked, passed on, and can at worst end that client's connection.
 */
import { lstatSync, rmSync } from 'node:fs';
import { createServer, type Server as NetServer } from 'node:net';
import type { Stamped } from '../loop/event.ts';
import { type Connection, connection, encode, type Service } from './connection.ts';
import { SocketError } from './path.ts';

export type { Reply, Service } from './connection.ts';

export interface Server {
  /** Sends events to all watchers; they must be in the snapshot already. */
  broadcast(events: readonly Stamped[]): void;
  /** Clients connected now. */
  readonly clients: number;
  /** Says goodbye to everybody and frees the path. Safe to call twice. */
  close(text: string): Promise<void>;
}

/**
 * Listens on `path`. A socket file that is already there is removed: only whoever holds the supervisor's lock may call this.
 * @throws SocketError when the path is taken by something else or cannot be listened on
 */
export async function serve(
  service: Service & {
    /** From `socketPath`. */
    readonly path: string;
    /** Ends the service. */
    readonly signal: AbortSignal;
  },
): Promise<Server> {
  const { path, signal } = service;
  signal.throwIfAborted();
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isSocket())
    throw new SocketError(`${path} is there and is not a socket: remove it`);
  rmSync(path, { force: true });

  const connections = new Set<Connection>();
  const server = createServer((socket) => {
    const peer = connection(socket, service);
    connections.add(peer);
    socket.once('close', () => connections.delete(peer));
  });
  await listen(server, path);

  let closing: Promise<void> | null = null;
  const close = (text: string): Promise<void> => {
    closing ??= new Promise<void>((resolve) => {
      signal.removeEventListener('abort', onAbort);
      server.close(() => resolve());
      for (const peer of connections) peer.end(text);
    });
    return closing;
  };
  const onAbort = (): void => void close('the supervisor has ended');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  // A client that cannot be accepted (no file descriptors left) sees its connection fail; the supervisor goes on.
  server.on('error', () => {});

  return {
    get clients() {
      return connections.size;
    },
    broadcast(events) {
      if (connections.size === 0) return;
      const line = encode({ say: 'events', events });
      for (const peer of connections) peer.tell(events, line);
    },
    close,
  };
}

function listen(server: NetServer, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(new SocketError(`cannot listen on ${path}: ${error.message}`, { cause: error }));
    server.once('error', fail);
    // A socket is made with 0777 minus the umask, and changing it after listen() leaves a moment open to all. Node binds
    // inside this call, so the umask is back before anything else runs.
    const umask = process.umask(0o077);
    try {
      server.listen(path, () => {
        server.off('error', fail);
        resolve();
      });
    } finally {
      process.umask(umask);
    }
  });
}
