import { ExitCode, UserError } from '../errors.ts';
import type { RunState } from '../execute/outcome.ts';
import {
  AXES_IN_TABLES,
  AXIS,
  type AxisColumn,
  type AxisName,
  type AxisTable,
  type AxisValue,
} from '../experiment/axes.ts';
import { type Cell, cellOfValues, valueOn } from '../experiment/cell.ts';
import { clip } from '../experiment/problems.ts';
import { SWEEP_NAME, SWEEP_NAME_EXPECTED } from '../experiment/sweep-name.ts';
import { STANDS_FIRST } from './cell-data.ts';
import { fileOf } from './db.ts';
import { ITERATIONS_AS_RUNS } from './iterations-as-runs.ts';
import { sweepsMeant, unambiguousNames } from './merge/sweeps-meant.ts';
import type { Db } from './open.ts';

export type SweepState = 'running' | 'interrupted' | 'stopped' | 'ended';

/** The row of a stored sweep. Fields are named after the columns. */
export interface SweepRow {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly spec_file: string;
  readonly seed: number;
  readonly run_order: string;
  readonly planned_runs: number;
  readonly warmup: number;
  readonly trials_min: number;
  readonly trials_max: number;
  readonly relative_ci: number | null;
  readonly budget_ms: number | null;
  readonly controls: number;
  readonly tracer: string;
  readonly iterations: number;
  readonly bare: number;
  readonly started_at: string;
  readonly ended_at: string | null;
  /** Running time, added up over all starts of the sweep. */
  readonly active_ms: number;
  readonly state: SweepState;
  /**
   * The shard of the sweep that is made here, from 1 to `shards`; both are null if it is not
   * divided.
   */
  readonly shard: number | null;
  readonly shards: number | null;
  /** 1 if its runs are the iterations of processes (`import-notebook --iterations-as-runs`). */
  readonly iterations_as_runs: number;
  /** A note that somebody has written about it; empty if there is none. */
  readonly note: string;
}

/** The columns of a {@link SweepRow}: without the texts of spec and programs, which may be long. */
const COLUMNS: Readonly<Record<Exclude<keyof SweepRow, 'iterations_as_runs'>, true>> = {
  ...{ id: true, name: true, description: true, spec_file: true, seed: true, run_order: true },
  ...{ planned_runs: true, warmup: true, trials_min: true, trials_max: true, relative_ci: true },
  ...{ budget_ms: true, controls: true, tracer: true, iterations: true, bare: true },
  ...{ started_at: true, ended_at: true, active_ms: true, state: true, note: true },
  ...{ shard: true, shards: true },
};
const SWEEP_COLUMNS = Object.keys(COLUMNS).join(', ');

/** A stored cell: its place in the matrix, and a column for each axis. */
export type CellRow = {
  readonly cell: number;
  /** 1 if each host runs the whole matrix, so that cells also differ by host. */
  readonly host_axis: number;
} & {
  /**
   * The host is the one that makes its runs, whether or not it is an axis. A name that is not known,
   * or no axis, is empty.
   */
  readonly [Name in AxisName as AxisTable[Name]['column']]: StoredValue<AxisTable[Name]['kind']>;
};

type StoredValue<Kind> = Kind extends 'size' | 'flag' ? number : string;

/** The column of each axis, in the order in which every table shows them. */
export const AXIS_COLUMNS: readonly AxisColumn[] = AXES_IN_TABLES.map((axis) => AXIS[axis].column);

const HOST_OF_CELL = "iif(cell.host = '', cell.assigned_host, cell.host) AS host";
/** The columns of the table cell that make a {@link CellRow}. */
export const CELL_COLUMNS = [
  'cell.number AS cell',
  ...AXIS_COLUMNS.map((column) => (column === 'host' ? HOST_OF_CELL : `cell.${column}`)),
  "cell.host <> '' AS host_axis",
].join(', ');

/** A stored cell, in the form that the matrix uses. */
export function cellOf(row: Omit<CellRow, 'cell'>): Cell {
  return cellOfValues((axis) => ownAxisOf(row, axis));
}

/** A cell's value on an axis, as a spec has it; the host is the one where its runs are made. */
export function axisOf<Name extends AxisName>(
  row: Pick<CellRow, AxisTable[Name]['column']>,
  axis: Name,
): AxisValue {
  const { column, kind } = AXIS[axis];
  const value: AxisValue = row[column as AxisTable[Name]['column']];
  return kind === 'flag' ? value === 1 : value;
}

/**
 * Works like {@link axisOf}, but leaves the host out when the cells are only distributed among
 * hosts.
 */
export function ownAxisOf(row: Omit<CellRow, 'cell'>, axis: AxisName): AxisValue {
  return axis === 'host' && row.host_axis === 0 ? '' : axisOf(row, axis);
}

/** The values of a cell for {@link AXIS_COLUMNS}. */
export function storedValues(cell: Cell): readonly (string | number)[] {
  return AXES_IN_TABLES.map((axis) => {
    const value = valueOn(cell, axis);
    return typeof value === 'boolean' ? Number(value) : value;
  });
}

/** How much of a wrong name is shown in a message. */
const LONGEST_NAME = 80;

/**
 * Lists all sweeps, the newest first.
 * @throws UserError when one has a name that no spec can give, since folders are named after it
 */
