import type { Host } from './host.ts';

/** The way in which programs that need root are started on a host. */
export type Privilege =
  /** The host's own agent starts them: it is root, or nobody has asked for more. */
  | { readonly state: 'own' }
  /** A second agent there, which `sudo -n` has started as root, starts them. */
  | { readonly state: 'sudo'; readonly root: Host }
  /** Sudo was requested and cannot be used. */
  | { readonly state: 'refused'; readonly reason: string; readonly mend: string };

export const OWN_PRIVILEGE: Privilege = { state: 'own' };

/** Returns the agent that starts tracers. */
export function tracingHost(host: Host, privilege: Privilege): Host {
  return privilege.state === 'sudo' ? privilege.root : host;
}
