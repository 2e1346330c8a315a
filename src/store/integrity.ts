import { closeSync, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { inheritIdentity } from './database-identity.ts';
import { DATABASE_VERSION, MIGRATIONS, migrate, strangeIn, versionOf } from './migrations.ts';
import { type Db, guarded } from './open.ts';
import { harden, recognise, requireVersion } from './recognise.ts';
import { removeOrphans, salvagedIdentity, salvageRows } from './salvage.ts';
import { orphanedTables } from './sound-rows.ts';

/**
 * Lists what is wrong with a database; empty if it is undamaged.
 * @throws UserError when it is not ours
 */
export function findDamage(file: string): readonly string[] {
  return guarded(file, () => {
    let db: Db | undefined;
    try {
      if (!recognise(file, 'read')) return ['it is empty'];
      db = openDamaged(file);
      const version = versionOf(db);
      requireVersion(file, version);
      const strange = strangeIn(db, version);
      // A full check would evaluate expressions that somebody else has put into the schema.
      return strange === undefined ? damageIn(db) : [strange];
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (!/^SQLITE_(CORRUPT|NOTADB)/.test(code ?? '')) throw error;
      return [message];
    } finally {
      db?.close();
    }
  });
}

/** Lists damaged pages and rows without the rows they belong to. */
export function damageIn(db: Db): readonly string[] {
  const found = db.pragma('integrity_check(20)') as { integrity_check: string }[];
  return [
    ...found.map((row) => row.integrity_check).filter((text) => text !== 'ok'),
    ...orphanedTables(db).map((table) => `rows of ${table} have lost the rows they belong to`),
  ];
}

function openDamaged(file: string): Db {
  const db = new Database(file, { timeout: 5000, readonly: true });
  harden(db);
  return db;
}

export type Recovery =
  | { readonly state: 'saved'; readonly sweeps: number; readonly runs: number }
  | { readonly state: 'failed'; readonly reason: 'taken' | 'nothing' };

/**
 * Saves what can be read of a damaged database into another file, row by row. The damaged file is
 * not changed, and no SQL from it is executed.
 */
export function recover(file: string, target: string): Recovery {
  return guarded(target, () => {
    if (lstatSync(target, { throwIfNoEntry: false })) return { state: 'failed', reason: 'taken' };
    const draft = `${target}.partial`;
    const removeDraft = () => {
      for (const side of ['', '-wal', '-shm', '-journal']) rmSync(draft + side, { force: true });
    };
    try {
      removeDraft();
      // The file is created here because SQLite would follow a link that was planted in the
      // meantime.
      closeSync(openSync(draft, 'wx', 0o644));
      const saved = saveRows(file, draft);
      if (saved.sweeps === 0) return { state: 'failed', reason: 'nothing' };
      renameSync(draft, target);
      return { state: 'saved', ...saved };
    } finally {
      removeDraft();
    }
  });
}

function saveRows(file: string, draft: string): { sweeps: number; runs: number } {
  const damaged = openDamaged(file);
  const fresh = new Database(draft);
  try {
    fresh.pragma('foreign_keys = OFF');
    const version = readableVersion(damaged);
    fresh.transaction(() => {
      for (const migration of MIGRATIONS.slice(0, version)) fresh.exec(migration);
      fresh.pragma(`user_version = ${version}`);
      salvageRows(damaged, fresh);
      removeOrphans(fresh);
    })();
    migrate(fresh);
    const identity = salvagedIdentity(damaged);
    if (identity !== undefined) inheritIdentity(fresh, identity);
    const count = (table: 'sweep' | 'run') =>
      (fresh.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;
    return { sweeps: count('sweep'), runs: count('run') };
  } finally {
    damaged.close();
    fresh.close();
  }
}

/** The version, or the current one if the version was lost with the first page. */
function readableVersion(damaged: Db): number {
  try {
    const version = versionOf(damaged);
    if (version >= 1 && version <= DATABASE_VERSION) return version;
  } catch {
    // Its rows cannot be read either.
  }
  return DATABASE_VERSION;
}
