import { ExitCode, UserError } from '../../errors.ts';
import type { Db } from '../db.ts';
import { isOwn, originsOf, recordOrigin, type StoredOrigin, sweepFrom } from './origins.ts';
import { type OwnedTable, tableNamed, tablesOfSweep } from './owned-tables.ts';
import { type Row, RowCopier } from './row-copier.ts';

/** What a merge has done with one sweep of an input. */
export interface TakenSweep {
  /** The sweep's id in the output. */
  readonly id: number;
  readonly name: string;
  /** The sweep's id in the input. */
  readonly idInInput: number;
  /** new: it was not there; known: runs may have been added; own: it was made in the output itself. */
  readonly state: 'new' | 'known' | 'own';
  /** The number of runs that were not there. */
  readonly newRuns: number;
}

/** Parts of a sweep that each `run` writes anew; all others only grow. */
const WRITTEN_ANEW: ReadonlySet<string> = new Set([
  ...['expectation', 'sweep_missing', 'host_trouble', 'sweep_option'],
]);
/** These are taken over one by one. */
const OWN_WAY: ReadonlySet<string> = new Set(['sweep_origin', 'environment', 'cell']);

interface Merge {
  readonly input: Db;
  readonly output: Db;
  readonly file: string;
  readonly copier: RowCopier;
  readonly tables: readonly OwnedTable[];
  readonly newIds: Record<'sweep' | 'host' | 'environment', Map<bigint, bigint>>;
}

/**
 * Takes over all sweeps of a database into another one: those that are not there yet, and the runs
 * that those that are there have got since. All of it is stored, or nothing.
 * @param file the input's name, which is kept with its sweeps
 * @throws UserError when the two have different runs in one place
 */
export function takeOver(output: Db, input: Db, file: string): readonly TakenSweep[] {
  const newIds = { sweep: new Map(), host: new Map(), environment: new Map() };
  const copier = new RowCopier(input, output, {
    newIds: new Map(Object.entries(newIds)),
    changed: (_, row) => row,
  });
  const merge: Merge = { input, output, file, copier, tables: tablesOfSweep(output), newIds };
  const ids = input.prepare<[], number>('SELECT id FROM sweep ORDER BY id').pluck().all();
  return output.transaction(() => ids.map((id) => takeSweep(merge, id))).immediate();
}

function takeSweep(merge: Merge, idInInput: number): TakenSweep {
  const { input, output, file } = merge;
  const row = input
    .prepare<[number], Row>('SELECT * FROM sweep WHERE id = ?')
    .safeIntegers()
    .get(idInInput)!;
  const name = row.name as string;
  const origins = originsOf(input, idInInput, file);
  const own = origins.find((origin) => isOwn(output, origin));
  if (own) return { id: own.originalId, name, idInInput, state: 'own', newRuns: 0 };
  const known = sweepOf(merge, origins, `${name}-${idInInput}`);
  const id = known ?? insertSweep(output, row);
  const isBehind =
    known !== undefined && isFurther(progress(output, id), progress(input, idInInput));
  if (known !== undefined && !isBehind) updateSweep(output, id, row);
  merge.newIds.sweep.set(BigInt(idInInput), BigInt(id));
  const originIds = takeOrigins(merge, origins, id);
  takeEnvironments(merge, idInInput, id, originIds);
  const cells = takeCells(merge, idInInput, id, isBehind);
  for (const table of merge.tables) {
    if (!OWN_WAY.has(table.name)) takeParts(merge, table, idInInput, id, isBehind);
  }
  const newRuns = takeRuns(merge, idInInput, cells);
  return { id, name, idInInput, state: known === undefined ? 'new' : 'known', newRuns };
}

/** The sweep in the output that has the origins of one in the input. */
function sweepOf(
  { output, file }: Merge,
  origins: readonly StoredOrigin[],
  shown: string,
): number | undefined {
  const found = origins.map((origin) => sweepFrom(output, origin)?.sweepId);
  const [first, ...others] = new Set(found);
  if (others.length === 0) return first;
  const files = origins.map((origin) => origin.file).join(', ');
  throw new UserError(
    `sweep ${shown} of ${file} joins sweeps of ${files}, some of which ${output.name} has apart`,
    { hint: 'merge into a new file', exitCode: ExitCode.machine },
  );
}

/** Nobody writes to the sweep here. */
function atRest(row: Row): Row {
  return { ...row, state: row.state === 'running' ? 'interrupted' : row.state! };
}

