import { type Db, openForReading } from '../store/open.ts';
import { chooseSweep, type SweepRow } from '../store/reader.ts';
import { storageError } from '../store/storage-errors.ts';
import { databaseFile } from './options.ts';
import { Ownership } from './ownership.ts';

/** A sweep from which files are written. */
export interface StoredSweep {
  readonly db: Db;
  readonly sweep: SweepRow;
  /** The ownership of the written files. */
  readonly owner: Ownership;
}

/**
 * Opens a database to write something from one of its sweeps: a consistent snapshot, even while a
 * sweep is running. Written files are handed back to the user who called sudo.
 * @throws UserError when there is no such sweep, or the database cannot be read
 */
export async function fromStoredSweep<T>(
  args: {
    readonly db: string | undefined;
    readonly results: string;
    readonly sweep: string | undefined;
  },
  work: (stored: StoredSweep) => Promise<T>,
): Promise<T> {
  const owner = new Ownership(process.env, process.geteuid?.());
  const file = databaseFile(args);
  const db = openForReading(file);
  try {
    db.exec('BEGIN');
    return await work({ db, sweep: chooseSweep(db, args.sweep), owner });
  } catch (error) {
    throw storageError(file, error);
  } finally {
    db.close();
    owner.handBack();
  }
}
