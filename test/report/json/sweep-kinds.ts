import type { Cell } from '../../../src/experiment/cell.ts';
import { recordEnvironment } from '../../../src/store/environment-writer.ts';
import { writeImport } from '../../../src/store/import-writer.ts';
import { setMissing } from '../../../src/store/missing.ts';
import type { Db } from '../../../src/store/open.ts';
import { runWriter } from '../../../src/store/run-writer.ts';
import { recordSweepHost } from '../../../src/store/sweep-hosts.ts';
import { createSweep, markSweep } from '../../../src/store/sweep-writer.ts';
import { hostileSweep as hostileTables } from '../../export/hostile-sweep.ts';
import {
  CELL,
  ENVIRONMENT,
  exampleResult,
  exampleSweep,
  NEW_SWEEP,
} from '../../store/example-sweep.ts';
import { hostileSweep, twentyCells } from '../html/sweeps.ts';
import { madeSweep } from '../made-sweep.ts';

const sizes = (count: number): readonly Cell[] =>
  Array.from({ length: count }, (_, at) => ({
    ...CELL,
    bufferBytes: 2 ** (9 + at),
    totalBytes: 2 ** 20,
  }));

/** Cells on two hosts, of which each makes all of the matrix. */
function onTwoHosts(db: Db): void {
  const cells = ['board-1', 'board-2'].map((host) => ({ ...CELL, host }));
  const id = createSweep(db, { ...NEW_SWEEP, name: 'hosts', cells });
  for (const [cellIndex, cell] of cells.entries()) {
    const machine = `machine of ${cell.host}`;
    recordSweepHost(db, id, {
      ...{ name: cell.host, machine, programs: [], traceProgramSha256: '' },
      ...{ benchmarkPath: '/ipc-benchmark', benchmarkSha256: 'h' },
    });
    const environment = { ...ENVIRONMENT, host: cell.host, machine };
    const store = runWriter(db, id, recordEnvironment(db, id, environment, []));
    for (let trial = 1; trial <= 6; trial++) {
      const result = exampleResult(trial);
      store({ ...result, planned: { ...result.planned, cell, cellIndex } });
    }
  }
}

function ofTwoPrograms(db: Db): void {
  const cells = ['new', 'base'].map((program) => ({ ...CELL, program }));
  const { store } = exampleSweep(db, { name: 'programs', cells });
  for (let trial = 1; trial <= 6; trial++) {
    for (const [cellIndex, cell] of cells.entries()) {
      const result = exampleResult(trial);
      store({ ...result, planned: { ...result.planned, cell, cellIndex } });
    }
  }
}

function imported(db: Db): void {
  writeImport(db, {
    ...{ name: 'lab', description: 'Imported from lab.json', identity: 'a'.repeat(64) },
    ...{ file: 'lab.json', bare: false, iterations: 1, rusage: false },
    runs: Array.from({ length: 6 }, (_, at) => ({
      cell: CELL,
      warmup: false,
      samples: [{ iteration: 1, elapsedNs: 1000 + at, bandwidthBytesPerS: 1.024e9 - at }],
      facts: [{ key: 'hw.ncpu', value: '4' }],
    })),
  });
}

/** No run is good, and something that was asked for is missing. */
function allBad(db: Db): void {
  const { id, store } = exampleSweep(db, { name: 'bad' });
  store(exampleResult(1, { outcome: { state: 'timed-out', reason: 'after 5 s' }, exitCode: null }));
  store(
    exampleResult(2, {
      outcome: { state: 'suspect', samples: [] },
      doubts: [{ code: 'drops', message: 'lost 3', suspect: true }],
    }),
  );
  setMissing(db, id, [{ name: 'pipe-states', reason: 'this kernel has no probe for them' }]);
  markSweep(db, id, 'interrupted', new Date(1000));
}

/**
 * Every kind of sweep whose documents could differ in their shape. The first one changes every host
 * that the database has by then.
 */
export const SWEEP_KINDS: Readonly<Record<string, (db: Db) => void>> = {
  'with hostile texts': hostileSweep,
  'of no run yet': (db) => {
    exampleSweep(db);
  },
  'with expectations that fail': (db) => {
    const { store } = exampleSweep(db);
    for (let trial = 1; trial <= 5; trial++) store(exampleResult(trial));
  },
  'with controls': (db) => twentyCells(db, 6),
  'until a precision': (db) =>
    madeSweep(db, { cells: sizes(5), trials: 7, controls: true, relativeCi: 0.001 }),
  'on two hosts': onTwoHosts,
  'of two programs': ofTwoPrograms,
  'that was imported': imported,
  'without a good run': allBad,
  'with hostile tables': hostileTables,
};
