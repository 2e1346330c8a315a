import { UserError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { HostLost } from '../host/host-lost.ts';
import type { Tuned } from '../host/tune/tune.ts';
import { recordEnvironmentWarning } from '../store/environment-writer.ts';
import type { Db } from '../store/open.ts';
import type { Report } from './events.ts';

/**
 * Ends the tuning of a host: records what did not last, and puts everything back.
 * @returns false when the link broke: the host's agent then puts everything back, but unseen
 */
export async function endTuning(
  tuned: Tuned,
  db: Db,
  environmentId: number,
  report: Report,
): Promise<boolean> {
  try {
    for (const { target, after } of await tuned.lost()) {
      report({ kind: 'tuning-lost', target, after });
      const message = `${target} was no longer ${after} when the sweep ended: somebody else sets it, too`;
      recordEnvironmentWarning(db, environmentId, { code: 'tuning-lost', message });
    }
    await putBack(tuned, report);
    return true;
  } catch (error) {
    if (!(error instanceof HostLost)) throw error;
    return false;
  }
}

/**
 * Checks a host again whose link broke while it was tuned, and puts back anything that its agent
 * could not, because it was killed.
 */
export async function endLostTuning(
  tuned: Tuned,
  name: string,
  open: (name: string) => Promise<Host>,
  report: Report,
): Promise<void> {
  let host: Host | undefined;
  try {
    host = await open(name);
    await putBack(tuned, report, host);
  } catch (error) {
    if (!(error instanceof HostLost || error instanceof UserError)) throw error;
    report({ kind: 'put-back-unseen', host: name });
  } finally {
    await host?.close();
  }
}

/** Puts everything back, and reports failures. @param through another way to the same machine */
export async function putBack(tuned: Tuned, report: Report, through?: Host): Promise<void> {
  for (const { target, before } of await tuned.putBack(through)) {
    report({ kind: 'not-put-back', target, before });
  }
}
