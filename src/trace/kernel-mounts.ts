import { readFileSync } from 'node:fs';
import type { Host } from '../host/host.ts';

const WITH_MOUNTS = new URL('./programs/with-mounts.sh', import.meta.url);

/** The file systems through which tracers talk to the Linux kernel, and a name that shows each. */
const MOUNTS = [
  { type: 'tracefs', folder: '/sys/kernel/tracing', shows: 'events' },
  { type: 'debugfs', folder: '/sys/kernel/debug', shows: 'tracing' },
] as const;

export interface MissingMount {
  readonly type: string;
  readonly folder: string;
  /** Whether the kernel supports it. */
  readonly possible: boolean;
}

/** Finds the file systems that are not mounted on a host. */
export async function missingMounts(host: Host): Promise<readonly MissingMount[]> {
  if (host.machine.platform !== 'linux') return [];
  const mounted = (await host.readFile('/proc/self/mounts'))?.toString('utf8') ?? '';
  const missing: MissingMount[] = [];
  for (const { type, folder, shows } of MOUNTS) {
    // Only root may look inside, but everybody can see that it is mounted.
    if (mounted.includes(` ${folder} ${type} `)) continue;
    if ((await host.stat(`${folder}/${shows}`)) !== undefined) continue;
    missing.push({ type, folder, possible: (await host.stat(folder)) !== undefined });
  }
  return missing;
}

/**
 * Returns the words that run a command with nothing missing: it gets its own mount namespace, which
 * ends with the command, so nothing stays mounted, whatever happens to the command.
 */
export async function inPrivateMounts(
  host: Host,
  command: readonly string[],
): Promise<readonly string[]> {
  const missing = await missingMounts(host);
  if (missing.length === 0) return command;
  const wanted = missing.map(({ type, folder }) => `${type}:${folder}`);
  const script = await host.send('with-mounts.sh', readFileSync(WITH_MOUNTS));
  const words = ['unshare', '--mount', '--propagation', 'private', 'sh', script];
  return [...words, wanted.join(' '), ...command];
}
