import { byCell } from '../../analyse/consecutive.ts';
import { stateShares } from '../../analyse/counts.ts';
import { CELL } from '../../export/columns.ts';
import { column, type Table, type TableDefinition, tableOf } from '../../export/table.ts';
import { PIPE_OPERATIONS, type PipeOperation } from '../../instruments/instrument.ts';
import type { SweepResults } from '../../results/sweep-results.ts';
import { stateHex } from '../../trace/pipe-state-bits.ts';

interface ShareRow {
  readonly cell: number;
  readonly operation: PipeOperation;
  readonly state: number;
  readonly share: number;
  readonly names: string;
}

/** The states of a cell's pipe; in the words of pipe_states.csv, which has them run by run. */
export const PIPE_STATE_SHARES: TableDefinition<ShareRow> = {
  name: 'pipe_state_shares',
  description: 'A row for each cell, operation and state, over all counted runs of the cell.',
  columns: [
    CELL,
    column('operation', 'string', (r) => r.operation, 'which call found the pipe so', {
      values: PIPE_OPERATIONS,
      required: true,
    }),
    column('pipe_state', 'integer', (r) => r.state, "the platform's state word", {
      required: true,
    }),
    column('pipe_state_hex', 'string', (r) => stateHex(r.state), 'the same in hexadecimal', {
      required: true,
    }),
    column('pipe_state_names', 'string', (r) => r.names, 'its bits by name, highest first', {
      required: true,
    }),
    column('share', 'number', (r) => r.share, 'of the calls of this operation', {
      unit: 'share',
      minimum: 0,
      required: true,
    }),
  ],
};

export function pipeStateShares({ cells, pipeStates, stateNames }: SweepResults): Table {
  const states = byCell(pipeStates);
  const rows = cells.flatMap(({ cell }) =>
    PIPE_OPERATIONS.flatMap((operation) =>
      stateShares(states.get(cell) ?? [], operation).map(
        (found): ShareRow => ({ ...found, cell, operation, names: stateNames(found.state) }),
      ),
    ),
  );
  return tableOf(PIPE_STATE_SHARES, () => rows, undefined);
}
