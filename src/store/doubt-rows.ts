import { SELECTED } from './cell-data.ts';
import { hasIterationsAsRuns } from './iterations-as-runs.ts';
import { missingOf, type StoredMissing } from './missing.ts';
import type { Db } from './open.ts';

/** Of one kind of doubt about runs. */
export interface RunDoubtRow {
  readonly code: string;
  /** Runs that have it. */
  readonly runs: number;
  /** 1: it makes them suspect. */
  readonly suspect: number;
  /** The most frequent messages, with the runs that have each. */
  readonly messages: readonly { readonly message: string; readonly runs: number }[];
  /** How many different messages there are. */
  readonly distinct: number;
}

/** Everything that is stored against the numbers of a sweep. */
export interface DoubtRows {
  readonly missing: readonly StoredMissing[];
  /** Its runs are the iterations of processes. */
  readonly iterationsAsRuns: boolean;
  readonly runs: readonly RunDoubtRow[];
  /** How many runs there are. */
  readonly of: number;
  /** About the machine, the newest message of each code. */
  readonly machine: readonly { readonly code: string; readonly message: string }[];
}

/** Runs of some cells that go into figures. */
export interface DoubtScope {
  readonly cells: readonly number[];
  /** Suspect runs are let in. */
  readonly suspect: boolean;
}

/** Messages of a code that are shown; a thousand runs may each have their own. */
const MOST_MESSAGES = 3;

/** @param scope undefined: every stored run of the cells that are asked for */
export function doubtRows(db: Db, sweepId: number, scope?: DoubtScope): DoubtRows {
  const where = scope
    ? `sweep_id = ? AND ${SELECTED} AND cell IN (SELECT value FROM json_each(?))`
    : 'sweep_id = ?';
  const values = scope ? [sweepId, Number(scope.suspect), JSON.stringify(scope.cells)] : [sweepId];
  const total = db
    .prepare<unknown[], { runs: number }>(
      `SELECT count(*) AS runs FROM run_overview WHERE ${where}`,
    )
    .get(...values);
  const codes = db
    .prepare<unknown[], Omit<RunDoubtRow, 'messages'>>(
      `SELECT code, count(DISTINCT run_id) AS runs, max(suspect) AS suspect,
         count(DISTINCT message) AS "distinct"
       FROM run_overview JOIN warning USING (run_id) WHERE ${where} GROUP BY code ORDER BY code`,
    )
    .all(...values);
  const messages = db.prepare<unknown[], { message: string; runs: number }>(
    `SELECT message, count(*) AS runs FROM run_overview JOIN warning USING (run_id)
     WHERE ${where} AND code = ? GROUP BY message ORDER BY runs DESC, message LIMIT ${MOST_MESSAGES}`,
  );
  const machine = db
    .prepare<[number], { code: string; message: string }>(
      `SELECT code, message FROM (
         SELECT code, message, row_number() OVER (
           PARTITION BY code ORDER BY environment_id DESC) AS place
         FROM environment_warning JOIN environment ON environment.id = environment_id
         WHERE sweep_id = ?) WHERE place = 1 ORDER BY code`,
    )
    .all(sweepId);
  return {
    missing: missingOf(db, sweepId),
    iterationsAsRuns: hasIterationsAsRuns(db, sweepId),
    runs: codes.map((row) => ({ ...row, messages: messages.all(...values, row.code) })),
    of: total?.runs ?? 0,
    machine,
  };
}
