import { HostLost } from '../host/host-lost.ts';
import type { Tuned } from '../host/tune/tune.ts';
import { recordEnvironmentWarning } from '../store/environment-writer.ts';
import type { Db } from '../store/open.ts';
import type { Report } from './events.ts';

/**
 * Ends the tuning of a host: notes what did not last, and puts everything back. When the link
 * breaks meanwhile, the host's agent does that.
 */
export async function settleTuning(
  tuned: Tuned,
  db: Db,
  environmentId: number,
  report: Report,
): Promise<void> {
  try {
    for (const { target, after } of await tuned.lost()) {
      report({ kind: 'tuning-lost', target, after });
      const message = `${target} was no longer ${after} when the sweep ended: somebody else sets it, too`;
      recordEnvironmentWarning(db, environmentId, { code: 'tuning-lost', message });
    }
    for (const { target, before } of await tuned.putBack()) {
      report({ kind: 'not-put-back', target, before });
    }
  } catch (error) {
    if (!(error instanceof HostLost)) throw error;
  }
}
