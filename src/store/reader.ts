import { ExitCode, UserError } from '../errors.ts';
import type { RunState } from '../execute/outcome.ts';
import type { Cell } from '../experiment/cell.ts';
import { SWEEP_NAME } from '../experiment/sweep-name.ts';
import { ITERATIONS_AS_RUNS } from './iterations-as-runs.ts';
import type { Db } from './open.ts';

export type SweepState = 'running' | 'interrupted' | 'stopped' | 'ended';

/** A stored sweep, as its row says it. Names are the columns' names. */
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
  /** Running time of all its starts together. */
  readonly active_ms: number;
  readonly state: SweepState;
  /** 1: its runs are the iterations of processes (`import-notebook --iterations-as-runs`). */
  readonly iterations_as_runs: number;
}

export interface CellRow {
  readonly cell: number;
  readonly ipc: string;
  readonly mode: string;
  readonly buffer_bytes: number;
  readonly total_bytes: number;
  readonly socket_buffers: number;
  /** Where its runs are made, as the spec names it; empty: not known, as of an import. */
  readonly host: string;
  /** 1: each host runs the whole matrix, so that the host tells cells apart. */
  readonly host_axis: number;
  /** The name of the benchmark that makes its runs, in a sweep of several; else empty. */
  readonly program: string;
}

/** Of the table cell, what makes a {@link CellRow}. */
export const CELL_COLUMNS =
  "cell.number AS cell, cell.ipc, cell.mode, cell.buffer_bytes, cell.total_bytes, cell.socket_buffers, iif(cell.host = '', cell.assigned_host, cell.host) AS host, cell.host <> '' AS host_axis, cell.program";

/** A stored cell as the matrix has it. */
export function cellOf(row: Omit<CellRow, 'cell'>): Cell {
  return {
    ipc: row.ipc as Cell['ipc'],
    mode: row.mode as Cell['mode'],
    bufferBytes: row.buffer_bytes,
    totalBytes: row.total_bytes,
    socketBuffers: row.socket_buffers === 1,
    ...(row.host_axis === 1 ? { host: row.host } : {}),
    ...(row.program === '' ? {} : { program: row.program }),
  };
}

/**
 * The newest sweep first.
 * @throws UserError when one has a name that no spec can give: folders are named by it
 */
export function listSweeps(db: Db): readonly SweepRow[] {
  const sweeps = db
    .prepare<[], SweepRow>(
      `SELECT *, ${ITERATIONS_AS_RUNS} AS iterations_as_runs FROM sweep ORDER BY id DESC`,
    )
    .all();
  const odd = sweeps.find(({ name }) => !SWEEP_NAME.test(name));
  if (!odd) return sweeps;
  throw new UserError(`sweep ${odd.id} of ${db.name} is called ${JSON.stringify(odd.name)}`, {
    hint: 'no spec can have that name: somebody has changed the database; do not trust it',
    exitCode: ExitCode.machine,
  });
}

/** A sweep by its id. @throws UserError when it is gone */
export function sweepById(db: Db, id: number): SweepRow {
  const found = listSweeps(db).find((sweep) => sweep.id === id);
  if (found) return found;
  throw new UserError(`the database holds no sweep ${id}`, { exitCode: ExitCode.machine });
}

/**
 * @param which undefined for the newest sweep; otherwise a sweep's id, its name (then the newest of
 * that name), name and id joined by a dash, or `@` and its id, which can mean nothing else
 * @throws UserError when there is none, or when several can be meant
 */
export function chooseSweep(db: Db, which: string | undefined): SweepRow {
  const sweeps = listSweeps(db);
  const meant = which === undefined ? sweeps.slice(0, 1) : sweepsMeant(sweeps, which);
  const [found, ...others] = meant;
  if (found && others.length === 0) return found;
  if (found) {
    const each = meant.map(({ id, name }) => `sweep ${id}, which is called ${name}`);
    throw new UserError(`${which} can be ${each.join(', or ')}`, {
      hint: `say which by its id: ${meant.map(({ id }) => `@${id}`).join(' or ')}`,
    });
  }
  const known = sweeps.slice(0, 10).map(({ name, id }) => `${name}-${id}`);
  throw new UserError(
    which === undefined ? 'the database holds no sweep' : `the database holds no sweep ${which}`,
    {
      hint: known.length > 0 ? `it holds ${known.join(', ')}` : '`ipc-sweep run SPEC` makes one',
      exitCode: ExitCode.usage,
    },
  );
}

/** One for each way in which a word names a sweep, where they differ. @param sweeps the newest first */
function sweepsMeant(sweeps: readonly SweepRow[], which: string): readonly SweepRow[] {
  const ways: ((sweep: SweepRow) => boolean)[] = which.startsWith('@')
    ? [({ id }) => `@${id}` === which]
    : [
        ({ id }) => String(id) === which,
        ({ name, id }) => `${name}-${id}` === which,
        ({ name }) => name === which,
      ];
  const found = ways.map((way) => sweeps.find(way)).filter((sweep) => sweep !== undefined);
  return [...new Set(found)];
}

/** The sweeps that were made under the same conditions as one of them, which is among them; oldest first. */
export function repeatsOf(db: Db, sweepId: number): readonly SweepRow[] {
  const ids = db
    .prepare<[number], { id: number }>(
      'SELECT id FROM sweep WHERE identity = (SELECT identity FROM sweep WHERE id = ?)',
    )
    .all(sweepId);
  const alike = new Set(ids.map(({ id }) => id));
  return listSweeps(db)
    .filter(({ id }) => alike.has(id))
    .toReversed();
}

export function cellsOf(db: Db, sweepId: number): readonly CellRow[] {
  return db
    .prepare<[number], CellRow>(
      `SELECT ${CELL_COLUMNS}
       FROM cell WHERE sweep_id = ? AND asked = 1 ORDER BY number`,
    )
    .all(sweepId);
}

/** How many runs of a sweep ended in which state. */
export function stateCounts(db: Db, sweepId: number): ReadonlyMap<RunState, number> {
  const rows = db
    .prepare<[number], { state: RunState; count: number }>(
      'SELECT state, count(*) AS count FROM run_overview WHERE sweep_id = ? GROUP BY state',
    )
    .all(sweepId);
  return new Map(rows.map(({ state, count }) => [state, count]));
}

/** How many of the planned runs are decided: some attempt of them was not interrupted. */
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

/** In the order of the spec. */
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
