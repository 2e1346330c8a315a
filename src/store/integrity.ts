import { existsSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import { execa } from 'execa';
import { DATABASE_VERSION, guarded, MIGRATIONS } from './open.ts';
import { removeOrphans, salvageRows } from './salvage.ts';

/** What SQLite finds wrong with a database; empty when it is whole. */
export function findDamage(file: string): readonly string[] {
  return guarded(file, () => {
    let db: Database.Database | undefined;
    try {
      db = new Database(file, { timeout: 5000, readonly: true });
      const found = db.pragma('integrity_check(20)') as { integrity_check: string }[];
      const orphans = db.pragma('foreign_key_check') as { table: string }[];
      return [
        ...found.map((row) => row.integrity_check).filter((text) => text !== 'ok'),
        ...[...new Set(orphans.map(({ table }) => table))].map(
          (table) => `rows of ${table} have lost the rows they belong to`,
        ),
      ];
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (!/^SQLITE_(CORRUPT|NOTADB)/.test(code ?? '')) throw error;
      return [message];
    } finally {
      db?.close();
    }
  });
}

/** How rows were read: page by page with `.recover`, or table by table, which saves less. */
export type RecoveredBy = 'sqlite3' | 'rows';

export type Recovery =
  | {
      readonly state: 'saved';
      readonly by: RecoveredBy;
      readonly sweeps: number;
      readonly runs: number;
    }
  | { readonly state: 'failed'; readonly reason: 'no-sqlite3' | 'taken' | 'nothing' };

/** Saves what can be read of a damaged database into another file; the damaged one stays as it is. */
export async function recover(file: string, target: string): Promise<Recovery> {
  if (existsSync(target)) return { state: 'failed', reason: 'taken' };
  const draft = `${target}.partial`;
  const removeDraft = () => {
    for (const side of ['', '-wal', '-shm', '-journal']) rmSync(draft + side, { force: true });
  };
  try {
    const ways = { sqlite3: recoverPages, rows: recoverRows } as const;
    for (const by of ['sqlite3', 'rows'] as const) {
      removeDraft();
      await ways[by](file, draft);
      const saved = countSaved(draft);
      if (!saved) continue;
      renameSync(draft, target);
      return { state: 'saved', by, ...saved };
    }
    const asked = await execa('sqlite3', ['--version'], { reject: false, stdin: 'ignore' });
    return { state: 'failed', reason: asked.failed ? 'no-sqlite3' : 'nothing' };
  } finally {
    removeDraft();
  }
}

/** Debian's sqlite3 has the command and cannot carry it out: its library is built without dbpage. */
async function recoverPages(file: string, draft: string): Promise<void> {
  const own = { reject: false, stderr: 'ignore' } as const;
  const words = ['-batch', '-init', '/dev/null'];
  await execa('sqlite3', [...words, resolve(file), '.recover'], {
    ...own,
    stdin: 'ignore',
    buffer: false,
  }).pipe('sqlite3', [...words, resolve(draft)], { ...own, stdout: 'ignore' });
}

async function recoverRows(file: string, draft: string): Promise<void> {
  const damaged = new Database(file, { timeout: 5000, readonly: true });
  const fresh = new Database(draft);
  try {
    fresh.pragma('foreign_keys = OFF');
    fresh.transaction(() => {
      for (const migration of MIGRATIONS) fresh.exec(migration);
      salvageRows(damaged, fresh);
    })();
  } finally {
    damaged.close();
    fresh.close();
  }
}

function countSaved(file: string): { sweeps: number; runs: number } | undefined {
  if (!existsSync(file)) return undefined;
  const db = new Database(file);
  try {
    db.pragma('foreign_keys = OFF');
    removeOrphans(db);
    const count = (table: 'sweep' | 'run') =>
      (db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;
    // Where the first page is lost, so is the version.
    db.pragma(`user_version = ${DATABASE_VERSION}`);
    const saved = { sweeps: count('sweep'), runs: count('run') };
    return saved.sweeps > 0 ? saved : undefined;
  } catch {
    return undefined;
  } finally {
    db.close();
  }
}
