import type { Host } from './host.ts';

/**
 * Allows one sweep at a time on a machine, no matter who starts it, from where, and with which
 * database. While the sweep runs, its agent listens on this port of the machine's loopback address.
 * The kernel keeps every other process off the port, for all users alike, and frees it when the
 * agent ends, by whatever signal. No lock file lies in a folder in which others could write.
 */
export const LOCK_PORT = 6471;

export type HostLock =
  | { readonly state: 'held' }
  /** Another ipc-sweep holds the machine. */
  | { readonly state: 'taken'; readonly holder: string }
  /** Unknown whether another sweep runs: another program has the port, or there is no loopback. */
  | { readonly state: 'unknown'; readonly reason: string };

/** Every holder's line begins with this; a line that begins otherwise is not from ipc-sweep. */
const GREETING = 'ipc-sweep holds this machine: ';
const LONGEST = 300;

/**
 * Holds a machine until its agent ends.
 * @param holder the line that others are told: process, sweep, since when
 */
export async function lockHost(host: Host, holder: string, port = LOCK_PORT): Promise<HostLock> {
  const said = await host.hold(port, `${GREETING}${holder}`.slice(0, LONGEST));
  if (said === undefined) return { state: 'held' };
  const words = said.replace(/[\p{C}\s]+/gu, ' ').trim();
  return said.startsWith(GREETING)
    ? { state: 'taken', holder: words.slice(GREETING.length, LONGEST) }
    : { state: 'unknown', reason: `port ${port} of 127.0.0.1: ${words.slice(0, LONGEST)}` };
}
