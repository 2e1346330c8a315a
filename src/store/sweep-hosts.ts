import type { Cell } from '../experiment/cell.ts';
import { cellKey } from '../experiment/cell.ts';
import type { Db } from './open.ts';

/** One of several benchmarks of a sweep, as installed on a host. */
export interface SweepProgram {
  readonly name: string;
  readonly path: string;
  readonly sha256: string;
}

/** A host of a sweep, as it was when its first run was made there. */
export interface SweepHost {
  /** The host's name in the spec. */
  readonly name: string;
  /** The machine's own name. */
  readonly machine: string;
  /** Both fields are empty in a sweep of several benchmarks. */
  readonly benchmarkPath: string;
  readonly benchmarkSha256: string;
  /** The several benchmarks, in the order of the spec; otherwise none. */
  readonly programs: readonly SweepProgram[];
  /** Empty if untraced. */
  readonly traceProgramSha256: string;
}

export function sweepHosts(db: Db, sweepId: number): ReadonlyMap<string, SweepHost> {
  const rows = db
    .prepare<[number], Omit<SweepHost, 'programs'>>(
      `SELECT name, machine, benchmark_path AS benchmarkPath, benchmark_sha256 AS benchmarkSha256,
         trace_program_sha256 AS traceProgramSha256
       FROM sweep_host WHERE sweep_id = ? ORDER BY name`,
    )
    .all(sweepId);
  const programs = sweepPrograms(db, sweepId);
  return new Map(
    rows.map((row) => [
      row.name,
      { ...row, programs: programs.filter(({ host }) => host === row.name) },
    ]),
  );
}

/**
 * Lists the benchmarks of a sweep that compares several, as each host has them, in the spec's
 * order.
 */
export function sweepPrograms(
  db: Db,
  sweepId: number,
): readonly (SweepProgram & { readonly host: string })[] {
  return db
    .prepare<[number], SweepProgram & { readonly host: string }>(
      `SELECT host, name, path, sha256 FROM sweep_program WHERE sweep_id = ?
       ORDER BY position, host`,
    )
    .all(sweepId);
}

/** Stores a host, unless it is already recorded. */
export function recordSweepHost(db: Db, sweepId: number, host: SweepHost): void {
  db.prepare(
    `INSERT INTO sweep_host VALUES (@sweepId, @name, @machine, @benchmarkPath, @benchmarkSha256,
       @traceProgramSha256) ON CONFLICT DO NOTHING`,
  ).run({ ...host, programs: null, sweepId });
  const insert = db.prepare(
    `INSERT INTO sweep_program (sweep_id, host, name, position, path, sha256)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  host.programs.forEach(({ name, path, sha256 }, at) => {
    insert.run(sweepId, host.name, name, at + 1, path, sha256);
  });
}

/** The machines that have made runs of a sweep, by their own names. */
export function machinesOf(db: Db, sweepId: number): readonly string[] {
  return db
    .prepare<[number], { name: string }>(
      `SELECT DISTINCT host.name FROM run JOIN environment ON environment.id = environment_id
       JOIN host ON host.id = host_id WHERE environment.sweep_id = ? ORDER BY host.name`,
    )
    .all(sweepId)
    .map(({ name }) => name);
}

/**
 * The host that makes the runs of each cell, by the cell's key; cells without a host are left out.
 */
export function assignedHosts(db: Db, sweepId: number): ReadonlyMap<string, string> {
  const rows = db
    .prepare<[number], { key: string; host: string }>(
      `SELECT key, assigned_host AS host FROM cell WHERE sweep_id = ? AND assigned_host <> ''`,
    )
    .all(sweepId);
  return new Map(rows.map(({ key, host }) => [key, host]));
}

/** Keys of the cells that have a stored run: these stay on their host. */
export function cellsWithRuns(db: Db, sweepId: number): ReadonlySet<string> {
  const rows = db
    .prepare<[number], { key: string }>(
      `SELECT key FROM cell WHERE sweep_id = ?
         AND EXISTS (SELECT 1 FROM run WHERE run.cell_id = cell.id)`,
    )
    .all(sweepId);
  return new Set(rows.map(({ key }) => key));
}

export function assignHosts(
  db: Db,
  sweepId: number,
  hosts: readonly (readonly [Cell, string])[],
): void {
  const assign = db.prepare('UPDATE cell SET assigned_host = ? WHERE sweep_id = ? AND key = ?');
  db.transaction(() => {
    for (const [cell, host] of hosts) assign.run(host, sweepId, cellKey(cell));
  })();
}
