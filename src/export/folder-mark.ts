import { lstatSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ExitCode, UserError } from '../errors.ts';
import { readPlain } from '../host/plain-file.ts';
import { writeWhole } from './safe-file.ts';

/** The database from which a folder's tables are made. */
export interface FolderDatabase {
  readonly id: string;
  readonly file: string;
}

/** A file in every folder of a sweep that says to which database the sweep belongs. */
export const MARK = '.ipc-sweep';
const MOST_BYTES = 10_000;

/**
 * Makes sure that a sweep's folder holds no tables of another database, which has a sweep of the
 * same name and id. A database that has been moved away or created anew does not count.
 * @throws UserError naming the other one
 */
export function requireOwnFolder(folder: string, source: FolderDatabase): void {
  const other = markIn(folder);
  if (other === undefined || other.id === source.id) return;
  if (!isOtherDatabase(other.file, source.file)) return;
  throw new UserError(
    `${folder} holds the tables of a sweep of another database, ${other.file}: they are not overwritten`,
    {
      hint: `name another folder with --results; or remove ${folder}, and \`ipc-sweep export --db ${other.file}\` can write those tables again`,
      exitCode: ExitCode.machine,
    },
  );
}

/** The errors of a path in which something else has taken the place of a folder. */
const GONE = ['ENOTDIR', 'ELOOP', 'ENAMETOOLONG'];

function isOtherDatabase(their: string, own: string): boolean {
  try {
    const [theirs, ours] = [their, own].map((file) => lstatSync(file, { throwIfNoEntry: false }));
    return theirs?.isFile() === true && (theirs.ino !== ours?.ino || theirs.dev !== ours.dev);
  } catch (error) {
    // Where this user may not look, it may well be there.
    return !GONE.includes((error as NodeJS.ErrnoException).code ?? '');
  }
}

/** Whether a folder is marked as that of a database. */
export function isFolderOf(folder: string, { id }: FolderDatabase): boolean {
  return markIn(folder)?.id === id;
}

/** Marks an existing folder as that of a database. @returns the mark's path */
export async function markFolder(folder: string, source: FolderDatabase): Promise<string> {
  requireOwnFolder(folder, source);
  const path = join(folder, MARK);
  const mark = { database: source.id, file: relative(resolve(folder), resolve(source.file)) };
  const known = markIn(folder);
  // If the folder was moved together with its database, the database is still beside it.
  if (known?.id !== source.id || resolve(known.file) !== resolve(source.file)) {
    await writeWhole(path, `${JSON.stringify(mark)}\n`);
  }
  return path;
}

/** Returns undefined if there is no readable mark: folders of older versions have none. */
function markIn(folder: string): FolderDatabase | undefined {
  try {
    // A link is refused later, when the folder is written to.
    if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined;
    const text = readPlain(join(folder, MARK), MOST_BYTES)?.toString('utf8') ?? '';
    const { database, file } = JSON.parse(text) as Record<string, unknown>;
    if (typeof database !== 'string' || typeof file !== 'string') return undefined;
    return file.includes('\0') ? undefined : { id: database, file: join(folder, file) };
  } catch (error) {
    const isUnread = (error as NodeJS.ErrnoException).syscall !== undefined;
    if (isUnread || error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