export function listSweeps(db: Db): readonly SweepRow[] {
  const sweeps = db
    .prepare<[], SweepRow>(
      `SELECT ${SWEEP_COLUMNS}, ${ITERATIONS_AS_RUNS} AS iterations_as_runs
       FROM sweep ORDER BY id DESC`,
    )
    .all();
  const odd = sweeps.find(({ name }) => !SWEEP_NAME.test(name));
  if (!odd) return sweeps;
  const name = JSON.stringify(clip(odd.name, LONGEST_NAME));
  throw new UserError(
    `sweep ${odd.id} of ${fileOf(db)} is called ${name}, but a sweep can only have ${SWEEP_NAME_EXPECTED}`,
    {
      hint: 'no spec can have that name: somebody has changed the database; do not trust it',
      exitCode: ExitCode.machine,
    },
  );
}

/** A sweep by its id. @throws UserError when it is gone */
export function sweepById(db: Db, id: number): SweepRow {
  const found = listSweeps(db).find((sweep) => sweep.id === id);
  if (found) return found;
  throw new UserError(`the database holds no sweep ${id}`, { exitCode: ExitCode.machine });
}

/**
 * Finds the sweep that a user means.
 * @param which undefined for the newest sweep; otherwise a sweep's id, its name (then the newest of
 * that name), name and id joined by a dash, `@` and its id, which is never ambiguous, or the name,
 * `@` and the origin of a merged sweep
 * @throws UserError when there is none, or when several could be meant
 */
export function chooseSweep(db: Db, which: string | undefined): SweepRow {
  const sweeps = listSweeps(db);
  const meant = which === undefined ? sweeps.slice(0, 1) : sweepsMeant(db, sweeps, which);
  const [found, ...others] = meant;
  if (found && others.length === 0) return found;
  if (found) {
    const each = meant
      .slice(0, MOST_SHOWN)
      .map(({ id, name }) => `sweep ${id}, which is called ${name}`);
    const more = meant.length > each.length ? `, and ${meant.length - each.length} more` : '';
    const names = unambiguousNames(db, sweeps, meant).slice(0, MOST_SHOWN);
    throw new UserError(`${which} can be ${each.join(', or ')}${more}`, {
      hint: `say which: ${names.join(' or ')}${more && ' ...'}`,
    });
  }
  const known = sweeps.slice(0, MOST_SHOWN).map(({ name, id }) => `${name}-${id}`);
  throw new UserError(
    which === undefined ? 'the database holds no sweep' : `the database holds no sweep ${which}`,
    {
      hint: known.length > 0 ? `it holds ${known.join(', ')}` : '`ipc-sweep run SPEC` makes one',
      exitCode: ExitCode.usage,
    },
  );
}

/** The most sweeps that a message names. */
const MOST_SHOWN = 10;

/**
 * The sweeps made under the same conditions as a given one, in the same database, including itself;
 * oldest first. Sweeps that were merged from different databases are not counted as repeats,
 * because two machines may have the same name.
 */
export function repeatsOf(db: Db, sweepId: number): readonly SweepRow[] {
  const ids = db
    .prepare<[number], { id: number }>(
      `WITH made AS (SELECT id, identity,
         (SELECT group_concat(database ORDER BY database) FROM sweep_origin
          WHERE sweep_id = sweep.id) AS databases FROM sweep)
       SELECT made.id FROM made JOIN made AS given
         ON given.identity = made.identity AND given.databases IS made.databases
       WHERE given.id = ?`,
    )
    .all(sweepId);
  const alike = new Set(ids.map(({ id }) => id));
  return listSweeps(db)
    .filter(({ id }) => alike.has(id))
    .toReversed();
}

/** The cells that are made here, in the order of the matrix. */
export function cellsOf(db: Db, sweepId: number): readonly CellRow[] {
  return db
    .prepare<[number], CellRow>(
      `SELECT ${CELL_COLUMNS}
       FROM cell WHERE sweep_id = ? AND asked = 1 AND other_shard = 0 ORDER BY number`,
    )
    .all(sweepId);
}

/**
 * How many runs of a sweep ended in which state, warm-up trials included. A run counts once, by the
 * attempt that stands for it.
 */
export function stateCounts(db: Db, sweepId: number): ReadonlyMap<RunState, number> {
  const rows = db
    .prepare<[number], { state: RunState; count: number }>(
      `SELECT state, count(*) AS count FROM (
         SELECT state, row_number() OVER (
             PARTITION BY cell, trial, traced ORDER BY ${STANDS_FIRST}) AS place
         FROM run_overview WHERE sweep_id = ?)
       WHERE place = 1 GROUP BY state`,
    )
    .all(sweepId);
  return new Map(rows.map(({ state, count }) => [state, count]));
}

/** Counts the planned runs that are done: at least one attempt was not interrupted. */
export function runsDone(db: Db, sweepId: number): number {
  const row = db
    .prepare<[number], { count: number }>(
      `SELECT count(*) AS count FROM (SELECT DISTINCT cell, trial, traced
         FROM run_overview JOIN sweep ON sweep.id = sweep_id
         WHERE sweep_id = ? AND trial <= sweep.warmup + sweep.trials_max
           AND run_overview.state <> 'interrupted')`,
    )
    .get(sweepId);
  return row?.count ?? 0;
}

/** The expectations, in the order of the spec. */
export function expectationsOf(db: Db, sweepId: number): readonly string[] {
  return db
    .prepare<[number], { text: string }>(
      'SELECT text FROM expectation WHERE sweep_id = ? ORDER BY position',
    )
    .all(sweepId)
    .map(({ text }) => text);
}

/** Names of the state bits as they were when the sweep was run. */
export function stateBits(db: Db, sweepId: number): readonly { bit: number; name: string }[] {
  return db
    .prepare<[number], { bit: number; name: string }>(
      'SELECT bit, name FROM pipe_state_bit WHERE sweep_id = ? ORDER BY bit',
    )
    .all(sweepId);
}
