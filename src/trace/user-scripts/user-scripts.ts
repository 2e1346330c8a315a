import { execa } from 'execa';
import { ExitCode, UserError } from '../../errors.ts';
import { requireStart } from '../../host/start-failure.ts';
import { OWN_PRIVILEGE, type Privilege } from '../../host/sudo.ts';
import { bpftrace } from '../bpftrace/bpftrace.ts';
import { dtrace } from '../dtrace/dtrace.ts';
import { tracerEnvironment } from '../tracer-environment.ts';
import type { UserScript } from './attached-script.ts';

/**
 * Finds out how the scripts of a spec are to be run here.
 * @param paths absolute, ending in `.d` or `.bt`
 * @throws UserError when a script's tracer cannot be used
 */
export async function prepareScripts(
  paths: readonly string[],
  privilege: Privilege = OWN_PRIVILEGE,
): Promise<readonly UserScript[]> {
  const scripts: UserScript[] = [];
  for (const path of paths) {
    const tracer = path.endsWith('.bt') ? bpftrace : dtrace;
    const { state, reason, mend } = await tracer.check(privilege);
    if (state === 'unusable') {
      throw new UserError(`the script ${path} cannot be run: ${reason}`, {
        hint: mend,
        exitCode: ExitCode.machine,
      });
    }
    const name = tracer === bpftrace ? 'bpftrace' : 'dtrace';
    scripts.push({ path, tracer: name, json: name === 'dtrace' && (await printsJson()) });
  }
  return scripts;
}

/** FreeBSD's dtrace learned `--libxo` after 13.2; others refuse the option. */
async function printsJson(): Promise<boolean> {
  if (process.platform !== 'freebsd') return false;
  const asked = await execa('dtrace', ['--libxo', 'json', '-V'], {
    reject: false,
    stdin: 'ignore',
    extendEnv: false,
    env: tracerEnvironment(),
  });
  requireStart('dtrace', asked);
  return !asked.failed && /Sun D/.test(asked.stdout);
}
