import type { Environment } from '../../src/execute/environment.ts';
import type { Cell } from '../../src/experiment/cell.ts';
import { recordEnvironment } from '../../src/store/environment-writer.ts';
import { openForWriting } from '../../src/store/open.ts';
import { runWriter } from '../../src/store/run-writer.ts';
import { assignHosts } from '../../src/store/sweep-hosts.ts';
import { createSweep, markSweep, type NewSweep } from '../../src/store/sweep-writer.ts';
import { seededRandom } from '../seeded-random.ts';
import { CELL, ENVIRONMENT, exampleResult, NEW_SWEEP } from './example-sweep.ts';

/** A night's sweep, as far as it is not like all others. */
export interface Night {
  readonly sweep?: Partial<NewSweep>;
  readonly environment?: Partial<Environment>;
  readonly facts?: readonly { readonly key: string; readonly value: string }[];
  /** By what all bandwidths are multiplied. */
  readonly factor?: number;
  readonly runs?: number;
  readonly state?: 'ended' | 'interrupted';
}

const LARGE: Cell = { ...CELL, totalBytes: 2 ** 24 };
export const NIGHTLY_CELLS: readonly Cell[] = [
  { ...LARGE, bufferBytes: 4096 },
  { ...LARGE, bufferBytes: 65536 },
];

/**
 * Stores a sweep of untraced runs for each night from 2026-01-01 on, with 1 % of noise that is the same
 * in every test.
 */
export function nightlySweeps(
  file: string,
  count: number,
  nightOf: (night: number) => Night = () => ({}),
): void {
  const { db, close } = openForWriting(file);
  const draw = seededRandom(31);
  const noise = () => 1 + ((draw(1000) + draw(1000) + draw(1000)) / 1500 - 1) * 0.02;
  for (let night = 0; night < count; night++) {
    const { sweep, environment, facts = [], factor = 1, runs = 6, state } = nightOf(night);
    const startedAt = new Date(Date.UTC(2026, 0, 1 + night, 2));
    const made = { ...NEW_SWEEP, name: 'nightly', cells: NIGHTLY_CELLS, tracer: 'none' as const };
    const id = createSweep(db, {
      ...{ ...made, traceProgram: '', traceProgramSha256: '', instruments: [], iterations: 1 },
      ...{ expectations: [], startedAt, ...sweep },
    });
    const place = { ...ENVIRONMENT, tracerVersion: '', capturedAt: startedAt, ...environment };
    const store = runWriter(db, id, recordEnvironment(db, id, place, facts, []));
    const cells = sweep?.cells ?? NIGHTLY_CELLS;
    assignHosts(
      db,
      id,
      cells.map((cell) => [cell, place.host]),
    );
    for (let trial = 1; trial <= runs; trial++) {
      for (const [cellIndex, cell] of cells.entries()) {
        const ordinal = (trial - 1) * cells.length + cellIndex + 1;
        const bandwidthBytesPerS = 2 ** 30 * (cellIndex + 1) * factor * noise();
        store({
          ...exampleResult(trial),
          planned: {
            ...{ ordinal, block: trial, cell, cellIndex, trial },
            ...{ warmup: false, traced: sweep?.tracer === 'bpftrace' },
          },
          outcome: {
            state: 'completed',
            samples: [{ iteration: 1, elapsedNs: 5_000_000, bandwidthBytesPerS }],
          },
          ...{ counts: undefined, rawTrace: undefined, doubts: [] },
        });
      }
    }
    markSweep(db, id, state ?? 'ended', new Date(startedAt.getTime() + 60_000));
  }
  close();
}
