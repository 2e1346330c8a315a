import { ExitCode, UserError } from '../errors.ts';
import { type Db, openForWriting, requireDatabase } from '../store/open.ts';
import { type SweepRow, sweepById } from '../store/reader.ts';
import { storageError } from '../store/storage-errors.ts';
import { databaseFile } from './options.ts';
import { Ownership } from './ownership.ts';

interface Places {
  readonly db: string | undefined;
  readonly results: string;
}

/**
 * Opens a database to change one of its sweeps, and keeps other writers out meanwhile: nothing
 * changes under a sweep that is being run.
 * @param found the sweep as it was read before
 * @throws UserError when somebody writes to the database, or the sweep is no longer that one
 */
export function changeSweep<T>(
  places: Places,
  found: SweepRow,
  change: (db: Db, sweep: SweepRow) => T,
): T {
  const file = databaseFile(places);
  // It may have been removed while the user was asked, and opening it would make an empty one.
  requireDatabase(file);
  const owner = new Ownership(process.env, process.geteuid?.());
  owner.database(file);
  try {
    const { db, close } = openForWriting(file);
    try {
      const sweep = sweepById(db, found.id);
      if (sweep.name !== found.name || sweep.started_at !== found.started_at) {
        throw new UserError(`somebody else has just changed sweep ${found.name}-${found.id}`, {
          hint: '`ipc-sweep status` shows what is there now',
          exitCode: ExitCode.machine,
        });
      }
      return change(db, sweep);
    } finally {
      close();
    }
  } catch (error) {
    throw storageError(file, error);
  } finally {
    owner.handBack();
  }
}
