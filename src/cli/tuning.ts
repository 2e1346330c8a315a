import type { Guard } from '../host/guard.ts';
import type { Tuned } from '../host/tune/tune.ts';
import { recordEnvironmentWarning } from '../store/environment-writer.ts';
import type { Db } from '../store/open.ts';
import type { Terminal } from './terminal.ts';

/** Ends the tuning of a sweep: notes what did not last, and sees that everything is put back. */
export async function settle(
  tuned: Tuned,
  guard: Guard,
  db: Db,
  environmentId: number | undefined,
  terminal: Terminal,
): Promise<void> {
  try {
    for (const { target, after } of await tuned.lost()) {
      const message = `${target} was no longer ${after} when the sweep ended: somebody else sets it, too`;
      terminal.talk(`tuning-lost: ${message}`);
      if (environmentId === undefined) continue;
      recordEnvironmentWarning(db, environmentId, { code: 'tuning-lost', message });
    }
  } finally {
    await guard.close();
    for (const { target, before } of await tuned.putBack()) {
      terminal.talk(`could not put back ${target}; it was ${before}`);
    }
  }
}
