import type { Cell } from '../../src/experiment/cell.ts';
import { recordEnvironment } from '../../src/store/environment-writer.ts';
import type { Db } from '../../src/store/open.ts';
import { runWriter } from '../../src/store/run-writer.ts';
import { assignHosts } from '../../src/store/sweep-hosts.ts';
import { createSweep, markSweep } from '../../src/store/sweep-writer.ts';
import { CELL, ENVIRONMENT, exampleResult, NEW_SWEEP } from './example-sweep.ts';

export interface ToCompare {
  readonly name: string;
  /** The buffer sizes, in bytes. */
  readonly sizes: readonly number[];
  /** If given, each of these makes every cell, and the host is an axis. */
  readonly hosts?: readonly string[];
  /** If given, each of these makes every cell, and the program is an axis. */
  readonly programs?: readonly string[];
  readonly trials?: number;
  readonly kernel?: string;
  /** How many times as fast as usual a cell is. */
  readonly speed?: (cell: Cell) => number;
}

/** From -1 to 1, as good as by chance. */
function luck(seed: number): number {
  const large = 43758.5453 * Math.sin(12.9898 * seed);
  return 2 * (large - Math.floor(large)) - 1;
}

/**
 * Stores an untraced sweep that has ended, by whose cells a comparison can be checked: nothing in it
 * is random, runs are within 3 % of their cell's speed, and each has the luck that its block brings.
 * @returns its id
 */
export function sweepToCompare(db: Db, made: ToCompare): number {
  const { name, sizes, hosts, programs, trials = 11, kernel = '6.1', speed = () => 1 } = made;
  const cells = sizes.flatMap((bufferBytes) =>
    (hosts ?? [undefined]).flatMap((host) =>
      (programs ?? [undefined]).map(
        (program): Cell => ({
          ...{ ...CELL, bufferBytes, totalBytes: 2 ** 20 },
          ...(host === undefined ? {} : { host }),
          ...(program === undefined ? {} : { program }),
        }),
      ),
    ),
  );
  const id = createSweep(db, {
    ...{ ...NEW_SWEEP, name, cells, tracer: 'none', iterations: 1, expectations: [] },
    ...{ trials: { min: trials, max: trials, relativeCi: undefined } },
    ...{ plannedRuns: cells.length * trials, instruments: [] },
  });
  const stores = new Map(
    (hosts ?? ['local']).map((host) => {
      const machine = hosts === undefined ? 'vm' : `machine of ${host}`;
      const environment = { ...ENVIRONMENT, host, machine, osRelease: kernel };
      return [host, runWriter(db, id, recordEnvironment(db, id, environment, []))];
    }),
  );
  if (hosts === undefined) {
    assignHosts(
      db,
      id,
      cells.map((cell) => [cell, 'local'] as const),
    );
  }
  let ordinal = 0;
  for (let trial = 1; trial <= trials; trial++) {
    for (const [cellIndex, cell] of cells.entries()) {
      ordinal++;
      const own = 0.01 * luck(31 * ordinal + id) + 0.02 * luck(1000 * id + trial);
      const bandwidthBytesPerS = 2 ** 27 * speed(cell) * (1 + own);
      const elapsedNs = Math.round((cell.totalBytes / bandwidthBytesPerS) * 1e9);
      stores.get(cell.host ?? 'local')!({
        ...exampleResult(trial),
        planned: {
          ...{ ordinal, block: trial, cell, cellIndex, trial },
          ...{ warmup: false, traced: false },
        },
        outcome: { state: 'completed', samples: [{ iteration: 1, elapsedNs, bandwidthBytesPerS }] },
        startedAt: new Date(Date.UTC(2026, 0, id, 0, 0, ordinal)),
        counts: undefined,
        rawTrace: '',
        doubts: [],
      });
    }
  }
  markSweep(db, id, 'ended', new Date(Date.UTC(2026, 0, id, 1)));
  return id;
}
