import type { Db } from './open.ts';
import type { SweepRow } from './reader.ts';

type Named = Pick<SweepRow, 'id' | 'name'>;

/** Renames a sweep. Its identity keeps the name that the sweep was made under. */
export function renameSweep(db: Db, { id }: Named, name: string): void {
  const original = "iif(made_as = '', name, made_as)";
  db.prepare(
    `UPDATE sweep SET name = @name, made_as = iif(${original} = @name, '', ${original})
     WHERE id = @id`,
  ).run({ id, name });
}

/** Replaces the note of a sweep; an empty text removes it. */
export function noteSweep(db: Db, { id }: Named, note: string): void {
  db.prepare('UPDATE sweep SET note = ? WHERE id = ?').run(note, id);
}

/**
 * Deletes a sweep with everything that belongs to it, in one transaction. The space that it took
 * stays in the file until {@link giveBackSpace}.
 * @throws Error with the code of a damaged database when rows of other sweeps refer to rows of this one
 */
export function deleteSweep(db: Db, { id, name }: Named, at: Date): void {
  const change = db.transaction(() => {
    db.prepare('DELETE FROM sweep WHERE id = ?').run(id);
    db.prepare('DELETE FROM host WHERE id NOT IN (SELECT host_id FROM environment)').run();
    db.prepare('INSERT INTO deleted_sweep VALUES (?, ?, ?)').run(id, name, at.toISOString());
  });
  try {
    change.immediate();
  } catch (error) {
    if ((error as { code?: string }).code !== 'SQLITE_CONSTRAINT_FOREIGNKEY') throw error;
    const message = `rows of other sweeps refer to rows of sweep ${name}-${id}`;
    throw Object.assign(new Error(message), { code: 'SQLITE_CORRUPT' });
  }
}

/** A larger database is copied to a temporary file, not to memory, when its space is given back. */
const MOST_IN_MEMORY = 256 * 1024 * 1024;

/** Makes a database as small as what is in it. If the disk is full, it stays as it was. */
export function giveBackSpace(db: Db): void {
  const pages = db.pragma('page_count', { simple: true }) as number;
  const pageBytes = db.pragma('page_size', { simple: true }) as number;
  if (pages * pageBytes > MOST_IN_MEMORY) db.pragma('temp_store = FILE');
  try {
    db.exec('VACUUM');
  } finally {
    db.pragma('temp_store = MEMORY');
  }
}

/** The number of rows that were stored for the runs of a sweep, and roughly their size. */
export interface SweepSize {
  readonly runs: number;
  readonly cells: number;
  /** The bytes of all values, without what the database needs to keep them. */
  readonly bytes: number;
}

export function sweepSize(db: Db, sweepId: number): SweepSize {
  const tables = db.pragma('table_list') as { name: string; type: string }[];
  let bytes = 0;
  for (const { name } of tables.filter(({ type }) => type === 'table')) {
    const own = belonging(db, name);
    if (own === undefined) continue;
    const columns = db.pragma(`table_info(${name})`) as { name: string }[];
    const size = columns.map((column) => `coalesce(octet_length(${column.name}), 0)`).join(' + ');
    bytes += numberOf(db, `SELECT coalesce(sum(${size}), 0) FROM ${name} WHERE ${own}`, sweepId);
  }
  const count = (table: string) =>
    numberOf(db, `SELECT count(*) FROM ${table} WHERE ${belonging(db, table)}`, sweepId);
  return { runs: count('run'), cells: count('cell'), bytes };
}

function numberOf(db: Db, sql: string, sweepId: number): number {
  return db.prepare<{ id: number }, number>(sql).pluck().get({ id: sweepId }) ?? 0;
}

/** The condition, in SQL, for the rows of a table that are deleted together with sweep `@id`. */
function belonging(db: Db, table: string): string | undefined {
  if (table === 'sweep') return 'id = @id';
  const keys = db.pragma(`foreign_key_list(${table})`) as ForeignKey[];
  const key = keys.find(({ on_delete: action }) => action === 'CASCADE');
  const parents = key && belonging(db, key.table);
  return parents && `${key.from} IN (SELECT id FROM ${key.table} WHERE ${parents})`;
}

interface ForeignKey {
  readonly table: string;
  readonly from: string;
  readonly on_delete: string;
}
