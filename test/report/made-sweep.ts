import type { Cell } from '../../src/experiment/cell.ts';
import { NO_ROWS } from '../../src/instruments/instruments.ts';
import type { Figure } from '../../src/report/figure.ts';
import { sweepFigures } from '../../src/report/figures.ts';
import { sweepResults } from '../../src/results/sweep-results.ts';
import { recordEnvironment } from '../../src/store/environment-writer.ts';
import type { Db } from '../../src/store/open.ts';
import { chooseSweep } from '../../src/store/reader.ts';
import { runWriter } from '../../src/store/run-writer.ts';
import { createSweep } from '../../src/store/sweep-writer.ts';
import type { RunCounts } from '../../src/trace/counts.ts';
import { ENVIRONMENT, exampleResult, NEW_SWEEP } from '../store/example-sweep.ts';

export interface Made {
  readonly cells: readonly Cell[];
  readonly trials: number;
  /** Every traced run has an untraced twin. */
  readonly controls?: boolean;
  /** False: no run has counts. */
  readonly traced?: boolean;
  /** Half the width of the medians' intervals that is asked for, as a share. */
  readonly relativeCi?: number;
  readonly facts?: readonly { readonly key: string; readonly value: string }[];
  /** How long runs take, if the test wants something in particular. */
  readonly elapsedNs?: (cell: Cell, trial: number) => number;
  /** Counts in place of the usual ones. */
  readonly counts?: (cell: Cell, trial: number) => Partial<RunCounts>;
}

/** Stores a sweep whose figures follow from trial and cell: nothing in it is random. */
export function madeSweep(
  db: Db,
  {
    cells,
    trials,
    controls = false,
    traced = true,
    facts = [],
    elapsedNs: takes,
    relativeCi,
    counts,
  }: Made,
): void {
  const id = createSweep(db, {
    ...NEW_SWEEP,
    cells,
    controls,
    trials: { ...NEW_SWEEP.trials, relativeCi },
    warmup: 1,
    tracer: traced ? 'bpftrace' : 'none',
  });
  const store = runWriter(db, id, recordEnvironment(db, id, ENVIRONMENT, facts));
  let ordinal = 0;
  for (let trial = 1; trial <= trials + 1; trial++) {
    for (const [cellIndex, cell] of cells.entries()) {
      for (const withTracer of controls ? [true, false] : [traced]) {
        ordinal++;
        const example = exampleResult(trial);
        const elapsedNs =
          takes?.(cell, trial) ?? 1000 * (cellIndex + 1) + trial * (withTracer ? 40 : 10);
        const bandwidthBytesPerS = cell.totalBytes / (elapsedNs / 1e9);
        store({
          ...example,
          planned: {
            ...{ ordinal, block: trial, cell, cellIndex, trial },
            ...{ warmup: trial === 1, traced: withTracer },
          },
          outcome: {
            state: 'completed',
            samples: [{ iteration: 1, elapsedNs, bandwidthBytesPerS }],
          },
          startedAt: new Date(Date.UTC(2026, 0, 2, 0, 0, ordinal)),
          counts: withTracer ? { ...countsOf(cell, trial), ...counts?.(cell, trial) } : undefined,
          doubts: [],
        });
      }
    }
  }
}

function countsOf({ ipc, bufferBytes, totalBytes }: Cell, trial: number): RunCounts {
  const count = Math.ceil(totalBytes / bufferBytes);
  const [reads, writes] = [
    { role: 'receiver', operation: 'read' },
    { role: 'sender', operation: 'write' },
  ] as const;
  const pipe = ipc === 'pipe';
  return {
    ...NO_ROWS,
    syscalls: [
      { role: 'receiver', syscall: 'read', count: count + 1 },
      { role: 'receiver', syscall: 'mmap', count: 11 },
      { role: 'sender', syscall: 'write', count: count + (trial % 2) },
    ],
    pipe_states: pipe
      ? [
          { ...reads, state: 4, count },
          { ...reads, state: bufferBytes >= 65536 ? 0x12 : 0x1, count: 2 * count },
          { ...writes, state: 2, count: 1000 * count },
          { ...writes, state: 4, count: 1 },
        ]
      : [],
    pipe_transitions: pipe
      ? [
          { ...reads, from_state: 4, to_state: 1, count },
          { ...reads, from_state: 1, to_state: 4, count },
        ]
      : [],
    pipe_dwell: pipe
      ? [
          { role: 'receiver', state: 1, next_state: 1, count: 400_000 * trial },
          { role: 'receiver', state: 1, next_state: 4, count: 100_000 * trial },
          { role: 'receiver', state: 4, next_state: 1, count: 499_000 * trial },
          { role: 'receiver', state: 18, next_state: 4, count: 1000 * trial },
          ...(bufferBytes >= 65536
            ? [{ role: 'receiver', state: 2, next_state: 18, count: 1_000_000 * trial } as const]
            : []),
        ]
      : [],
    io_sizes: [
      { ...reads, bytes: bufferBytes, count },
      { ...reads, bytes: -11, count: 1 },
      { ...reads, bytes: 0, count: 1 },
    ],
    events: [],
  };
}

/** The figures of the newest sweep. */
export function figuresOf(db: Db): readonly Figure[] {
  return sweepFigures(sweepResults(db, chooseSweep(db, undefined), { suspect: false }));
}

export function named(figures: readonly Figure[], name: string): Figure {
  const found = figures.find((figure) => figure.name === name);
  if (!found) throw new Error(`${name} is not among ${figures.map((f) => f.name).join(', ')}`);
  return found;
}

/** The rows that a figure draws, by the names of its columns. */
export function records({ data }: Figure): readonly Record<string, unknown>[] {
  return data.rows.map((row) =>
    Object.fromEntries(row.map((value, at) => [data.columns[at], value])),
  );
}
