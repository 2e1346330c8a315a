import { ExitCode, UserError } from '../../errors.ts';
import type { Db } from '../db.ts';
import { NEXT_ID } from '../sweep-writer.ts';
import { experimentName } from './conditions.ts';
import { knownEnvironments, type OriginIds, takeEnvironments } from './environments.ts';
import {
  hostNames,
  joinCells,
  joinParts,
  requireSameHosts,
  settleJoined,
  withHostNames,
} from './join.ts';
import { joinable } from './joinable.ts';
import type { Merge, MergeSetting } from './merge.ts';
import { isOwn, originsOf, recordOrigin, type StoredOrigin, sweepFrom } from './origins.ts';
import { type OwnedTable, tableNamed, tablesOfSweep } from './owned-tables.ts';
import { type Row, RowCopier } from './row-copier.ts';
import { type TakenRuns, takeRuns } from './runs.ts';

/** The result of a merge for one sweep of an input. */
export interface TakenSweep extends TakenRuns {
  /** The sweep's id in the output. */
  readonly id: number;
  readonly name: string;
  /** The sweep's id in the input. */
  readonly idInInput: number;
  /**
   * new: it was not there; joined: it has become a part of another one; known: it was there, and runs
   * may have been added; own: it was made in the output itself.
   */
  readonly state: 'new' | 'joined' | 'known' | 'own';
}

/** Tables with parts of a sweep that each `run` writes anew; all others only grow. */
const WRITTEN_ANEW: ReadonlySet<string> = new Set([
  ...['expectation', 'sweep_missing', 'host_trouble', 'sweep_option'],
]);
/** Tables for which there is a function of their own. */
const OWN_WAY: ReadonlySet<string> = new Set(['sweep_origin', 'environment', 'cell']);

/**
 * Takes over all sweeps of a database into another one: new sweeps, and the new runs of those that
 * are there already. All of it is stored, or nothing.
 * @param file the input's name, which is kept with its sweeps
 * @throws UserError when the two have different runs in one place
 */
export function takeOver(
  output: Db,
  input: Db,
  file: string,
  setting: MergeSetting,
): readonly TakenSweep[] {
  const newIds = { sweep: new Map(), host: new Map(), environment: new Map() };
  const merge: Merge = {
    ...setting,
    ...{ input, output, file, tables: tablesOfSweep(output), newIds },
    copier: new RowCopier(input, output, {
      file,
      newIds: new Map(Object.entries(newIds)),
      changed: (table, row) => merge.changed(table, row),
    }),
    changed: (_, row) => row,
  };
  const take = () => {
    const ids = input.prepare<[], number>('SELECT id FROM sweep ORDER BY id').pluck().all();
    const joins = setting.asOne ? joinable(input, output, file) : new Set<number>();
    const apart = new Set<number>();
    return ids.map((id) => {
      const taken = takeSweep(merge, id, { joins: joins.has(id), apart });
      if (!joins.has(id)) apart.add(taken.id);
      return taken;
    });
  };
  return output.transaction(take).immediate();
}

interface Joining {
  /** Whether the sweep may become a part of another one. */
  readonly joins: boolean;
  /** The ids in the output of those sweeps of the input that stay sweeps of their own. */
  readonly apart: ReadonlySet<number>;
}

function takeSweep(merge: Merge, idInInput: number, { joins, apart }: Joining): TakenSweep {
  const { input, output, file } = merge;
  const row = input
    .prepare<[number], Row>('SELECT * FROM sweep WHERE id = ?')
    .safeIntegers()
    .get(idInInput)!;
  const name = row.name as string;
  const origins = originsOf(input, idInInput, file);
  const own = origins.find((origin) => isOwn(output, origin));
  if (own) return { id: own.originalId, name, idInInput, state: 'own', newRuns: 0, changedRuns: 0 };
  const known = sweepOf(merge, origins, `${name}-${idInInput}`);
  const isPart = known?.asOne ?? joins;
  const target = known?.id ?? (joins ? joinedSweep(output, experimentName(row), apart) : undefined);
  const id = target ?? insertSweep(output, row);
  merge.newIds.sweep.set(BigInt(idInInput), BigInt(id));
  const sweep = { merge, row, from: idInInput, to: id, origins };
  const runs = isPart ? takePart(sweep, target === undefined) : takeApart(sweep, !known);
  const state = known ? 'known' : target === undefined ? 'new' : 'joined';
  return { id, name, idInInput, state, ...runs };
}

interface OneSweep {
  readonly merge: Merge;
  readonly row: Row;
  /** The sweep's id in the input. */
  readonly from: number;
  /** The id of the same sweep in the output, or of the one that it becomes a part of. */
  readonly to: number;
  readonly origins: readonly StoredOrigin[];
}

