import type { Guard } from '../host/guard.ts';
import type { Tuned } from '../host/tune/tune.ts';
import { recordEnvironmentWarning } from '../store/environment-writer.ts';
import type { Db } from '../store/open.ts';
import type { Report } from './events.ts';

/** Ends the tuning of a sweep: notes what did not last, and sees that everything is put back. */
export async function settleTuning(
  tuned: Tuned,
  guard: Guard,
  db: Db,
  environmentId: number | undefined,
  report: Report,
): Promise<void> {
  try {
    for (const { target, after } of await tuned.lost()) {
      report({ kind: 'tuning-lost', target, after });
      if (environmentId === undefined) continue;
      const message = `${target} was no longer ${after} when the sweep ended: somebody else sets it, too`;
      recordEnvironmentWarning(db, environmentId, { code: 'tuning-lost', message });
    }
  } finally {
    await guard.close();
    for (const { target, before } of await tuned.putBack()) {
      report({ kind: 'not-put-back', target, before });
    }
  }
}
