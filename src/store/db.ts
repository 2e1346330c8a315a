import type Database from 'better-sqlite3';

/** An open database of sweeps. */
export type Db = Database.Database;
