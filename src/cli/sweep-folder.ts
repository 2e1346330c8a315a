import { join } from 'node:path';
import { writeFolder } from '../export/safe-file.ts';
import { markFolder, requireOwnFolder, type Source } from '../export/whose-folder.ts';
import { databaseId } from '../store/database-identity.ts';
import type { Db } from '../store/open.ts';
import type { SweepRow } from '../store/reader.ts';
import { databaseFile } from './options.ts';
import type { Ownership } from './ownership.ts';

interface Places {
  readonly results: string;
  readonly db: string | undefined;
}

function folderOf({ results }: Places, { name, id }: SweepRow): string {
  return join(results, `${name}-${id}`);
}

function sourceOf(places: Places, db: Db): Source {
  return { id: databaseId(db), file: databaseFile(places) };
}

/** To be asked before runs are made whose tables could not be written. @throws UserError naming whose the folder is */
export function requireSweepFolder(places: Places, db: Db, sweep: SweepRow): void {
  requireOwnFolder(folderOf(places, sweep), sourceOf(places, db));
}

/**
 * Makes the folder for all that is made from a sweep, marks it as that of its database, and has it
 * handed back to whoever called sudo.
 * @throws UserError when it is another database's, or cannot be written
 */
export async function sweepFolder(
  places: Places,
  db: Db,
  sweep: SweepRow,
  owner: Ownership,
): Promise<string> {
  const folder = folderOf(places, sweep);
  owner.folder(folder);
  await writeFolder(folder, 'what is made from the sweep', async () => {
    owner.file(await markFolder(folder, sourceOf(places, db)));
  });
  return folder;
}
