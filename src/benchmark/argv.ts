import { AXIS, axesOfKinds, type MatrixAxisName } from '../experiment/axes.ts';
import { type Cell, valueOn } from '../experiment/cell.ts';
import type { CounterSet } from '../experiment/counters.ts';

/** The exit code of a benchmark that does not know an option, or a value of one (EX_USAGE). */
export const REFUSED_OPTION = 64;

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
  const axes = axesOfKinds('word', 'flag', 'size').map((axis) => argumentsOf(cell, axis));
  return [
    '-j',
    ...(options.bare ? ['-B'] : []),
    ...(options.rusage ? ['-g'] : []),
    ...(options.counters ? ['-P', options.counters] : []),
    ...axes.flatMap(({ option }) => option),
    ...(options.iterations === 1 ? [] : ['-n', String(options.iterations)]),
    ...axes.flatMap(({ operand }) => operand),
  ];
}

/** The words that set an axis: an option, or an operand without one. */
function argumentsOf(cell: Cell, axis: MatrixAxisName) {
  const own = AXIS[axis];
  const value = valueOn(cell, axis);
  if (own.kind === 'flag') return { option: value === true ? [own.option] : [], operand: [] };
  return 'option' in own
    ? { option: [own.option, String(value)], operand: [] }
    : { option: [], operand: [String(value)] };
}
