import { UserError } from '../errors.ts';
import { openRootHost } from './agent-host.ts';
import type { Host } from './host.ts';
import { HostLost } from './host-lost.ts';
import { OWN_PRIVILEGE, type Privilege } from './privilege.ts';
import { SudoRefused, sudoRefused } from './refusals.ts';

/** Starts a second agent on a host with `sudo -n`, unless the first one is root already. */
export async function sudoPrivilege(
  host: Host,
  environment: NodeJS.ProcessEnv,
): Promise<Privilege> {
  if (host.machine.user === 0) return OWN_PRIVILEGE;
  try {
    return { state: 'sudo', root: await openRootHost(host, { environment }) };
  } catch (error) {
    if (error instanceof HostLost)
      return refusedFor(sudoRefused(host.name, error.reason, host.machine.agentPath));
    if (error instanceof SudoRefused) return refusedFor(error);
    if (!(error instanceof UserError)) throw error;
    return { state: 'refused', reason: error.message, mend: error.hint ?? '' };
  }
}

function refusedFor({ reason, mend }: SudoRefused): Privilege {
  return { state: 'refused', reason, mend };
}
