import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * One sweep at a time on a machine, whoever starts it and whatever its database: while it runs, a
 * sweep listens on this port of the loopback address. The kernel keeps everybody else from it, for
 * all users alike, and frees it when the process ends, by whatever signal. Nothing lies in a folder
 * in which others could write.
 */
export const LOCK_PORT = 6471;

export type HostLock =
  | { readonly state: 'held'; readonly release: () => void }
  /** Another ipc-sweep has it. */
  | { readonly state: 'taken'; readonly holder: string }
  /** It cannot be told whether another sweep runs: something else has the port, or there is no loopback. */
  | { readonly state: 'unknown'; readonly reason: string };

const ADDRESS = '127.0.0.1';
/** How a holder begins what it says; whatever begins otherwise is not one of us. */
const GREETING = 'ipc-sweep holds this machine: ';
const LONGEST = 300;
/** A holder answers between two runs' bookkeeping; one that is stopped does not. */
const ANSWER_MS = 3000;
/** The holder may end between our try and our question. */
const TRIES = 5;
const MOST_WAITING = 64;

/**
 * @param holder what others are told: process, sweep, since when
 * @param port 0: any, which locks nobody out
 */
export async function lockHost(holder: string, port = LOCK_PORT): Promise<HostLock> {
  for (let tries = TRIES; tries > 0; tries--) {
    const tried = await listenOn(port, holder);
    if (tried.state !== 'in-use') return tried;
    const asked = await ask(port);
    if (asked !== 'gone') return asked;
  }
  return { state: 'unknown', reason: `port ${port} is taken and left again and again` };
}

/** Waits, without looking again and again, until whoever holds the lock lets it go. */
export function untilReleased(port = LOCK_PORT): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, ADDRESS);
    // It says who it is, and the connection lasts as long as it does.
    socket.resume();
    socket.once('error', () => {});
    socket.once('close', () => resolve());
  });
}

function listenOn(port: number, holder: string): Promise<HostLock | { readonly state: 'in-use' }> {
  return new Promise((resolve) => {
    const waiting = new Set<Socket>();
    const server: Server = createServer((socket) => {
      waiting.add(socket);
      socket.unref();
      socket.once('error', () => {});
      socket.once('close', () => waiting.delete(socket));
      socket.resume();
      socket.write(`${GREETING}${holder}\n`);
    });
    server.maxConnections = MOST_WAITING;
    server.once('error', ({ code = '', message }: NodeJS.ErrnoException) => {
      if (code === 'EADDRINUSE') resolve({ state: 'in-use' });
      else resolve({ state: 'unknown', reason: message });
    });
    server.listen({ port, host: ADDRESS, exclusive: true }, () => {
      server.unref();
      const release = () => {
        server.close();
        for (const socket of waiting) socket.destroy();
      };
      resolve({ state: 'held', release });
    });
  });
}

function ask(port: number): Promise<HostLock | 'gone'> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(port, ADDRESS);
    const timer = setTimeout(() => socket.destroy(), ANSWER_MS);
    socket.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('\n') || said.length > LONGEST) socket.destroy();
    });
    let refused = false;
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      refused = code === 'ECONNREFUSED' || code === 'ECONNRESET';
    });
    socket.once('close', () => {
      clearTimeout(timer);
      if (said.startsWith(GREETING)) {
        const holder = said.slice(GREETING.length, LONGEST).replace(/[\p{C}\s]+/gu, ' ');
        resolve({ state: 'taken', holder: holder.trim() });
      } else if (refused) resolve('gone');
      else
        resolve({
          state: 'unknown',
          reason: `port ${port} of ${ADDRESS} is used by something else`,
        });
    });
  });
}
