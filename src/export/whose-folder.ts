import { lstatSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ExitCode, UserError } from '../errors.ts';
import { readPlain } from '../host/plain-file.ts';
import { writeWhole } from './safe-file.ts';

/** The database that a folder's tables are made from. */
export interface Source {
  readonly id: string;
  readonly file: string;
}

/** In every folder of a sweep: which database's sweep it is. */
export const MARK = '.ipc-sweep';
const MOST_BYTES = 10_000;

/**
 * Sees to it that a sweep's folder holds no tables of another database, which has a sweep of the
 * same name and id. A database that is no longer where it was, or was made anew, has none.
 * @throws UserError naming the other one
 */
export function requireOwnFolder(folder: string, source: Source): void {
  const other = markIn(folder);
  if (other === undefined || other.id === source.id) return;
  const [theirs, ours] = [other.file, source.file].map((file) =>
    lstatSync(file, { throwIfNoEntry: false }),
  );
  if (!theirs?.isFile() || (theirs.ino === ours?.ino && theirs.dev === ours.dev)) return;
  throw new UserError(
    `${folder} holds the tables of a sweep of another database, ${other.file}: they are not overwritten`,
    {
      hint: `name another folder with --results; or remove ${folder}, and \`ipc-sweep export --db ${other.file}\` can write those tables again`,
      exitCode: ExitCode.machine,
    },
  );
}

/** Marks a folder that is there as that of a database. @returns the mark's path */
export async function markFolder(folder: string, source: Source): Promise<string> {
  requireOwnFolder(folder, source);
  const path = join(folder, MARK);
  const mark = { database: source.id, file: relative(resolve(folder), resolve(source.file)) };
  const known = markIn(folder);
  // What a folder is moved with is still beside it.
  if (known?.id !== source.id || resolve(known.file) !== resolve(source.file)) {
    await writeWhole(path, `${JSON.stringify(mark)}\n`);
  }
  return path;
}

/** Undefined where there is none that can be read: folders of older versions have none. */
function markIn(folder: string): Source | undefined {
  try {
    // A link is refused where the folder is written to.
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
