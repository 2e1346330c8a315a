import { ExitCode, UserError } from '../../errors.ts';
import type { Db } from '../db.ts';
import { damageIn } from '../integrity.ts';
import { listSweeps } from '../reader.ts';
import { storageError } from '../storage-errors.ts';
import { tablesOf } from '../tables-of.ts';

/** The greatest text or blob that a sweep can hold is a trace, which ends at 64 MiB and a line. */
const LARGEST_BYTES = 72 * 1024 ** 2;

/**
 * Makes sure of what opening a database does not check: no page is damaged, every row has the row
 * it belongs to, in the same sweep, and no value is larger than any of ours.
 * @throws UserError naming the file
 */
export function requireWhole(db: Db, file: string): void {
  try {
    requireNoHugeValue(db, file);
    listSweeps(db);
    const [damage] = damageIn(db);
    if (damage !== undefined) throw refusal(file, `is damaged: ${damage}`);
    for (const [what, sql] of ASTRAY) {
      const id = db.prepare<[], number>(`${sql} LIMIT 1`).pluck().get();
      if (id !== undefined) throw refusal(file, `is damaged: ${what} ${id} belongs to two sweeps`);
    }
  } catch (error) {
    throw storageError(file, error);
  }
}

/** Queries that find rows whose references lead to two sweeps. */
const ASTRAY = [
  [
    'run',
    `SELECT run.id FROM run JOIN cell ON cell.id = cell_id
     JOIN environment ON environment.id = environment_id
     WHERE environment.sweep_id <> cell.sweep_id`,
  ],
  [
    'environment',
    `SELECT environment.id FROM environment
     LEFT JOIN environment_origin ON environment_id = environment.id
     LEFT JOIN sweep_origin ON sweep_origin.id = origin_id
     WHERE sweep_origin.sweep_id IS NOT environment.sweep_id AND (origin_id NOT NULL
       OR EXISTS (SELECT 1 FROM sweep_origin AS own WHERE own.sweep_id = environment.sweep_id))`,
  ],
] as const;

function requireNoHugeValue(db: Db, file: string): void {
  for (const { name: table } of tablesOf(db)) {
    const columns = (db.pragma(`table_info(${table})`) as { name: string; type: string }[])
      .filter(({ type }) => type !== 'INTEGER' && type !== 'REAL')
      .map(({ name }) => `octet_length(${name}) > ${LARGEST_BYTES}`);
    if (columns.length === 0) continue;
    const found = db.prepare(`SELECT 1 FROM ${table} WHERE ${columns.join(' OR ')} LIMIT 1`).get();
    if (found === undefined) continue;
    throw refusal(
      file,
      `has a value of more than ${LARGEST_BYTES / 1024 ** 2} MiB in its table ${table}, which ipc-sweep never writes`,
    );
  }
}

function refusal(file: string, why: string): UserError {
  return new UserError(`${file} ${why}`, {
    hint: `leave it out; or \`ipc-sweep doctor --db ${file}\` saves what can be read in a new file`,
    exitCode: ExitCode.machine,
  });
}
