import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { requireDescriptors } from '../../host/descriptors.ts';
import { killGroup } from '../../host/groups.ts';
import type { Guard } from '../../host/guard.ts';
import { asRoot, OWN_PRIVILEGE, type Privilege } from '../../host/sudo.ts';

/** A tracer started by execa with `buffer: false`, `reject: false` and a group of its own. */
export type TracerProcess = PromiseLike<{
  readonly exitCode?: number | undefined;
  readonly signal?: NodeJS.Signals | undefined;
  readonly message?: string | undefined;
}> & {
  readonly pid?: number | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Signals its group. */
  readonly order: (signal: 'SIGTERM' | 'SIGKILL') => void;
};

/**
 * Starts a tracer in a group of its own, its output as pipes; it does not outlive this process. One
 * that runs as root for somebody who is not gets its signals through a pipe, whose end ends it.
 */
export function startTracer(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  guard: Guard,
  privilege: Privilege = OWN_PRIVILEGE,
): TracerProcess {
  requireDescriptors();
  if (privilege.state === 'sudo') return startTended(command, environment, privilege);
  const { words, descriptors } = guard.wrap(command);
  const [file = '', ...rest] = words;
  const child = execa(file, rest, {
    buffer: false,
    reject: false,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
    extendEnv: false,
    env: environment,
  });
  return Object.assign(child, {
    order: (signal: NodeJS.Signals) => killGroup(child.pid, signal),
  }) as TracerProcess;
}

function startTended(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  privilege: Privilege,
): TracerProcess {
  const [file = '', ...rest] = asRoot(command, environment, privilege);
  const child = execa(file, rest, {
    buffer: false,
    reject: false,
    // Not detached: what `sudo -v` has got is good for the terminal of this session alone.
    cleanup: false,
    stdio: ['pipe', 'pipe', 'pipe'],
    extendEnv: false,
    env: environment,
  });
  // Who has ended takes no orders.
  child.stdin.on('error', () => {});
  return Object.assign(child, {
    order: (signal: NodeJS.Signals) => void child.stdin.write(signal === 'SIGTERM' ? 'T' : 'K'),
  }) as TracerProcess;
}
