import { ExitCode, UserError } from '../../errors.ts';
import type { Merge } from './merge.ts';
import { tableNamed } from './owned-tables.ts';
import type { Row } from './row-copier.ts';

export interface TakenRuns {
  /** The number of runs that were added. */
  readonly newRuns: number;
  /**
   * The number of runs that were there already, with rows that have changed since in one of the
   * databases.
   */
  readonly changedRuns: number;
}

/**
 * Takes over the runs of a sweep that are not there yet. Those that are there stay as they are.
 * @param cells the new ids of cells by their old ones
 * @throws UserError when another run is in the place of one
 */
export function takeRuns(
  merge: Merge,
  sweepId: number,
  cells: ReadonlyMap<bigint, bigint>,
): TakenRuns {
  const { input, output, copier, tables, newIds } = merge;
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
  let newRuns = 0;
  let changedRuns = 0;
  for (const id of ids) {
    const row = rowOf.get(id)!;
    const cell = cells.get(row.cell_id as bigint)!;
    const there = find.get({ ...row, cell });
    if (there) {
      const environment = newIds.environment.get(row.environment_id as bigint)!;
      if (isSameRun(there, { ...row, environment_id: environment })) {
        if (!copier.isCopied(table, row, there)) changedRuns++;
        continue;
      }
      if (isOutdated(row, there)) continue;
      if (!isOutdated(there, row)) throw madeTwice(merge, row, there);
      remove.run(there.id);
    }
    copier.copy(table, row, cell);
    newRuns++;
  }
  return { newRuns, changedRuns };
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

function madeTwice({ input, output, file }: Merge, run: Row, there: Row): UserError {
  const cell = input
    .prepare<[bigint], { name: string; id: number; key: string }>(
      `SELECT sweep.name, sweep.id, key FROM cell JOIN sweep ON sweep.id = sweep_id
       WHERE cell.id = ?`,
    )
    .get(run.cell_id as bigint)!;
  const other = output
    .prepare<[bigint], { machine: string; file: string; asOne: number }>(
      `SELECT host.name AS machine, file, as_one AS asOne
       FROM environment JOIN host ON host.id = host_id
       JOIN environment_origin ON environment_id = environment.id
       JOIN sweep_origin ON sweep_origin.id = origin_id WHERE environment.id = ?`,
    )
    .get(there.environment_id as bigint)!;
  const what = `${run.traced === 1n ? 'traced ' : ''}run of cell ${cell.key}, trial ${run.trial}`;
  return new UserError(
    `${file}: sweep ${cell.name}-${cell.id} has another ${what} than ${other.file}: one was started at ${run.started_at}, the other at ${there.started_at} on ${other.machine}`,
    {
      hint:
        other.asOne === 1
          ? 'if these are two machines with the same name, --hosts-by file tells them apart in a new file; if it is one machine, merge without --as-one'
          : 'two copies of one database have each gone on: merge only one of them, or each into a file of its own',
      exitCode: ExitCode.machine,
    },
  );
}
