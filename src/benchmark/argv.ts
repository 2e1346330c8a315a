import type { Cell } from '../experiment/cell.ts';
import type { CounterSet } from '../experiment/counters.ts';

export interface BenchmarkOptions {
  readonly bare: boolean;
  readonly iterations: number;
  readonly rusage: boolean;
  /** The set of counters to count; if undefined, none. */
  readonly counters?: CounterSet | undefined;
}

/**
 * Returns the arguments of one run. Options come before the mode, because the benchmark's getopt
 * stops at the first word that is not an option.
 */
export function benchmarkArguments(cell: Cell, options: BenchmarkOptions): readonly string[] {
  return [
    '-j',
    ...(options.bare ? ['-B'] : []),
    ...(options.rusage ? ['-g'] : []),
    ...(options.counters ? ['-P', options.counters] : []),
    '-i',
    cell.ipc,
    ...(cell.socketBuffers ? ['-s'] : []),
    '-b',
    String(cell.bufferBytes),
    '-t',
    String(cell.totalBytes),
    ...(options.iterations === 1 ? [] : ['-n', String(options.iterations)]),
    cell.mode,
  ];
}
