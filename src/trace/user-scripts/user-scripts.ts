import { ExitCode, UserError } from '../../errors.ts';
import { onHost } from '../../host/build.ts';
import type { Host } from '../../host/host.ts';
import { OWN_PRIVILEGE, type Privilege } from '../../host/privilege.ts';
import { runSmall } from '../../host/run-small.ts';
import { bpftrace } from '../bpftrace/bpftrace.ts';
import { dtrace } from '../dtrace/dtrace.ts';
import type { UserScript } from './attached-script.ts';

/**
 * Finds out how the scripts of a spec are to be run here.
 * @param paths absolute, ending in `.d` or `.bt`
 * @throws UserError when a script's tracer cannot be used
 */
export async function prepareScripts(
  host: Host,
  paths: readonly string[],
  privilege: Privilege = OWN_PRIVILEGE,
): Promise<readonly UserScript[]> {
  const scripts: UserScript[] = [];
  for (const path of paths) {
    const tracer = path.endsWith('.bt') ? bpftrace : dtrace;
    const { state, reason, mend } = await tracer.check(host, privilege);
    if (state === 'unusable') {
      throw new UserError(`the script ${path} cannot be run${onHost(host)}: ${reason}`, {
        hint: mend,
        exitCode: ExitCode.machine,
      });
    }
    const name = tracer === bpftrace ? 'bpftrace' : 'dtrace';
    scripts.push({ path, tracer: name, json: name === 'dtrace' && (await printsJson(host)) });
  }
  return scripts;
}

/** FreeBSD's dtrace learned `--libxo` after 13.2; others refuse the option. */
async function printsJson(host: Host): Promise<boolean> {
  if (host.machine.platform !== 'freebsd') return false;
  const asked = await runSmall(host, { words: ['dtrace', '--libxo', 'json', '-V'] });
  return asked.ok && /Sun D/.test(asked.stdout);
}
