import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AXES_IN_TABLES, AXIS, IPC_TYPES, MODES } from '../../src/experiment/axes.ts';
import type { Cell } from '../../src/experiment/cell.ts';
import type { Db } from '../../src/store/db.ts';
import { openForWriting } from '../../src/store/open.ts';
import { CELL_COLUMNS, type CellRow, cellOf } from '../../src/store/reader.ts';
import { CELL, exampleSweep } from './example-sweep.ts';

/** The columns of the table cell that are no axes. */
const OTHERS = ['id', 'sweep_id', 'number', 'key', 'asked', 'assigned_host', 'other_shard'];

describe('the table cell', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-axes-'));
  let db: Db;
  let close: () => void;
  beforeAll(() => {
    ({ db, close } = openForWriting(join(folder, 'axes.db')));
  });
  afterAll(() => {
    close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has a column of the right type for each axis, and no other column of an axis', () => {
    const columns = db.pragma('table_info(cell)') as {
      readonly name: string;
      readonly type: string;
      readonly notnull: number;
    }[];
    const types = { word: 'TEXT', name: 'TEXT', size: 'INTEGER', flag: 'INTEGER' } as const;
    expect(
      columns
        .filter(({ name }) => !OTHERS.includes(name))
        .map(({ name, type, notnull }) => [name, type, notnull])
        .sort(),
    ).toEqual(AXES_IN_TABLES.map((axis) => [AXIS[axis].column, types[AXIS[axis].kind], 1]).sort());
  });

  it('returns every cell unchanged', () => {
    const cells: readonly Cell[] = IPC_TYPES.flatMap((ipc) =>
      MODES.flatMap((mode) =>
        [true, false].flatMap((socketBuffers) =>
          [{}, { host: 'board-1' }, { program: 'new' }, { host: 'b', program: 'new' }].map(
            (names) => ({ ...CELL, ipc, mode, socketBuffers, ...names }),
          ),
        ),
      ),
    );
    const { id } = exampleSweep(db, { cells });
    const rows = db
      .prepare<[number], CellRow>(
        `SELECT ${CELL_COLUMNS} FROM cell WHERE sweep_id = ? ORDER BY number`,
      )
      .all(id);
    expect(rows.map(cellOf)).toEqual(cells);
  });
});
