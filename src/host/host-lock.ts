import type { Host } from './host.ts';

/**
 * One sweep at a time on a machine, whoever starts it, from wherever, and whatever its database: while
 * it runs, its agent listens on this port of the loopback address there. The kernel keeps everybody
 * else from it, for all users alike, and frees it when the agent ends, by whatever signal. Nothing
 * lies in a folder in which others could write.
 */
export const LOCK_PORT = 6471;

export type HostLock =
  | { readonly state: 'held' }
  /** Another ipc-sweep has it. */
  | { readonly state: 'taken'; readonly holder: string }
  /** It cannot be told whether another sweep runs: something else has the port, or there is no loopback. */
  | { readonly state: 'unknown'; readonly reason: string };

/** How a holder begins what it says; whatever begins otherwise is not one of us. */
const GREETING = 'ipc-sweep holds this machine: ';
const LONGEST = 300;

/**
 * Holds a machine until its agent ends.
 * @param holder what others are told: process, sweep, since when
 */
export async function lockHost(host: Host, holder: string, port = LOCK_PORT): Promise<HostLock> {
  const said = await host.hold(port, `${GREETING}${holder}`.slice(0, LONGEST));
  if (said === undefined) return { state: 'held' };
  const words = said.replace(/[\p{C}\s]+/gu, ' ').trim();
  return said.startsWith(GREETING)
    ? { state: 'taken', holder: words.slice(GREETING.length, LONGEST) }
    : { state: 'unknown', reason: `port ${port} of 127.0.0.1: ${words.slice(0, LONGEST)}` };
}
