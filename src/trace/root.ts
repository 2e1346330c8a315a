import type { Privilege } from '../host/sudo.ts';

/** Why a tracer that needs root cannot have it, and what to type; undefined when it can. */
export function withoutRoot(
  tracer: string,
  privilege: Privilege,
): { readonly reason: string; readonly mend: string } | undefined {
  if (process.getuid?.() === 0 || privilege.state === 'sudo') return undefined;
  if (privilege.state === 'refused') return privilege;
  return {
    reason: `${tracer} needs root`,
    mend: 'run it as root: sudo npx ipc-sweep ...; or set trace.sudo: true',
  };
}
