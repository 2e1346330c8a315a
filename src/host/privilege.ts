import type { Host } from './host.ts';

/** How what needs root is started on a host. */
export type Privilege =
  /** By the host's own agent: it is root, or nobody has asked for more. */
  | { readonly state: 'own' }
  /** By a second agent there, which `sudo -n` has started as root. */
  | { readonly state: 'sudo'; readonly root: Host }
  /** Sudo was asked for and cannot be used. */
  | { readonly state: 'refused'; readonly reason: string; readonly mend: string };

export const OWN_PRIVILEGE: Privilege = { state: 'own' };

/** The agent that starts tracers. */
export function tracingHost(host: Host, privilege: Privilege): Host {
  return privilege.state === 'sudo' ? privilege.root : host;
}
