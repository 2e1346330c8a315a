import type Database from 'better-sqlite3';

/** A database of sweeps that is open. */
export type Db = Database.Database;
