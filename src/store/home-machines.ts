import { versionOf } from './migrations.ts';
import { openAsStored } from './open-untouched.ts';
import { recognise } from './recognise.ts';

/** The machines on which the sweeps of a database were made, without those reached over SSH. */
export interface HomeMachines {
  /** Whether at least one was made on the named machine. */
  readonly here: boolean;
  /** The own names of other machines, a few of them. */
  readonly others: readonly string[];
}

const MOST_NAMES = 3;
const LONGEST_NAME = 100;

/**
 * Reads on which machines `run` made the sweeps of a database, without a trace in it. Sweeps of
 * hosts over SSH do not say where `run` was, nor do imports.
 * @throws UserError when it is not a database of ipc-sweep
 */
export function homeMachines(file: string, machine: string): HomeMachines {
  if (!recognise(file, 'read')) return { here: false, others: [] };
  const { db, close } = openAsStored(file);
  try {
    // Version 1 ran everything on its own machine.
    const local = versionOf(db) === 1 ? '' : "AND host_name = 'local'";
    const names = db
      .prepare<[string], string>(
        `SELECT DISTINCT substr(CAST(host.name AS TEXT), 1, ${LONGEST_NAME})
         FROM environment JOIN host ON host.id = host_id JOIN sweep ON sweep.id = sweep_id
         WHERE run_order <> 'imported' ${local}
         ORDER BY host.name = ? DESC, host.name LIMIT ${MOST_NAMES}`,
      )
      .pluck()
      .all(machine);
    return {
      here: names.includes(machine),
      others: names.filter((name) => name !== machine),
    };
  } finally {
    close();
  }
}
