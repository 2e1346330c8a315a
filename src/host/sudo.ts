import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { UserError } from '../errors.ts';
import { buildProgram } from './build.ts';
import { changeableByOthers } from './private-path.ts';
import { shortOf } from './start-failure.ts';

const TENDER = fileURLToPath(new URL('./tend.c', import.meta.url));

/** How commands that need root are to be started. */
export type Privilege =
  /** As ipc-sweep itself: it is root, or nobody has asked for more. */
  | { readonly state: 'own' }
  /** Through `sudo -n`, by a program that is root then and obeys ipc-sweep; see tend.c. */
  | { readonly state: 'sudo'; readonly tender: string }
  /** Sudo was asked for and cannot be used. */
  | { readonly state: 'refused'; readonly reason: string; readonly mend: string };

export const OWN_PRIVILEGE: Privilege = { state: 'own' };

const AS_ROOT = 'or run ipc-sweep itself as root: sudo npx ipc-sweep ...';

/** Finds out, by doing nothing as root, whether `sudo -n` starts what it has to start. */
export async function sudoPrivilege(
  cacheDir: string,
  user: number | undefined,
  environment: Readonly<Record<string, string>>,
): Promise<Privilege> {
  if (user === undefined || user === 0) return OWN_PRIVILEGE;
  let tender: string;
  try {
    tender = await buildProgram(TENDER, 'tend', cacheDir);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {
      state: 'refused',
      reason: `what sudo has to start cannot be built: ${error.message}`,
      mend: error.hint ?? AS_ROOT,
    };
  }
  const open = changeableByOthers(tender, user);
  if (open !== undefined) {
    return {
      state: 'refused',
      reason: `others than you can change ${open}, and so what would be run as root`,
      mend: `chmod go-w ${open}, or set XDG_CACHE_HOME to a folder of your own`,
    };
  }
  const privilege: Privilege = { state: 'sudo', tender };
  const tried = await runAsRoot(['true'], environment, privilege);
  return tried.failed ? refusal(tried, tender) : privilege;
}

/** Pure: what sudo's way of ending means, and the one thing to type. */
export function refusal(
  tried: { readonly code?: string | undefined; readonly stderr: string },
  tender: string,
): Privilege {
  const said = tried.stderr.trim().split('\n').at(-1) ?? '';
  const rule = `a rule that permits ${tender} without one (see "Who needs root" in docs/tracing.md)`;
  const refused = (reason: string, mend: string): Privilege => ({ state: 'refused', reason, mend });
  const short = shortOf(tried, said);
  if (short) return refused(`sudo cannot be started: ${short.reason}`, short.hint);
  if (tried.code === 'ENOENT') return refused('sudo is not installed', `install it, ${AS_ROOT}`);
  if (/password is required|authentication is required/.test(tried.stderr)) {
    return refused('sudo asks for a password', `run \`sudo -v\` first, or add ${rule}`);
  }
  if (/not allowed|may not run|not in the sudoers|I'm afraid I can't/.test(tried.stderr)) {
    return refused(`no sudo rule permits it (${said})`, `add ${rule}, ${AS_ROOT}`);
  }
  return refused(`sudo does not start ${tender}: ${said}`, `try it: sudo -n ${tender} true`);
}

/**
 * The words that start a command with what it needs. Sudo takes the environment away, all but the
 * PATH that its own rules give, so that the command's own is set behind it.
 */
export function asRoot(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  privilege: Privilege,
): readonly string[] {
  if (privilege.state !== 'sudo') return command;
  const settings = Object.entries(environment).flatMap(([name, value]) =>
    name === 'PATH' ? [] : [`${name}=${value}`],
  );
  return ['sudo', '-n', '--', privilege.tender, '/usr/bin/env', ...settings, ...command];
}

/** Runs a command to its end. Never throws. */
export async function runAsRoot(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  privilege: Privilege = OWN_PRIVILEGE,
) {
  const [file = '', ...words] = asRoot(command, environment, privilege);
  return execa(file, words, {
    reject: false,
    // A tended command ends when its orders do.
    stdin: privilege.state === 'sudo' ? 'pipe' : 'ignore',
    cleanup: privilege.state !== 'sudo',
    extendEnv: false,
    env: environment,
  });
}
