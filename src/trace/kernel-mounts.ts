import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const WITH_MOUNTS = fileURLToPath(new URL('./programs/with-mounts.sh', import.meta.url));

/** File systems through which tracers talk to the Linux kernel, and a name that shows each. */
const MOUNTS = [
  { type: 'tracefs', folder: '/sys/kernel/tracing', shows: 'events' },
  { type: 'debugfs', folder: '/sys/kernel/debug', shows: 'tracing' },
] as const;

/** Those that are not mounted here; `possible` says whether the kernel has them. */
export function missingMounts(): readonly { type: string; folder: string; possible: boolean }[] {
  if (process.platform !== 'linux') return [];
  const mounted = existsSync('/proc/self/mounts') ? readFileSync('/proc/self/mounts', 'utf8') : '';
  return MOUNTS.filter(
    // Only root may look inside; that it is mounted, everybody may know.
    ({ type, folder, shows }) =>
      !existsSync(`${folder}/${shows}`) && !mounted.includes(` ${folder} ${type} `),
  ).map((mount) => ({ ...mount, possible: existsSync(mount.folder) }));
}

/**
 * The words that run a command where nothing is missing: in a mount namespace of its own, which
 * ends with the command, so that nothing stays mounted whatever happens to it.
 */
export function inPrivateMounts(command: readonly string[]): readonly string[] {
  const missing = missingMounts();
  if (missing.length === 0) return command;
  const wanted = missing.map(({ type, folder }) => `${type}:${folder}`);
  const words = ['unshare', '--mount', '--propagation', 'private', 'sh', WITH_MOUNTS];
  return [...words, wanted.join(' '), ...command];
}
