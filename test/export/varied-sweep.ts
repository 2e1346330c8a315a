import type { Outcome, RunResult } from '../../src/execute/outcome.ts';
import type { Cell } from '../../src/experiment/cell.ts';
import type { Db } from '../../src/store/db.ts';
import { CELL, exampleResult, exampleSweep } from '../store/example-sweep.ts';

const CELLS: readonly Cell[] = [
  { ...CELL, program: 'one' },
  { ...CELL, bufferBytes: 4096, program: 'one' },
  { ...CELL, ipc: 'local', program: 'one' },
  { ...CELL, ipc: 'local', bufferBytes: 4096, program: 'one' },
];
const TRIALS = 8;

/**
 * Stores a sweep of pipes and sockets in which everything is found that must not be added up: traced
 * runs and controls, warm-up trials, suspect and failed runs. Nothing in it is random.
 * @returns its id
 */
export function variedSweep(db: Db, iterations: number): number {
  const { id, store } = exampleSweep(db, { cells: CELLS, controls: true, warmup: 1, iterations });
  let ordinal = 0;
  for (let trial = 1; trial <= TRIALS; trial++) {
    for (const [cellIndex, cell] of CELLS.entries()) {
      for (const traced of [true, false]) {
        ordinal++;
        store(resultOf({ ordinal, trial, cell, cellIndex, traced }, iterations));
      }
    }
  }
  return id;
}

interface Place {
  readonly ordinal: number;
  readonly trial: number;
  readonly cell: Cell;
  readonly cellIndex: number;
  readonly traced: boolean;
}

/** A run whose figures follow from its place; some are suspect, and some have failed. */
function resultOf(
  { ordinal, trial, cell, cellIndex, traced }: Place,
  iterations: number,
): RunResult {
  const example = exampleResult(trial);
  const rate = 2 ** 20 * (100 + 10 * cellIndex + ((7 * ordinal) % 13) - (traced ? 20 : 0));
  const samples = Array.from({ length: iterations }, (_, at) => at + 1).map((iteration) => ({
    ...{ iteration, elapsedNs: 1000, bandwidthBytesPerS: rate * (1 + iteration / 7) },
  }));
  const outcome: Outcome =
    ordinal % 11 === 0
      ? { state: 'failed', reason: 'exit code 71' }
      : { state: ordinal % 9 === 0 ? 'suspect' : 'completed', samples };
  const end = { role: 'receiver', operation: 'read' } as const;
  return {
    ...example,
    planned: {
      ...{ ordinal, block: trial, cell, cellIndex, trial, warmup: trial === 1, traced },
    },
    outcome,
    counts: traced
      ? {
          ...example.counts!,
          // A warm-up trial and a suspect run would change every share.
          pipe_states: [1, 2, 0x81].map((state) => ({
            ...{ ...end, state, count: (state * trial * ordinal) % 29 },
          })),
          io_sizes: [
            { ...end, bytes: cell.bufferBytes, count: 10 + trial },
            { ...end, bytes: 100, count: ordinal % 5 },
            { ...end, bytes: 0, count: 1 },
          ],
        }
      : undefined,
  };
}