/** Takes over a sweep that stays a sweep of its own. */
function takeApart({ merge, row, from, to, origins }: OneSweep, isNew: boolean): TakenRuns {
  const { input, output, tables } = merge;
  const isBehind = !isNew && isFurther(progress(output, to), progress(input, from));
  if (!isNew && !isBehind) updateSweep(output, to, row);
  merge.changed = (_, part) => part;
  const originIds = takeOrigins(output, origins, to);
  takeEnvironments(merge, from, to, originIds, knownEnvironments(merge, from, to, originIds));
  const cells = takeCells(merge, from, to, isBehind);
  for (const table of tables) {
    if (!OWN_WAY.has(table.name)) takeParts(merge, table, from, to, isBehind);
  }
  return takeRuns(merge, from, cells);
}

/** Takes over a sweep as a part of another one. */
function takePart({ merge, from, to, origins }: OneSweep, isFirst: boolean): TakenRuns {
  const joined = origins.map((origin) => ({ ...origin, asOne: true }));
  const originIds = takeOrigins(merge.output, joined, to);
  const known = knownEnvironments(merge, from, to, originIds);
  const names = hostNames(merge, from, origins, known);
  requireSameHosts(merge, from, to, names);
  merge.changed = withHostNames(merge, names);
  takeEnvironments(merge, from, to, originIds, known);
  const cells = joinCells(merge, from, to, names);
  for (const table of merge.tables) {
    if (!OWN_WAY.has(table.name)) joinParts(merge, table, { from, to, names, isFirst });
  }
  const runs = takeRuns(merge, from, cells);
  settleJoined(merge, from, to);
  return runs;
}

interface Known {
  readonly id: number;
  readonly asOne: boolean;
}

/** The sweep in the output that has the origins of one in the input. */
function sweepOf(
  { output, file }: Merge,
  origins: readonly StoredOrigin[],
  shown: string,
): Known | undefined {
  const found = origins.flatMap((origin) => sweepFrom(output, origin) ?? []);
  const [first, ...others] = new Map(found.map((each) => [each.sweepId, each])).values();
  if (first === undefined) return undefined;
  const isJoined = origins.some(({ asOne }) => asOne);
  if (others.length === 0 && (first.asOne || !isJoined)) {
    return { id: first.sweepId, asOne: first.asOne };
  }
  const files = origins.map((origin) => origin.file).join(', ');
  throw new UserError(
    `sweep ${shown} of ${file} was joined (--as-one) from ${files}, and ${output.name} has sweeps of these apart`,
    { hint: 'merge into a new file', exitCode: ExitCode.machine },
  );
}

/** The id of the newest sweep of an experiment that others are joined to. */
function joinedSweep(
  output: Db,
  experiment: string,
  apart: ReadonlySet<number>,
): number | undefined {
  const rows = output
    .prepare<[], Row>(
      `SELECT * FROM sweep WHERE EXISTS
         (SELECT 1 FROM sweep_origin WHERE sweep_id = sweep.id AND as_one = 1) ORDER BY id DESC`,
    )
    .all();
  return rows
    .filter((row) => experimentName(row) === experiment)
    .map(({ id }) => Number(id))
    .find((id) => !apart.has(id));
}

/** Marks a running sweep as interrupted, because nobody writes to it here. */
function atRest(row: Row): Row {
  return { ...row, state: row.state === 'running' ? 'interrupted' : row.state! };
}

function insertSweep(output: Db, row: Row): number {
  const columns = Object.keys(row).filter((column) => column !== 'id');
  const places = columns.map((column) => `@${column}`).join(', ');
  const insert = `INSERT INTO sweep (id, ${columns.join(', ')}) VALUES (${NEXT_ID}, ${places})`;
  return Number(output.prepare(insert).run(atRest(row)).lastInsertRowid);
}

/** Columns that the user may have changed in the output. */
const KEPT: ReadonlySet<string> = new Set(['id', 'name', 'made_as', 'note']);

function updateSweep(output: Db, id: number, row: Row): void {
  const columns = Object.keys(row).filter((column) => !KEPT.has(column));
  const set = columns.map((column) => `${column} = @${column}`).join(', ');
  output.prepare(`UPDATE sweep SET ${set} WHERE id = @id`).run({ ...atRest(row), id });
}

type Progress = readonly (number | string)[];

/**
 * Returns values that never decrease while a sweep is carried out. To compare two, the first that
 * differs decides.
 */
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

function takeOrigins(output: Db, origins: readonly StoredOrigin[], sweepId: number): OriginIds {
  return new Map(
    origins.map((origin) => [
      origin.id,
      sweepFrom(output, origin)?.id ?? recordOrigin(output, sweepId, origin),
    ]),
  );
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
    const id = find.get(to, row.key as string) ?? copier.insert(table, row, BigInt(to));
    if (!isBehind) update.run({ ...row, id });
    copier.addOwned(parts, old, id);
    cells.set(old, id);
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
