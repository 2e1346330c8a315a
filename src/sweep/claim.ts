import { hostname } from 'node:os';
import { ExitCode, UserError } from '../errors.ts';
import { LOCK_PORT, lockHost, untilReleased } from '../host/host-lock.ts';
import type { EnvironmentWarning } from '../host/machine/warnings.ts';

/** This machine for one sweep alone. */
export interface Claim {
  /** What is to be stored with the runs: that others could not be kept out. */
  readonly warnings: readonly EnvironmentWarning[];
  readonly release: () => void;
}

export interface ClaimSetting {
  /** The sweep's name, which others are told. */
  readonly name: string;
  /** Wait for whoever has it. */
  readonly wait: boolean;
  readonly onWait: (holder: string) => void;
  /** Undefined: nobody is kept out, as for tests that run side by side. */
  readonly port: number | undefined;
  readonly now: Date;
}

/** @throws UserError naming who holds it */
export async function claimHost(setting: ClaimSetting): Promise<Claim> {
  const { name, port, now } = setting;
  if (port === undefined) return { warnings: [], release: () => {} };
  const user = process.getuid === undefined ? '' : ` of user ${process.getuid()}`;
  const holder = `pid ${process.pid}${user} on ${hostname()}, sweep ${name}, since ${now.toISOString()}`;
  for (;;) {
    const lock = await lockHost(holder, port);
    switch (lock.state) {
      case 'held':
        return { warnings: [], release: lock.release };
      case 'unknown': {
        const message = `it cannot be seen to that no other sweep runs on this machine: ${lock.reason}`;
        return { warnings: [{ code: 'host-not-locked', message }], release: () => {} };
      }
      case 'taken':
        if (!setting.wait) throw refusal(lock.holder);
        setting.onWait(lock.holder);
        await untilReleased(port);
    }
  }
}

function refusal(holder: string): UserError {
  return new UserError(`another sweep runs on this machine: ${holder}`, {
    hint: 'two at once slow each other down; --wait waits for it, and `ipc-sweep top` shows how far it is',
    exitCode: ExitCode.machine,
  });
}

/**
 * IPC_SWEEP_HOST_LOCK: another port, or `off`.
 * @returns undefined for off
 * @throws UserError for anything else
 */
export function lockPort(environment: NodeJS.ProcessEnv): number | undefined {
  const { IPC_SWEEP_HOST_LOCK: text = '' } = environment;
  if (text === '') return LOCK_PORT;
  if (text === 'off') return undefined;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new UserError(`IPC_SWEEP_HOST_LOCK=${text}: a port from 1 to 65535, or off, is expected`);
}
