import { openHost } from '../host/agent-host.ts';
import { requireHostName } from '../host/host-name.ts';
import { sudoPrivilege } from '../host/sudo.ts';
import type { Reach } from '../sweep/prepare-host.ts';

/** The ways in which this process reaches hosts. */
export function reachOf(environment: NodeJS.ProcessEnv): Reach {
  return {
    open: (name) => openHost(name, { environment }),
    asRoot: (host) => sudoPrivilege(host, environment),
  };
}

/**
 * The hosts of `--host`, replacing those of the spec.
 * @throws UserError when one is not a valid host name
 */
export function givenHosts(names: readonly string[] | undefined): {
  readonly hosts?: readonly string[];
} {
  if (names === undefined || names.length === 0) return {};
  for (const name of names) requireHostName(name);
  return { hosts: [...new Set(names)] };
}
