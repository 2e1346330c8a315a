import { type Cell, cellKey } from '../experiment/cell.ts';
import type { Trials } from '../experiment/trials.ts';
import type { PipeStateTable } from '../host/kernel/pipe-states.ts';
import type { Db } from './open.ts';
import type { StoredScript } from './raw.ts';
import {
  AXIS_COLUMNS,
  CELL_COLUMNS,
  type CellRow,
  cellOf,
  type SweepState,
  storedValues,
} from './reader.ts';
import { timeText } from './time-text.ts';

/** Everything that is stored about a sweep when it starts. */
export interface NewSweep {
  readonly name: string;
  readonly description: string;
  readonly identity: string;
  readonly specFile: string;
  readonly specText: string;
  readonly seed: number;
  readonly runOrder: string;
  readonly plannedRuns: number;
  readonly warmup: number;
  readonly trials: Trials;
  readonly budgetMs: number | undefined;
  readonly expectations: readonly string[];
  readonly controls: boolean;
  readonly tracer: string;
  readonly traceProgram: string;
  readonly traceProgramSha256: string;
  readonly instruments: readonly string[];
  readonly benchmarkPath: string;
  readonly benchmarkSha256: string;
  readonly iterations: number;
  readonly bare: boolean;
  readonly rusage: boolean;
  /** The set of counters that the benchmark is asked for; empty: none. */
  readonly counters: string;
  /** Undefined if not known. */
  readonly startedAt: Date | undefined;
  readonly cells: readonly Cell[];
  readonly pipeStates: PipeStateTable | undefined;
  readonly scripts: readonly NewScript[];
}

/** A script of the user's, and how it is attached. */
export interface NewScript extends StoredScript {
  readonly attached: 'session' | 'per-run';
  /** Why it does not ride in the session; empty if it does. */
  readonly attachedBecause: string;
}

/**
 * Finds the newest sweep of a name that was made under the same conditions in this database, if
 * there is one. A sweep that was merged from another database goes on there.
 * @param identityAs the identity of these conditions for the name under which a sweep was made
 */
export function sweepToContinue(
  db: Db,
  name: string,
  identityAs: (name: string) => string,
): number | undefined {
  const rows = db
    .prepare<[string], { id: number; identity: string; made_as: string }>(
      `SELECT id, identity, iif(made_as = '', name, made_as) AS made_as
       FROM sweep WHERE name = ? AND NOT EXISTS (SELECT 1 FROM sweep_origin WHERE sweep_id = sweep.id)
       ORDER BY id DESC`,
    )
    .all(name);
  return rows.find(({ identity, made_as: madeAs }) => identity === identityAs(madeAs))?.id;
}

/** The newest sweep with this identity, whatever it is called, if there is one. */
export function findSweep(db: Db, identity: string): number | undefined {
  const row = db
    .prepare<[string], { id: number }>(
      `SELECT id FROM sweep WHERE identity = ?
         AND NOT EXISTS (SELECT 1 FROM sweep_origin WHERE sweep_id = sweep.id)
       ORDER BY id DESC LIMIT 1`,
    )
    .get(identity);
  return row?.id;
}

/**
 * SQL for the id of a new sweep. The ids of deleted sweeps are not used again; SQLite chooses the
 * first id.
 */
export const NEXT_ID =
  '(SELECT max(id) + 1 FROM (SELECT id FROM sweep UNION ALL SELECT id FROM deleted_sweep))';

/** @returns the new sweep's id */
export function createSweep(db: Db, sweep: NewSweep): number {
  const insert = db.transaction(() => {
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO sweep (id, name, description, identity, spec_file, spec_text, seed, run_order,
           planned_runs, warmup, trials_min, trials_max, relative_ci, budget_ms, controls, tracer,
           trace_program, trace_program_sha256, instruments, benchmark_path, benchmark_sha256, iterations, bare, rusage,
           counters, started_at, state)
         VALUES (${NEXT_ID}, @name, @description, @identity, @specFile, @specText, @seed, @runOrder,
           @plannedRuns, @warmup, @trialsMin, @trialsMax, @relativeCi, @budgetMs, @controls, @tracer,
           @traceProgram, @traceProgramSha256, @instruments, @benchmarkPath, @benchmarkSha256, @iterations, @bare, @rusage,
           @counters, @startedAt, 'running')`,
      )
      .run({
        ...sweep,
        ...trialColumns(sweep),
        controls: Number(sweep.controls),
        bare: Number(sweep.bare),
        rusage: Number(sweep.rusage),
        instruments: sweep.instruments.join(','),
        startedAt: timeText(sweep.startedAt),
        cells: null,
        pipeStates: null,
        scripts: null,
      });
    const sweepId = Number(lastInsertRowid);
    askFor(db, sweepId, sweep.cells);
    expectFrom(db, sweepId, sweep.expectations);
    const bit = db.prepare(
      'INSERT INTO pipe_state_bit (sweep_id, platform, version, bit, name) VALUES (?, ?, ?, ?, ?)',
    );
    for (const entry of sweep.pipeStates?.bits ?? []) {
      bit.run(
        sweepId,
        sweep.pipeStates?.platform,
        sweep.pipeStates?.version,
        entry.bit,
        entry.name,
      );
    }
    const script = db.prepare(
      `INSERT INTO sweep_script (sweep_id, name, path, tracer, json, text, attached, attached_because)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    for (const s of sweep.scripts) {
      const { name, path, tracer, json, text, attached, attachedBecause } = s;
      script.run(sweepId, name, path, tracer, Number(json), text, attached, attachedBecause);
    }
    return sweepId;
  });
  return insert();
}

