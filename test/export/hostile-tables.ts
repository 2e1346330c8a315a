import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from '../../src/export/table.ts';
import { sweepTables } from '../../src/export/tables.ts';
import { sweepResults } from '../../src/results/sweep-results.ts';
import { openForWriting } from '../../src/store/open.ts';
import { chooseSweep, type SweepRow } from '../../src/store/reader.ts';
import { hostileSweep } from './hostile-sweep.ts';

/** The hostile sweep in a folder of its own, stored and read again. */
export class HostileTables {
  readonly folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-hostile-'));
  readonly #database = openForWriting(join(this.folder, 'sweep.db'));
  readonly sweep: SweepRow;
  readonly tables: readonly Table[];

  constructor() {
    const { db } = this.#database;
    hostileSweep(db);
    this.sweep = chooseSweep(db, undefined);
    this.tables = sweepTables(sweepResults(db, this.sweep, { suspect: false }));
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  remove(): void {
    this.#database.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
