import type { Host } from '../host/host.ts';
import { LOCAL_HOST } from '../host/host-name.ts';
import type { Privilege } from '../host/privilege.ts';

/** Tells why a tracer that needs root cannot have it, and what to type; undefined if it can. */
export function withoutRoot(
  tracer: string,
  host: Host,
  privilege: Privilege,
): { readonly reason: string; readonly mend: string } | undefined {
  if (host.machine.user === 0 || privilege.state === 'sudo') return undefined;
  if (privilege.state === 'refused') return privilege;
  return {
    reason: `${tracer} needs root`,
    mend:
      host.name === LOCAL_HOST
        ? 'run it as root: sudo npx ipc-sweep ...; or set trace.sudo: true'
        : `name the host root@${host.name.replace(/^.*@/, '')}, or set trace.sudo: true`,
  };
}