/** How a sweep's cells compare with those that a spec asks for now. */
export interface CellChanges {
  readonly fresh: readonly Cell[];
  /**
   * The number of cells that stay, with those that were set aside before and are now asked for
   * again.
   */
  readonly kept: number;
  /** The cells that are no longer asked for; their runs stay in the database. */
  readonly orphaned: readonly Cell[];
}

/** The parts of a spec that may change without making another sweep. */
export type SpecOfSweep = Pick<
  NewSweep,
  | 'cells'
  | 'specFile'
  | 'specText'
  | 'description'
  | 'plannedRuns'
  | 'trials'
  | 'budgetMs'
  | 'expectations'
>;

/** Applies a changed spec: new cells are added, cells that it no longer names are set aside. */
export function updateSweep(db: Db, sweepId: number, spec: SpecOfSweep): CellChanges {
  return db
    .transaction(() => {
      db.prepare(
        `UPDATE sweep SET spec_file = @specFile, spec_text = @specText, description = @description,
           planned_runs = @plannedRuns, trials_min = @trialsMin, trials_max = @trialsMax,
           relative_ci = @relativeCi, budget_ms = @budgetMs WHERE id = @sweepId`,
      ).run({ ...spec, ...trialColumns(spec), cells: null, sweepId });
      const changes = askFor(db, sweepId, spec.cells);
      expectFrom(db, sweepId, spec.expectations);
      // Trials made beyond the minimum have become part of the plan.
      db.prepare(
        `UPDATE sweep SET planned_runs = planned_runs + (
           SELECT count(*) FROM (SELECT DISTINCT cell, trial, traced FROM run_overview
             WHERE sweep_id = sweep.id AND run_overview.state <> 'interrupted'
               AND trial > sweep.warmup + sweep.trials_min
               AND trial <= sweep.warmup + sweep.trials_max))
         WHERE id = ?`,
      ).run(sweepId);
      return changes;
    })
    .immediate();
}

function expectFrom(db: Db, sweepId: number, expectations: readonly string[]): void {
  db.prepare('DELETE FROM expectation WHERE sweep_id = ?').run(sweepId);
  const insert = db.prepare('INSERT INTO expectation VALUES (?, ?, ?)');
  expectations.forEach((text, at) => {
    insert.run(sweepId, at + 1, text);
  });
}

function trialColumns({ trials, budgetMs }: Pick<NewSweep, 'trials' | 'budgetMs'>) {
  return {
    trials: null,
    expectations: null,
    trialsMin: trials.min,
    trialsMax: trials.max,
    relativeCi: trials.relativeCi ?? null,
    budgetMs: budgetMs ?? null,
  };
}

/** Adds runs that have turned out to be needed. */
export function addPlannedRuns(db: Db, sweepId: number, runs: number): void {
  db.prepare('UPDATE sweep SET planned_runs = planned_runs + ? WHERE id = ?').run(runs, sweepId);
}

function askFor(db: Db, sweepId: number, cells: readonly Cell[]): CellChanges {
  const before = db
    .prepare<[number], CellRow & { key: string; asked: 0 | 1 }>(
      `SELECT key, asked, ${CELL_COLUMNS}
       FROM cell WHERE sweep_id = ? ORDER BY number, id`,
    )
    .all(sweepId);
  db.prepare('UPDATE cell SET asked = 0 WHERE sweep_id = ?').run(sweepId);
  const ask = db.prepare(
    `INSERT INTO cell (sweep_id, number, key, ${AXIS_COLUMNS.join(', ')})
     VALUES (?, ?, ?${', ?'.repeat(AXIS_COLUMNS.length)})
     ON CONFLICT (sweep_id, key) DO UPDATE SET asked = 1, number = excluded.number`,
  );
  cells.forEach((cell, at) => {
    ask.run(sweepId, at + 1, cellKey(cell), ...storedValues(cell));
  });
  const known = new Set(before.map(({ key }) => key));
  const now = new Set(cells.map(cellKey));
  const fresh = cells.filter((cell) => !known.has(cellKey(cell)));
  const orphaned = before.filter(({ key, asked }) => asked === 1 && !now.has(key)).map(cellOf);
  return { fresh, kept: cells.length - fresh.length, orphaned };
}

/** @param at undefined if not known */
export function markSweep(db: Db, sweepId: number, state: SweepState, at: Date | undefined): void {
  db.prepare('UPDATE sweep SET state = ?, ended_at = ? WHERE id = ?').run(
    state,
    state === 'running' ? null : (at?.toISOString() ?? null),
    sweepId,
  );
}
