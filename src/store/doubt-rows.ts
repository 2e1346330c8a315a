import { SELECTED } from './cell-data.ts';
import { hasIterationsAsRuns } from './iterations-as-runs.ts';
import { missingOf, type StoredMissing } from './missing.ts';
import type { Db } from './open.ts';
import { type CellRow, cellsOf } from './reader.ts';

/** One kind of doubt about runs. */
export interface RunDoubtRow {
  readonly code: string;
  /** The number of runs that have it. */
  readonly runs: number;
  /** 1 if it makes the runs suspect. */
  readonly suspect: number;
  /** The numbers of the cells to which those runs belong. */
  readonly cells: readonly number[];
  /** The most frequent messages, and the number of runs that have each. */
  readonly messages: readonly {
    readonly message: string;
    readonly runs: number;
    readonly cells: readonly number[];
  }[];
  /** How many different messages there are. */
  readonly distinct: number;
}

/** All stored doubts about the numbers of a sweep. */
export interface DoubtRows {
  readonly missing: readonly StoredMissing[];
  /** Whether its runs are the iterations of processes. */
  readonly iterationsAsRuns: boolean;
  readonly runs: readonly RunDoubtRow[];
  /** How many runs there are. */
  readonly of: number;
  /** The cells to which the runs belong. */
  readonly cells: readonly CellRow[];
  /**
   * Doubts about the machines on which the runs were made, with the newest message of each code.
   */
  readonly machine: readonly {
    readonly code: string;
    readonly message: string;
    /** The number of runs that were made under it. */
    readonly runs: number;
    /** The hosts where those runs were made, by their names in the spec. */
    readonly hosts: readonly string[];
  }[];
}

/** The runs of some cells that go into figures. */
export interface DoubtScope {
  readonly cells: readonly number[];
  /** Whether suspect runs are included. */
  readonly suspect: boolean;
}

/** How many messages of a code are shown, because each of a thousand runs may have another one. */
const MOST_MESSAGES = 3;

/** @param scope if undefined, every stored run of the requested cells */
export function doubtRows(db: Db, sweepId: number, scope?: DoubtScope): DoubtRows {
  const where = scope
    ? `sweep_id = ? AND ${SELECTED} AND cell IN (SELECT value FROM json_each(?))`
    : 'sweep_id = ?';
  const values = scope ? [sweepId, Number(scope.suspect), JSON.stringify(scope.cells)] : [sweepId];
  const runsOf = new Map(
    db
      .prepare<unknown[], { cell: number; runs: number }>(
        `SELECT cell, count(*) AS runs FROM run_overview WHERE ${where} GROUP BY cell`,
      )
      .all(...values)
      .map(({ cell, runs }) => [cell, runs]),
  );
  const codes = db
    .prepare<unknown[], Omit<RunDoubtRow, 'messages' | 'cells'> & { cells: string }>(
      `SELECT code, count(DISTINCT run_id) AS runs, max(suspect) AS suspect,
         count(DISTINCT message) AS "distinct", json_group_array(DISTINCT cell) AS cells
       FROM run_overview JOIN warning USING (run_id) WHERE ${where} GROUP BY code ORDER BY code`,
    )
    .all(...values);
  const messages = db.prepare<unknown[], { message: string; runs: number; cells: string }>(
    `SELECT message, count(*) AS runs, json_group_array(DISTINCT cell) AS cells
     FROM run_overview JOIN warning USING (run_id)
     WHERE ${where} AND code = ? GROUP BY message ORDER BY runs DESC, message LIMIT ${MOST_MESSAGES}`,
  );
  return {
    missing: missingOf(db, sweepId),
    iterationsAsRuns: hasIterationsAsRuns(db, sweepId),
    runs: codes.map((row) => ({
      ...row,
      cells: JSON.parse(row.cells),
      messages: messages
        .all(...values, row.code)
        .map((message) => ({ ...message, cells: JSON.parse(message.cells) })),
    })),
    of: [...runsOf.values()].reduce((sum, runs) => sum + runs, 0),
    cells: cellsOf(db, sweepId).filter(({ cell }) => runsOf.has(cell)),
    machine: machineRows(db, where, values),
  };
}

/** Codes of the doubts about the runs of each cell, by the cell's number. */
export function doubtCodesByCell(
  db: Db,
  sweepId: number,
  { suspect }: Pick<DoubtScope, 'suspect'>,
): ReadonlyMap<number, readonly string[]> {
  const rows = db
    .prepare<[number, number], { cell: number; code: string }>(
      `SELECT DISTINCT cell, code FROM run_overview JOIN warning USING (run_id)
       WHERE sweep_id = ? AND ${SELECTED} ORDER BY cell, code`,
    )
    .all(sweepId, Number(suspect));
  const codes = new Map<number, string[]>();
  for (const { cell, code } of rows) {
    const own = codes.get(cell);
    if (own) own.push(code);
    else codes.set(cell, [code]);
  }
  return codes;
}

/** Warnings about the environments in which the runs were made. */
function machineRows(
  db: Db,
  where: string,
  values: readonly (string | number)[],
): DoubtRows['machine'] {
  const rows = db
    .prepare<unknown[], { code: string; message: string; host: string; runs: number }>(
      `SELECT code, message, made.host, runs FROM (
         SELECT run.environment_id, host, count(*) AS runs
         FROM run_overview JOIN run ON run.id = run_id WHERE ${where} GROUP BY 1) AS made
       JOIN environment_warning USING (environment_id) ORDER BY code, environment_id DESC`,
    )
    .all(...values);
  const byCode = new Map<string, DoubtRows['machine'][number]>();
  for (const { host, runs, ...row } of rows) {
    const newer = byCode.get(row.code) ?? { ...row, runs: 0, hosts: [] };
    const hosts = [...new Set([...newer.hosts, host])];
    byCode.set(row.code, { ...newer, runs: newer.runs + runs, hosts });
  }
  return [...byCode.values()];
}
