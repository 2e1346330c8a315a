import { FREEBSD_SYSTEM_CALLS } from './freebsd-syscalls.ts';
import { LINUX_SYSTEM_CALLS } from './linux-syscalls.ts';

const BY_PLATFORM: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['linux', new Set(LINUX_SYSTEM_CALLS)],
  ['freebsd', new Set(FREEBSD_SYSTEM_CALLS)],
]);

/** The system calls that at least one kernel has. */
export const SYSTEM_CALLS: ReadonlySet<string> = new Set([
  ...LINUX_SYSTEM_CALLS,
  ...FREEBSD_SYSTEM_CALLS,
]);

/**
 * Tells whether a kernel has a system call.
 * @param kernel as the system (`Linux`) or Node (`linux`) names it
 * @returns undefined if the kernel's calls are not known, and for a call that has only a number
 */
export function kernelHasCall(kernel: string, name: string): boolean | undefined {
  if (/^\d+$/.test(name)) return undefined;
  return BY_PLATFORM.get(kernel.toLowerCase())?.has(name);
}
