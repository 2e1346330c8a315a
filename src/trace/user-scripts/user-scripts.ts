import { ExitCode, UserError } from '../../errors.ts';
import { onHost } from '../../host/build.ts';
import type { Host } from '../../host/host.ts';
import { OWN_PRIVILEGE, type Privilege } from '../../host/privilege.ts';
import { runSmall } from '../../host/run-small.ts';
import { bpftrace } from '../bpftrace/bpftrace.ts';
import { dtrace } from '../dtrace/dtrace.ts';
import { tokensOf } from './d-tokens.ts';
import type { ScriptFile } from './script-file.ts';
import type { UserScript } from './user-script.ts';

/**
 * Finds out how to run the scripts of a spec on a host.
 * @throws UserError when a script's tracer can't be used there
 */
export async function prepareScripts(
  host: Host,
  files: readonly ScriptFile[],
  privilege: Privilege = OWN_PRIVILEGE,
): Promise<readonly UserScript[]> {
  const scripts: UserScript[] = [];
  for (const file of files) {
    const tracer = file.path.endsWith('.bt') ? bpftrace : dtrace;
    const { state, reason, mend, version } = await tracer.check(host, privilege);
    if (state === 'unusable') {
      throw new UserError(`the script ${file.path} cannot be run${onHost(host)}: ${reason}`, {
        hint: mend,
        exitCode: ExitCode.machine,
      });
    }
    const name = tracer === bpftrace ? 'bpftrace' : 'dtrace';
    const json = name === 'dtrace' && (await printsJson(host));
    const flags = name === 'bpftrace' ? bpftraceFlags(version ?? '', file.text) : [];
    scripts.push({ ...file, tracer: name, json, flags });
  }
  return scripts;
}

/**
 * Up to 0.22, bpftrace reports only with `-k` that a map was full; from 0.23 on it always does, and
 * `-k` reports more than is wanted. For a script that deletes missing keys, an error would be
 * printed each time, and its own texts would be lost in the flood; with such a script, only full
 * maps that are printed are noticed.
 */
export function bpftraceFlags(version: string, text: string): readonly string[] {
  if (tokensOf(text).some(({ kind, text: word }) => kind === 'word' && word === 'delete'))
    return [];
  const [, major = 0, minor = 0] = (/^v?(\d+)\.(\d+)/.exec(version) ?? []).map(Number);
  return major === 0 && minor < 23 ? ['-k'] : [];
}

/** FreeBSD's dtrace learned `--libxo` after 13.2; other versions reject the option. */
async function printsJson(host: Host): Promise<boolean> {
  if (host.machine.platform !== 'freebsd') return false;
  const asked = await runSmall(host, { words: ['dtrace', '--libxo', 'json', '-V'] });
  return asked.ok && /Sun D/.test(asked.stdout);
}
