import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';

/** The first bytes of a rollback journal (https://www.sqlite.org/fileformat2.html). */
export const JOURNAL_MAGIC = Buffer.from('d9d505f920a163d7', 'hex');

/**
 * Leaves a database as a killed writer does: half changed, with the journal that puts it right.
 * @param file a database with samples
 */
export function leaveHalfChanged(file: string): void {
  const copy = `${file}.changing`;
  copyFileSync(file, copy);
  const db = new Database(copy);
  db.pragma('journal_mode = DELETE');
  db.pragma('cache_size = 1');
  db.pragma('cache_spill = 1');
  db.exec(
    "BEGIN; UPDATE sample SET bandwidth_bytes_per_s = 1; UPDATE run SET stderr_tail = printf('%.*c', 4000, 'x')",
  );
  for (const side of ['', '-journal']) copyFileSync(copy + side, file + side);
  db.exec('ROLLBACK');
  db.close();
  rmSync(copy);
  const journal = readFileSync(`${file}-journal`);
  // As it is after the sync that a busy cache makes: the number of its records follows from its size.
  JOURNAL_MAGIC.copy(journal, 0);
  if (journal.readUInt32BE(8) === 0) journal.writeUInt32BE(0xffffffff, 8);
  writeFileSync(`${file}-journal`, journal);
}
