import { openHost } from '../host/agent-host.ts';
import { requireHostName } from '../host/host-name.ts';
import { sudoPrivilege } from '../host/sudo.ts';
import type { Reach } from '../sweep/prepare-host.ts';

/** Hosts as this process reaches them. */
export function reachOf(environment: NodeJS.ProcessEnv): Reach {
  return {
    open: (name) => openHost(name, { environment }),
    asRoot: (host) => sudoPrivilege(host, environment),
  };
}

/**
 * The hosts of `--host`, in place of the spec's own.
 * @throws UserError when one cannot be a host's name
 */
export function hostsOf(names: readonly string[] | undefined): {
  readonly hosts?: readonly string[];
} {
  if (names === undefined || names.length === 0) return {};
  for (const name of names) requireHostName(name);
  return { hosts: [...new Set(names)] };
}