function insertSweep(output: Db, row: Row): number {
  const columns = Object.keys(row).filter((column) => column !== 'id');
  const places = columns.map((column) => `@${column}`).join(', ');
  const insert = `INSERT INTO sweep (${columns.join(', ')}) VALUES (${places})`;
  return Number(output.prepare(insert).run(atRest(row)).lastInsertRowid);
}

/** What the user may have changed in the output. */
const KEPT: ReadonlySet<string> = new Set(['id', 'name', 'made_as', 'note']);

function updateSweep(output: Db, id: number, row: Row): void {
  const columns = Object.keys(row).filter((column) => !KEPT.has(column));
  const set = columns.map((column) => `${column} = @${column}`).join(', ');
  output.prepare(`UPDATE sweep SET ${set} WHERE id = @id`).run({ ...atRest(row), id });
}

type Progress = readonly (number | string)[];

/** Values that never decrease while a sweep is carried out; the first that differs decides. */
function progress(db: Db, sweepId: number): Progress {
  return db
    .prepare<[number], (number | string)[]>(
      `SELECT active_ms, coalesce(ended_at, ''),
         (SELECT coalesce(max(captured_at), '') FROM environment WHERE sweep_id = sweep.id)
       FROM sweep WHERE id = ?`,
    )
    .raw()
    .get(sweepId)!;
}

function isFurther(a: Progress, b: Progress): boolean {
  const at = a.findIndex((value, place) => value !== b[place]);
  return at >= 0 && a[at]! > b[at]!;
}

/** @returns the id of each origin in the output, by its id in the input */
function takeOrigins(
  { output }: Merge,
  origins: readonly StoredOrigin[],
  sweepId: number,
): ReadonlyMap<number | undefined, number> {
  return new Map(
    origins.map((origin) => [
      origin.id,
      sweepFrom(output, origin)?.id ?? recordOrigin(output, sweepId, origin),
    ]),
  );
}

interface EnvironmentPlace {
  readonly id: bigint;
  readonly machine: string;
  readonly host: bigint;
  readonly capturedAt: string;
  /** Null in the database in which it was captured. */
  readonly originId: bigint | null;
  readonly originalId: bigint;
}

const ENVIRONMENTS = `SELECT environment.id, host.name AS machine, host.id AS host,
   captured_at AS capturedAt, origin_id AS originId, coalesce(original_id, environment.id) AS originalId
 FROM environment JOIN host ON host.id = host_id
 LEFT JOIN environment_origin ON environment_id = environment.id
 WHERE sweep_id = ? ORDER BY environment.id`;

function takeEnvironments(
  { input, output, copier, tables, newIds }: Merge,
  from: number,
  to: number,
  originIds: ReadonlyMap<number | undefined, number>,
): void {
  const environments = (db: Db, sweepId: number) =>
    db.prepare<[number], EnvironmentPlace>(ENVIRONMENTS).safeIntegers().all(sweepId);
  const keyOf = (origin: number, { originalId, capturedAt, machine }: EnvironmentPlace) =>
    JSON.stringify([origin, Number(originalId), capturedAt, machine]);
  const known = new Map(
    environments(output, to).map((each) => [keyOf(Number(each.originId), each), each.id]),
  );
  const table = tableNamed(tables, 'environment');
  const hostId = output
    .prepare<[string], bigint>('SELECT id FROM host WHERE name = ?')
    .pluck()
    .safeIntegers();
  const addHost = output.prepare('INSERT INTO host (name) VALUES (?) ON CONFLICT DO NOTHING');
  const addOrigin = output.prepare('INSERT INTO environment_origin VALUES (?, ?, ?)');
  const rowOf = input
    .prepare<[bigint], Row>('SELECT * FROM environment WHERE id = ?')
    .safeIntegers();
  for (const each of environments(input, from)) {
    const originId = originIds.get(each.originId === null ? undefined : Number(each.originId))!;
    const there = known.get(keyOf(originId, each));
    if (there !== undefined) {
      newIds.environment.set(each.id, there);
      copier.addOwned(partsOf(table), each.id, there);
      continue;
    }
    addHost.run(each.machine);
    newIds.host.set(each.host, hostId.get(each.machine)!);
    const id = copier.insert(table, rowOf.get(each.id)!, BigInt(to));
    newIds.environment.set(each.id, id);
    copier.copyOwned(partsOf(table), each.id, id);
    addOrigin.run(id, originId, each.originalId);
  }
}

