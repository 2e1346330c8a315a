import { ExitCode, UserError } from '../../errors.ts';
import type { Host } from '../host.ts';
import { sourcesOf } from '../machine/sources.ts';
import { type SettingChange, type TunableSetting, tunableSettings } from './settings.ts';

/** A machine whose clock has been fixed for a sweep. */
export interface Tuned {
  /** The values that were set, for the environment's facts. */
  readonly facts: ReadonlyMap<string, string>;
  /** Finds the settings that somebody has changed since. */
  readonly lost: () => Promise<readonly SettingChange[]>;
  /**
   * Puts everything back.
   * @param through another connection to the same machine, if the one used for tuning is lost
   * @returns what is still not as it was
   */
  readonly putBack: (through?: Host) => Promise<readonly SettingChange[]>;
}

/**
 * @returns what can be set here
 * @throws UserError when nothing can be set, or when this user may not set it
 */
export async function requireTunable(host: Host): Promise<readonly TunableSetting[]> {
  if (host.machine.user !== 0) {
    throw new UserError('--tune needs root: it sets the frequency governor and turbo', {
      hint: 'sudo ipc-sweep run --tune ..., or leave --tune out; `ipc-sweep doctor --tune` shows what it would set',
      exitCode: ExitCode.machine,
    });
  }
  const settings = await tunableSettings(sourcesOf(host));
  if (settings.length > 0) return settings;
  throw new UserError('--tune: this machine has nothing that could be set', {
    hint: 'leave --tune out; `ipc-sweep doctor --tune` says why, and what else would help',
    exitCode: ExitCode.machine,
  });
}

/**
 * Sets everything, but each value only after the host's agent knows the old one. So whatever ends
 * ipc-sweep, even in the middle of this, the machine gets its values back.
 * @throws UserError when a value is refused
 */
export async function tune(settings: readonly TunableSetting[], host: Host): Promise<Tuned> {
  const changes = settings.flatMap((setting) => setting.changes);
  for (const change of changes) {
    const { kind, target, before, after } = change;
    await host.putBackAtEnd({ kind, target, value: before });
    const refused = await write(change, after, host);
    const now = await read(change, host);
    if (refused === undefined && now === after) continue;
    throw new UserError(`--tune: cannot set ${target} to ${after}: ${refused ?? `it is ${now}`}`, {
      hint: 'leave --tune out; everything that was set has been put back',
      exitCode: ExitCode.machine,
    });
  }
  const differing = async (value: 'before' | 'after', through: Host) => {
    const found: SettingChange[] = [];
    for (const change of changes) {
      if ((await read(change, through)) !== change[value]) found.push(change);
    }
    return found;
  };
  return {
    facts: new Map([
      ['tuned', '1'],
      ...settings.map(
        ({ name, now, tuned }) =>
          [`tuned_${name.replace('-', '_')}`, now === tuned ? now : `${now} -> ${tuned}`] as const,
      ),
    ]),
    lost: () => differing('after', host),
    async putBack(through = host) {
      for (const change of await differing('before', through)) {
        await write(change, change.before, through);
      }
      return differing('before', through);
    },
  };
}

async function read(change: SettingChange, host: Host): Promise<string | undefined> {
  const sources = sourcesOf(host);
  if (change.kind === 'file') return sources.readText(change.target);
  return sources.ask('sysctl', ['-n', change.target]);
}

/** @returns why it was refused */
async function write(
  change: SettingChange,
  value: string,
  host: Host,
): Promise<string | undefined> {
  if (change.kind === 'file') return host.writeSetting(change.target, value);
  const answer = await sourcesOf(host).ask('sysctl', [`${change.target}=${value}`]);
  return answer === undefined ? 'sysctl refused' : undefined;
}
