import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { ExitCode, UserError } from '../errors.ts';

export type Db = Database.Database;

/** Each entry takes a database from its index to the next `user_version`. */
const MIGRATIONS: readonly string[] = [
  readFileSync(new URL('./schema.sql', import.meta.url), 'utf8'),
];

/**
 * Opens the database for writing, making or migrating it.
 * @throws UserError when it cannot be written, is no database, or comes from a newer ipc-sweep
 */
export function openForWriting(file: string): Db {
  return guarded(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    const db = new Database(file, { timeout: 5000 });
    try {
      prepare(db, file);
    } catch (error) {
      db.close();
      throw error;
    }
    return db;
  });
}

/** Opens an existing database; nothing in it can be changed. */
export function openForReading(file: string): Db {
  if (!existsSync(file)) {
    throw new UserError(`there is no database ${file}`, {
      hint: '`ipc-sweep run SPEC` makes it; --db names another one',
    });
  }
  return guarded(file, () => {
    const db = new Database(file, { timeout: 5000, readonly: true });
    try {
      refuseOtherVersions(db, file, { older: true });
    } catch (error) {
      db.close();
      throw error;
    }
    return db;
  });
}

function prepare(db: Db, file: string): void {
  db.pragma('journal_mode = WAL');
  // In WAL mode NORMAL survives a crash of the program at any instant; FULL would cost an fsync
  // a run to survive a power cut without losing the last runs.
  db.pragma('synchronous = NORMAL');
  db.pragma('foreign_keys = ON');
  refuseOtherVersions(db, file, { older: false });
  db.transaction(() => {
    const version = versionOf(db);
    for (const migration of MIGRATIONS.slice(version)) db.exec(migration);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  }).immediate();
}

function refuseOtherVersions(db: Db, file: string, refuse: { older: boolean }): void {
  const version = versionOf(db);
  if (version > MIGRATIONS.length) {
    throw new UserError(
      `${file} was written by a newer ipc-sweep (database version ${version}, this one knows ${MIGRATIONS.length})`,
      { hint: 'update ipc-sweep, or name another file with --db', exitCode: ExitCode.machine },
    );
  }
  const foreign =
    version === 0 && db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table'").get();
  if (foreign || (refuse.older && version === 0)) {
    throw new UserError(`${file} is not a database of ipc-sweep`, {
      hint: 'name another file with --db',
      exitCode: ExitCode.machine,
    });
  }
}

function versionOf(db: Db): number {
  return db.pragma('user_version', { simple: true }) as number;
}

function guarded<T>(file: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const code = (error as { code?: unknown }).code;
    if (typeof code === 'string') {
      throw new UserError(
        `cannot use the database ${file}: ${(error as Error).message} (${code})`,
        {
          hint: 'check the folder, its permissions and its free space, or name another file with --db',
          exitCode: ExitCode.machine,
        },
      );
    }
    throw error;
  }
}
