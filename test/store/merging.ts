import Database from 'better-sqlite3';
import type { Db } from '../../src/store/db.ts';
import { recordEnvironment } from '../../src/store/environment-writer.ts';
import { checkInputs, readInput } from '../../src/store/merge/inputs.ts';
import type { MergeSetting } from '../../src/store/merge/merge.ts';
import { type TakenSweep, takeOver } from '../../src/store/merge/take-over.ts';
import { openForWriting } from '../../src/store/open.ts';
import { runWriter } from '../../src/store/run-writer.ts';
import { markSweep, type NewSweep } from '../../src/store/sweep-writer.ts';
import { tablesOf } from '../../src/store/tables-of.ts';
import { ENVIRONMENT, exampleResult, exampleSweep } from './example-sweep.ts';

export function write<T>(file: string, work: (db: Db) => T): T {
  const { db, close } = openForWriting(file);
  try {
    return work(db);
  } finally {
    close();
  }
}

/** Merges databases as the command does. */
export function merge(
  files: readonly string[],
  output: string,
  change: Partial<MergeSetting> = {},
): readonly TakenSweep[] {
  const setting: MergeSetting = { asOne: false, hostsBy: 'machine', ...change };
  const inputs = checkInputs(files, output, setting);
  return write(output, (db) =>
    inputs.flatMap((input) => readInput(input, (from) => takeOver(db, from, input.file, setting))),
  );
}

/** A database with sweeps of two names, one of them traced, with so many runs each. */
export function student(
  file: string,
  { sweeps = 2, runs = 2, change = {} as Partial<NewSweep> } = {},
) {
  write(file, (db) => {
    for (let sweep = 1; sweep <= sweeps; sweep++) {
      const { id, store } = exampleSweep(db, { name: `lab-${(sweep % 2) + 1}`, ...change });
      for (let trial = 1; trial <= runs; trial++) store(exampleResult(trial));
      markSweep(db, id, 'ended', new Date(1000 * runs));
    }
  });
  return file;
}

/** Returns a function that stores more runs of a sweep that is there. */
export function resumed(db: Db, sweepId: number) {
  const environment = { ...ENVIRONMENT, capturedAt: new Date(86_400_000) };
  return { store: runWriter(db, sweepId, recordEnvironment(db, sweepId, environment, [])) };
}

/** Every row of every table, in the order of all its columns; a blob as its digits. */
export function dump(file: string): Record<string, unknown[]> {
  const db = new Database(file, { readonly: true });
  try {
    return Object.fromEntries(
      tablesOf(db).map(({ name: table }) => {
        const columns = (db.pragma(`table_info(${table})`) as { name: string }[]).map(
          ({ name }) => `quote(${name})`,
        );
        const rows = db.prepare(`SELECT ${columns.join(', ')} FROM ${table} ORDER BY 1, 2`).raw();
        return [
          table,
          rows
            .all()
            .map((row) => JSON.stringify(row))
            .sort(),
        ];
      }),
    );
  } finally {
    db.close();
  }
}

/** How many sweeps and runs a merge has found new; runs that were there have to be the same. */
export const sum = (taken: readonly TakenSweep[]) => ({
  ...(taken.some(({ changedRuns }) => changedRuns > 0) ? { taken } : {}),
  sweeps: taken.filter(({ state }) => state === 'new').length,
  runs: taken.reduce((all, { newRuns }) => all + newRuns, 0),
});
