import { existsSync } from 'node:fs';
import { bandwidthsByCell, bandwidthsOf, quotedRuns, runMedians } from '../analyse/bandwidths.ts';
import { axisOf, type Side } from '../analyse/comparison.ts';
import { featuresByCell } from '../analyse/features.ts';
import { UserError } from '../errors.ts';
import { AXES, type AxisName } from '../spec/cell.ts';
import { parseSize } from '../spec/sizes.ts';
import {
  cellBandwidths,
  cellSyscalls,
  runStateShares,
  type Selection,
} from '../store/cell-data.ts';
import { environmentFacts, environmentsOf } from '../store/environment-rows.ts';
import { type Db, openForReading } from '../store/open.ts';
import { cellsOf, chooseSweep, type SweepRow, stateBits } from '../store/reader.ts';
import { stateNames } from '../trace/pipe-state-bits.ts';

/** What names a side: a database, a sweep of it, and the cells that are meant. */
export interface Selector {
  /** Undefined: the database that the command was given. */
  readonly file: string | undefined;
  /** Undefined: its newest sweep. */
  readonly sweep: string | undefined;
  readonly cells: ReadonlyMap<AxisName, string | number | boolean>;
}

export const SELECTOR_HINT =
  'name a sweep, a database, or cells, joined by colons: quickstart-1, old.db, ipc=local, old.db:quickstart-1:ipc=pipe';

/** Reads `[DATABASE:][SWEEP:][AXIS=VALUE[,AXIS=VALUE ...]]`. @throws UserError naming what is wrong */
export function parseSelector(text: string): Selector {
  let file: string | undefined;
  let sweep: string | undefined;
  const cells = new Map<AxisName, string | number | boolean>();
  for (const part of text.split(':')) {
    if (part.includes('=')) {
      for (const pair of part.split(',')) {
        const [axis, value] = parsePair(pair, text);
        cells.set(axis, value);
      }
    } else if (file === undefined && (/\.(db|sqlite3?)$/.test(part) || part.includes('/'))) {
      file = part;
    } else if (sweep === undefined && part !== '') sweep = part;
    else throw new UserError(`cannot read ${JSON.stringify(text)}`, { hint: SELECTOR_HINT });
  }
  if (file !== undefined && !existsSync(file)) {
    throw new UserError(`there is no database ${file}`, { hint: SELECTOR_HINT });
  }
  return { file, sweep, cells };
}

function parsePair(pair: string, text: string): [AxisName, string | number | boolean] {
  const [name, written = ''] = pair.split('=');
  const axis = AXES.find((it) => it === name);
  if (!axis) {
    throw new UserError(`${JSON.stringify(text)}: no axis is called ${name}`, {
      hint: `the axes are ${AXES.join(', ')}`,
    });
  }
  if (axis === 'socket_buffers') {
    if (written === 'true' || written === 'false') return [axis, written === 'true'];
    throw new UserError(`${JSON.stringify(text)}: ${written} is neither true nor false`, {
      hint: 'such as socket_buffers=true',
    });
  }
  if (axis === 'ipc' || axis === 'mode') return [axis, written];
  const bytes = parseSize(written);
  if (bytes === undefined) {
    throw new UserError(`${JSON.stringify(text)}: ${written} is no size`, {
      hint: 'a size is whole bytes such as 4096, or 4KiB',
    });
  }
  return [axis, bytes];
}

/** A side with what is to be said about its origin. */
export interface LoadedSide extends Side {
  readonly label: string;
  readonly sweep: SweepRow;
  /** Whether its bandwidths were measured without a tracer. */
  readonly untraced: boolean;
  /** Of the environment of its last runs. */
  readonly facts: ReadonlyMap<string, string>;
}

/** @throws UserError when the database, the sweep or its cells are not there */
export function loadSide(text: string, database: string, selection: Selection): LoadedSide {
  const selector = parseSelector(text);
  const db = openForReading(selector.file ?? database);
  try {
    db.exec('BEGIN');
    return readSide(db, selector, text, selection);
  } finally {
    db.close();
  }
}

function readSide(db: Db, selector: Selector, text: string, selection: Selection): LoadedSide {
  const sweep = chooseSweep(db, selector.sweep);
  const cells = cellsOf(db, sweep.id).filter((cell) =>
    [...selector.cells].every(([axis, value]) => axisOf(cell, axis) === value),
  );
  if (cells.length === 0) {
    throw new UserError(`sweep ${sweep.name}-${sweep.id} has no cell with ${text}`, {
      hint: '`ipc-sweep status SWEEP` shows its cells',
    });
  }
  const bandwidths = bandwidthsByCell(cellBandwidths(db, sweep.id, selection));
  const bits = stateBits(db, sweep.id);
  const named = (row: { operation: string; state: number }) =>
    `${row.operation} ${stateNames(row.state, bits)}`;
  const environment = environmentsOf(db, sweep.id).at(-1);
  return {
    label: text,
    sweep,
    untraced: sweep.controls === 1 || sweep.tracer === 'none',
    cells,
    bandwidths: new Map(
      cells.map(({ cell }) => [
        cell,
        runMedians(quotedRuns(bandwidthsOf(bandwidths, cell), sweep)),
      ]),
    ),
    syscalls: featuresByCell(
      cellSyscalls(db, sweep.id, selection).map((row) => ({
        ...row,
        name: `${row.role} ${row.syscall}`,
        value: row.count,
      })),
    ),
    pipeStates: featuresByCell(
      runStateShares(db, sweep.id, selection).map((row) => ({ ...row, name: named(row) })),
    ),
    facts: environment ? environmentFacts(db, environment.id) : new Map(),
  };
}