/** The tables of an environment's parts. Its origin is stored with new ids. */
function partsOf({ owned }: OwnedTable): readonly OwnedTable[] {
  return owned.filter(({ name }) => name !== 'environment_origin');
}

/** @returns the new ids of cells by their old ones */
function takeCells(
  { output, copier, tables }: Merge,
  from: number,
  to: number,
  isBehind: boolean,
): ReadonlyMap<bigint, bigint> {
  const table = tableNamed(tables, 'cell');
  const find = output
    .prepare<[number, string], bigint>('SELECT id FROM cell WHERE sweep_id = ? AND key = ?')
    .pluck()
    .safeIntegers();
  const update = output.prepare<[Row]>(
    `UPDATE cell SET number = @number, asked = @asked, assigned_host = @assigned_host WHERE id = @id`,
  );
  const parts = table.owned.filter(({ name }) => name !== 'run');
  const cells = new Map<bigint, bigint>();
  for (const row of copier.rowsOf(table, BigInt(from))) {
    const old = row.id as bigint;
    const there = find.get(to, row.key as string);
    const id = there ?? copier.insert(table, row, BigInt(to));
    cells.set(old, id);
    if (there === undefined) copier.copyOwned(parts, old, id);
    else {
      if (!isBehind) update.run({ ...row, id });
      copier.addOwned(parts, old, id);
    }
  }
  return cells;
}

function takeParts(
  { output, copier }: Merge,
  table: OwnedTable,
  from: number,
  to: number,
  isBehind: boolean,
): void {
  if (WRITTEN_ANEW.has(table.name)) {
    if (isBehind) return;
    output.prepare(`DELETE FROM ${table.name} WHERE ${table.owner} = ?`).run(to);
  }
  copier.addOwned([table], BigInt(from), BigInt(to));
}

/** @returns the number of runs that were not there */
function takeRuns(
  { input, output, file, copier, tables, newIds }: Merge,
  sweepId: number,
  cells: ReadonlyMap<bigint, bigint>,
): number {
  const table = tableNamed(tables, 'run');
  const ids = input
    .prepare<[number], bigint>(
      `SELECT run.id FROM run JOIN cell ON cell.id = cell_id WHERE sweep_id = ? ORDER BY run.id`,
    )
    .pluck()
    .safeIntegers()
    .all(sweepId);
  const rowOf = input.prepare<[bigint], Row>('SELECT * FROM run WHERE id = ?').safeIntegers();
  const find = output
    .prepare<[Row], Row>(
      `SELECT * FROM run WHERE cell_id = @cell AND trial = @trial AND traced = @traced
         AND attempt = @attempt`,
    )
    .safeIntegers();
  const remove = output.prepare('DELETE FROM run WHERE id = ?');
  let added = 0;
  for (const id of ids) {
    const row = rowOf.get(id)!;
    const cell = cells.get(row.cell_id as bigint)!;
    const there = find.get({ ...row, cell });
    if (there) {
      const environment = newIds.environment.get(row.environment_id as bigint)!;
      if (isSameRun(there, { ...row, environment_id: environment }) || isOutdated(row, there))
        continue;
      if (!isOutdated(there, row)) throw madeTwice(input, file, row, there);
      remove.run(there.id);
    }
    copier.copy(table, row, cell);
    added++;
  }
  return added;
}

const TOLD_APART_BY = ['environment_id', 'started_at', 'wall_ns', 'pid'] as const;

function isSameRun(one: Row, other: Row): boolean {
  return TOLD_APART_BY.every((column) => one[column] === other[column]);
}

/** Whether a run was interrupted, and made again. */
function isOutdated(run: Row, other: Row): boolean {
  if (run.state !== 'interrupted') return false;
  return other.state !== 'interrupted' || run.started_at! < other.started_at!;
}

function madeTwice(input: Db, file: string, run: Row, there: Row): UserError {
  const cell = input
    .prepare<[bigint], { name: string; id: number; key: string }>(
      `SELECT sweep.name, sweep.id, key FROM cell JOIN sweep ON sweep.id = sweep_id
       WHERE cell.id = ?`,
    )
    .get(run.cell_id as bigint)!;
  return new UserError(
    `${file}: sweep ${cell.name}-${cell.id} has another run of cell ${cell.key}, trial ${run.trial}, than was merged before: it was started at ${run.started_at}, the other at ${there.started_at}`,
    {
      hint: 'two copies of one database have been continued apart; merge only one of them, or each into a file of its own',
      exitCode: ExitCode.machine,
    },
  );
}
