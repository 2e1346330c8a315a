import type { Role } from '../instruments/instrument.ts';
import { SELECTED, type Selection } from './cell-data.ts';
import type { Db } from './open.ts';

/** The stack samples of one role in all runs of a cell that count. */
export interface CellProfile {
  readonly cell: number;
  readonly role: Role;
  /** The traced runs of the cell that count, those without a sample included. */
  readonly runs: number;
  /** Folded stacks, `root;caller;function`, and how many samples have found each. */
  readonly stacks: readonly { readonly stack: string; readonly count: number }[];
}

/** Yields the profiles of a sweep that have samples, by cell and role; one at a time is read. */
export function* cellProfiles(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): IterableIterator<CellProfile> {
  const roles = db
    .prepare<[number, number], Pick<CellProfile, 'cell' | 'role'>>(
      `SELECT DISTINCT cell, role FROM run_overview JOIN profile_stack USING (run_id)
       WHERE sweep_id = ? AND ${SELECTED} ORDER BY cell, role`,
    )
    .all(sweepId, Number(suspect));
  const runs = db
    .prepare<[number, number, number], number>(
      `SELECT count(*) FROM run_overview
       WHERE sweep_id = ? AND cell = ? AND traced = 1 AND ${SELECTED}`,
    )
    .pluck();
  const stacks = db.prepare<
    [number, number, string, number],
    { readonly stack: string; readonly count: number }
  >(
    `SELECT stack, sum(count) AS count FROM run_overview JOIN profile_stack USING (run_id)
     WHERE sweep_id = ? AND cell = ? AND role = ? AND ${SELECTED}
     GROUP BY stack HAVING sum(count) > 0 ORDER BY stack`,
  );
  for (const { cell, role } of roles) {
    const found = stacks.all(sweepId, cell, role, Number(suspect));
    if (found.length === 0) continue;
    yield { cell, role, runs: runs.get(sweepId, cell, Number(suspect)) ?? 0, stacks: found };
  }
}
