import { join } from 'node:path';
import { type FolderDatabase, markFolder, requireOwnFolder } from '../export/folder-mark.ts';
import { writeFolder } from '../export/safe-file.ts';
import { databaseId } from '../store/database-identity.ts';
import type { Db } from '../store/open.ts';
import type { SweepRow } from '../store/reader.ts';
import { databaseFile } from './options.ts';
import type { Ownership } from './ownership.ts';

interface Places {
  readonly results: string;
  readonly db: string | undefined;
}

/** The folder for what is made from a sweep. */
export function pathOfSweepFolder(
  { results }: Pick<Places, 'results'>,
  { name, id }: Pick<SweepRow, 'name' | 'id'>,
): string {
  return join(results, `${name}-${id}`);
}

/** The database, as such a folder is marked with it. */
export function folderDatabase(places: Places, db: Db): FolderDatabase {
  return { id: databaseId(db), file: databaseFile(places) };
}

/**
 * Checks before any run that the tables can be written later. @throws UserError naming the owner of
 * the folder
 */
export function requireSweepFolder(places: Places, db: Db, sweep: SweepRow): void {
  requireOwnFolder(pathOfSweepFolder(places, sweep), folderDatabase(places, db));
}

/**
 * Creates the folder for everything that is made from a sweep, marks it as belonging to its
 * database, and has it handed back to the user who called sudo.
 * @throws UserError when it belongs to another database, or cannot be written
 */
export async function sweepFolder(
  places: Places,
  db: Db,
  sweep: SweepRow,
  owner: Ownership,
): Promise<string> {
  const folder = pathOfSweepFolder(places, sweep);
  owner.folder(folder);
  await writeFolder(folder, 'what is made from the sweep', async () => {
    owner.file(await markFolder(folder, folderDatabase(places, db)));
  });
  return folder;
}
