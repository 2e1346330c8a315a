import type { RunState } from '../execute/outcome.ts';
import type { PipeOperation } from '../trace/counts.ts';
import type { Db } from './open.ts';

/** Which runs go into summaries: completed ones, and suspect ones for whoever asks for them. */
export interface Selection {
  readonly suspect: boolean;
}

/** Warm-up trials never count. */
const SELECTED =
  "warmup = 0 AND run_overview.state IN ('completed', iif(?, 'suspect', 'completed'))";

/** Bandwidths of the selected samples of each cell, by the cell's number. */
export function cellBandwidths(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): ReadonlyMap<number, readonly number[]> {
  const rows = db
    .prepare<[number, number], { cell: number; bandwidth: number }>(
      `SELECT cell, bandwidth_bytes_per_s AS bandwidth
       FROM run_overview JOIN sample USING (run_id) WHERE sweep_id = ? AND ${SELECTED}`,
    )
    .iterate(sweepId, Number(suspect));
  const byCell = new Map<number, number[]>();
  for (const { cell, bandwidth } of rows) {
    const list = byCell.get(cell);
    if (list) list.push(bandwidth);
    else byCell.set(cell, [bandwidth]);
  }
  return byCell;
}

/** Calls of each selected traced run, all roles together. */
export function cellSyscalls(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): readonly { cell: number; run_id: number; syscall: string; count: number }[] {
  return db
    .prepare<[number, number], { cell: number; run_id: number; syscall: string; count: number }>(
      `SELECT cell, run_id, syscall, sum(count) AS count
       FROM run_overview JOIN syscall_count USING (run_id)
       WHERE sweep_id = ? AND ${SELECTED}
       GROUP BY run_id, syscall`,
    )
    .all(sweepId, Number(suspect));
}

/** Pipe states of the selected traced runs of each cell, all runs together. */
export function cellPipeStates(
  db: Db,
  sweepId: number,
  { suspect }: Selection,
): readonly { cell: number; operation: PipeOperation; state: number; count: number }[] {
  return db
    .prepare<
      [number, number],
      { cell: number; operation: PipeOperation; state: number; count: number }
    >(
      `SELECT cell, operation, pipe_state.state AS state, sum(count) AS count
       FROM run_overview JOIN pipe_state USING (run_id)
       WHERE sweep_id = ? AND ${SELECTED}
       GROUP BY cell, operation, pipe_state.state`,
    )
    .all(sweepId, Number(suspect));
}

/** How many counted (not warm-up) runs of each cell ended in which state. */
export function cellStateCounts(
  db: Db,
  sweepId: number,
): readonly { cell: number; state: RunState; count: number }[] {
  return db
    .prepare<[number], { cell: number; state: RunState; count: number }>(
      `SELECT cell, state, count(*) AS count FROM run_overview
       WHERE sweep_id = ? AND warmup = 0 GROUP BY cell, state`,
    )
    .all(sweepId);
}
