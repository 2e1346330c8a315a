import { UserError } from '../errors.ts';
import { openRootHost } from './agent-host.ts';
import { changeableByOthers } from './changeable-by-others.ts';
import type { Host } from './host.ts';
import { HostLost } from './host-lost.ts';
import { LOCAL_HOST } from './host-name.ts';
import { OWN_PRIVILEGE, type Privilege } from './privilege.ts';
import { shortOf } from './start-failure.ts';

const AS_ROOT = 'or run ipc-sweep itself as root: sudo npx ipc-sweep ...';

/** Starts a second agent on a host by `sudo -n`, unless the first is root already. */
export async function sudoPrivilege(
  host: Host,
  environment: NodeJS.ProcessEnv,
): Promise<Privilege> {
  const { agentPath, user } = host.machine;
  if (user === 0) return OWN_PRIVILEGE;
  const open = await changeableByOthers(host, agentPath);
  if (open !== undefined) {
    return {
      state: 'refused',
      reason: `others than you can change ${open}, and so what would be run as root`,
      mend: `chmod go-w ${open}, or set XDG_CACHE_HOME to a folder of your own`,
    };
  }
  try {
    return { state: 'sudo', root: await openRootHost(host, { environment }) };
  } catch (error) {
    if (error instanceof HostLost) return refusal(error.reason, agentPath, host.name);
    if (error instanceof UserError) return refusal(error.message, agentPath, host.name);
    throw error;
  }
}

/** Pure: what sudo said when it did not start the agent, and the one thing to type. */
export function refusal(said: string, agent: string, host: string = LOCAL_HOST): Privilege {
  const last = said.trim().split('\n').at(-1) ?? '';
  const rule = `a rule that permits ${agent} without one (see "Who needs root" in docs/tracing.md)`;
  const refused = (reason: string, mend: string): Privilege => ({ state: 'refused', reason, mend });
  const short = shortOf({}, said);
  if (short) return refused(`sudo cannot be started: ${short.reason}`, short.hint);
  if (/sudo is not installed|sudo: (command )?not found/.test(said)) {
    return refused('sudo is not installed', `install it, ${AS_ROOT}`);
  }
  if (/password is required|authentication is required/.test(said)) {
    // A ticket of sudo is good in one terminal, and over ssh there is none.
    const first = host === LOCAL_HOST ? 'run `sudo -v` first, or add' : 'add';
    return refused('sudo asks for a password', `${first} ${rule}`);
  }
  if (/not allowed|may not run|not in the sudoers|I'm afraid I can't/.test(said)) {
    return refused(`no sudo rule permits it (${last})`, `add ${rule}, ${AS_ROOT}`);
  }
  return refused(`sudo does not start ${agent}: ${last}`, `try it: sudo -n ${agent}`);
}
