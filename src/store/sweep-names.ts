import Database from 'better-sqlite3';
import type { Cell } from '../experiment/cell.ts';
import { SWEEP_NAME } from '../experiment/sweep-name.ts';
import { versionOf } from './migrations.ts';
import { harden, recognise, requireOurSchema } from './recognise.ts';

/** How long to wait for a lock, in ms. It is short because somebody has pressed a key and waits. */
const PATIENCE_MS = 200;
const MOST_SWEEPS = 500;
const MOST_CELLS = 10_000;

/** A sweep as its name and number tell it apart from the others. */
export interface NamedSweep {
  readonly id: number;
  readonly name: string;
}

/** The values of a cell's axes, under the names that the spec has for them. */
export type AxisValues = Pick<
  Record<keyof Cell, unknown>,
  'ipc' | 'mode' | 'bufferBytes' | 'totalBytes' | 'socketBuffers'
>;

/** The names in a database, for the completion of words. */
export interface SweepNames {
  /** The newest first. */
  readonly sweeps: readonly NamedSweep[];
  /** The values may be of any type, because nothing has checked them. */
  readonly cellsOf: (sweepId: number) => readonly AxisValues[];
}

/**
 * Reads the names in a database, without looking at all its rows. Rows that ipc-sweep never writes
 * are left out.
 * @returns undefined if there is no database, or one that ipc-sweep would not use
 */
export function sweepNames<T>(file: string, use: (names: SweepNames) => T): T | undefined {
  let db: Database.Database | undefined;
  try {
    if (!recognise(file, 'read')) return undefined;
    db = new Database(file, { readonly: true, fileMustExist: true, timeout: PATIENCE_MS });
    harden(db);
    requireOurSchema(db, file);
    if (versionOf(db) < 1) return undefined;
    return use({ sweeps: sweepsIn(db), cellsOf: (id) => cellsIn(db!, id) });
  } catch {
    // If something is wrong with it, the command says so once it is started.
    return undefined;
  } finally {
    db?.close();
  }
}

function sweepsIn(db: Database.Database): readonly NamedSweep[] {
  return db
    .prepare<[number], { id: unknown; name: unknown }>(
      'SELECT id, substr(name, 1, 100) AS name FROM sweep ORDER BY id DESC LIMIT ?',
    )
    .all(MOST_SWEEPS)
    .flatMap(({ id, name }) =>
      typeof id === 'number' && typeof name === 'string' && SWEEP_NAME.test(name)
        ? [{ id, name }]
        : [],
    );
}

function cellsIn(db: Database.Database, sweepId: number): readonly AxisValues[] {
  return db
    .prepare<[number, number], AxisValues>(
      `SELECT DISTINCT substr(ipc, 1, 20) AS ipc, substr(mode, 1, 20) AS mode,
         buffer_bytes AS bufferBytes, total_bytes AS totalBytes, socket_buffers AS socketBuffers
       FROM (SELECT * FROM cell WHERE sweep_id = ? AND asked = 1 LIMIT ?)`,
    )
    .all(sweepId, MOST_CELLS);
}
