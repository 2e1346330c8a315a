import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';

const SCHEMA = readFileSync(new URL('../../src/store/schema.sql', import.meta.url), 'utf8');

/** A database as ipc-sweep 0.1 has made it, with one sweep. */
export function madeByVersion1(file: string, journalMode: 'delete' | 'wal' = 'delete') {
  const db = new Database(file);
  db.pragma(`journal_mode = ${journalMode}`);
  db.exec(SCHEMA);
  db.pragma('user_version = 1');
  db.exec(`INSERT INTO sweep VALUES (1, 'old', '', 'i', '/s.yaml', 'name: old', 1, 'shuffled', 0, 0,
    1, 1, NULL, NULL, 0, 'none', '', '', '', '/b', 'h', 1, 1, 0, '2026-01-01', NULL, 'stopped')`);
  return db;
}
