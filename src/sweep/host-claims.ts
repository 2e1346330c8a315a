import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, UserError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { LOCK_PORT, lockHost } from '../host/host-lock.ts';
import { LOCAL_HOST } from '../host/host-name.ts';
import type { EnvironmentWarning } from '../host/machine/warnings.ts';

export interface HostClaimSetting {
  /** The description of this sweep shown to others; it is different for every start of a sweep. */
  readonly holder: string;
  /** Whether to wait while another sweep has a machine. */
  readonly wait: boolean;
  readonly onWait: (host: string, holder: string) => void;
  /** If undefined, nobody is kept out, for example in tests that run in parallel. */
  readonly port: number | undefined;
}

/** How often a waiting sweep asks whether the other one has ended. */
const ASK_AGAIN_MS = 10_000;

/** Reserves the machines of a sweep for this sweep alone while its agents run. */
export class HostClaims {
  readonly #setting: HostClaimSetting;
  readonly #held = new Set<string>();
  readonly #warnings = new Map<string, readonly EnvironmentWarning[]>();

  constructor(setting: HostClaimSetting) {
    this.#setting = setting;
  }

  /** Warnings to store with a host's runs, if other sweeps could not be kept out. */
  warningsOf(host: string): readonly EnvironmentWarning[] {
    return this.#warnings.get(host) ?? [];
  }

  /**
   * Reserves a host. To be called whenever one has been opened, the first time or after a broken
   * link.
   * @throws UserError naming the sweep that holds it
   */
  async claim(host: Host): Promise<void> {
    const { holder, wait, onWait, port } = this.#setting;
    if (port === undefined) return;
    for (let told = false; ; told = true) {
      const lock = await lockHost(host, holder, port);
      if (lock.state !== 'taken') {
        this.#warnings.set(host.name, lock.state === 'unknown' ? [notLocked(lock.reason)] : []);
        this.#held.add(host.name);
        return;
      }
      if (lock.holder === holder) throw this.#ownRefusal(host.name);
      if (!wait || this.#held.has(host.name)) throw refusal(host.name, lock.holder);
      if (!told) onWait(host.name, lock.holder);
      await sleep(ASK_AGAIN_MS);
    }
  }

  /** This sweep already has the machine, under another name or through a link that has broken. */
  #ownRefusal(host: string): UserError {
    if (this.#held.has(host)) {
      return new UserError(`${host}: the agent of the broken link still runs there`, {
        hint: 'it ends by itself after a minute without a message',
        exitCode: ExitCode.machine,
      });
    }
    return new UserError(`${host} is the same machine as another host of this sweep`, {
      hint: `name each machine once; already reached: ${[...this.#held].join(', ')}`,
      exitCode: ExitCode.machine,
    });
  }
}

function notLocked(reason: string): EnvironmentWarning {
  const message = `other sweeps cannot be kept off this machine: ${reason}`;
  return { code: 'host-not-locked', message };
}

function refusal(host: string, holder: string): UserError {
  const there = host === LOCAL_HOST ? 'this machine' : host;
  return new UserError(`another sweep runs on ${there}: ${holder}`, {
    hint: 'two at once slow each other down; --wait waits for it, and `ipc-sweep top` shows how far it is',
    exitCode: ExitCode.machine,
  });
}

/**
 * Reads IPC_SWEEP_HOST_LOCK: another port, or `off`.
 * @returns undefined for off
 * @throws UserError for anything else
 */
export function lockPort(environment: NodeJS.ProcessEnv): number | undefined {
  const { IPC_SWEEP_HOST_LOCK: text = '' } = environment;
  if (text === '') return LOCK_PORT;
  if (text === 'off') return undefined;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new UserError(
    `IPC_SWEEP_HOST_LOCK: expected a port from 1 to 65535, or off, got ${JSON.stringify(text)}`,
  );
}
