import { type Cell, cellKey } from '../experiment/cell.ts';
import { cellName } from '../experiment/cell-name.ts';
import type { ExperimentDocument } from '../experiment/schema.ts';
import type { Trials } from '../experiment/trials.ts';
import type { SweepRow } from '../store/reader.ts';

/** A condition under which a sweep was made that is not the one that a spec asks for. */
export interface SpecDifference {
  /** The name of the condition, such as `trials`. */
  readonly code: string;
  readonly asked: string;
  readonly made: string;
  readonly message: string;
}

/** A stored sweep that is compared with a spec. */
export interface MadeSweep {
  readonly sweep: SweepRow;
  readonly cells: readonly Cell[];
  readonly doneRuns: number;
  readonly rusage: boolean;
  /** The set of counters; empty: none. */
  readonly counters: string;
  /** The names of its instruments. */
  readonly instruments: readonly string[];
  /** The benchmarks as its own spec names them; undefined if that spec cannot be read. */
  readonly programs: readonly string[] | undefined;
  /** The own names of the machines on which it was made. */
  readonly machines: readonly string[];
}

/** Lists what differs between a stored sweep and what a spec asks for; nothing hides a cell. */
export function specDifferences(
  document: ExperimentDocument,
  cells: readonly Cell[],
  made: MadeSweep,
): readonly SpecDifference[] {
  const { sweep } = made;
  const { benchmark, trace } = document;
  const differ = (code: string, asked: string, found: string, what = code): SpecDifference[] =>
    asked === found
      ? []
      : [
          {
            ...{ code, asked, made: found },
            message: `${what}: the spec asks for ${asked}, the sweep has ${found}`,
          },
        ];
  const ofTrials = { min: sweep.trials_min, max: sweep.trials_max, relativeCi: sweep.relative_ci };
  const traced = sweep.tracer !== 'none' && trace.tracer !== 'none';
  return [
    ...differ('name', document.name, sweep.name),
    ...incomplete(made),
    ...matrixDifferences(cells, made.cells),
    ...differ('trials', trialsText(document.trials), trialsText(ofTrials)),
    ...differ('warmup', String(document.warmup), String(sweep.warmup), 'warm-up trials'),
    ...differ('order', document.order, sweep.run_order),
    ...(made.programs
      ? differ('benchmark', programsOf(document).join(', '), made.programs.join(', '))
      : []),
    ...differ('iterations', String(benchmark.iterations), String(sweep.iterations)),
    ...differ('bare', yesNo(benchmark.bare), yesNo(sweep.bare === 1), 'bare benchmark'),
    ...differ('rusage', yesNo(benchmark.rusage), yesNo(made.rusage), 'rusage of samples'),
    ...differ('counters', benchmark.counters ?? 'none', made.counters || 'none'),
    ...differ(
      'tracer',
      trace.tracer === 'auto' && traced ? sweep.tracer : trace.tracer,
      sweep.tracer,
    ),
    ...differ('controls', yesNo(trace.controls && traced), yesNo(sweep.controls === 1)),
    ...(traced
      ? differ('instruments', instrumentNames(trace.instruments), instrumentNames(made.instruments))
      : []),
    ...(made.machines.length > 1
      ? differ('machine', 'one machine', `${made.machines.length}: ${made.machines.join(', ')}`)
      : []),
  ];
}

/** The benchmarks that a spec names. */
export function programsOf({ benchmark }: ExperimentDocument): readonly string[] {
  return 'programs' in benchmark ? Object.values(benchmark.programs) : [benchmark.program];
}

function incomplete({ sweep, doneRuns }: MadeSweep): readonly SpecDifference[] {
  if (sweep.state === 'ended') return [];
  const done = `${sweep.state}, ${doneRuns} of ${sweep.planned_runs} runs done`;
  const message = `the sweep is not complete: ${done}`;
  return [{ code: 'incomplete', asked: 'ended', made: done, message }];
}

/** The most cells that are named one by one. */
const MOST_NAMES = 3;

function matrixDifferences(
  asked: readonly Cell[],
  made: readonly Cell[],
): readonly SpecDifference[] {
  const missing = cellsWithout(asked, made);
  const more = cellsWithout(made, asked);
  const counts = { asked: `${asked.length} cells`, made: `${made.length} cells` };
  return [
    ...(missing.length > 0
      ? [
          {
            ...{ code: 'cells-missing', ...counts },
            message: `not made: ${missing.length} of ${asked.length} cells of the spec (${namesOf(missing)})`,
          },
        ]
      : []),
    ...(more.length > 0
      ? [
          {
            ...{ code: 'cells-more', ...counts },
            message: `not in the spec: ${more.length} of ${made.length} cells (${namesOf(more)})`,
          },
        ]
      : []),
  ];
}

/**
 * The cells that have no counterpart among others. Every database may have its own hosts, and only
 * a sweep of several programs names them.
 */
export function cellsWithout(cells: readonly Cell[], others: readonly Cell[]): readonly Cell[] {
  const named = [cells, others].every((all) => all.some(({ program }) => program !== undefined));
  const keyOf = ({ host: _, program, ...cell }: Cell) =>
    cellKey({ ...cell, ...(named && program !== undefined ? { program } : {}) });
  const known = new Set(others.map(keyOf));
  return cells.filter((cell) => !known.has(keyOf(cell)));
}

function namesOf(cells: readonly Cell[]): string {
  const names = cells.slice(0, MOST_NAMES).map(cellName).join('; ');
  return cells.length > MOST_NAMES ? `${names}; ...` : names;
}

function trialsText({
  min,
  max,
  relativeCi,
}: Pick<Trials, 'min' | 'max'> & { readonly relativeCi: number | null | undefined }): string {
  if (relativeCi === null || relativeCi === undefined) return String(max);
  return `${min} to ${max}, until ±${Number((100 * relativeCi).toPrecision(4))}%`;
}

function instrumentNames(names: readonly string[]): string {
  // The checks of every traced run need io-sizes, whether the spec names it or not.
  return (
    names
      .filter((name) => name !== 'io-sizes')
      .sort()
      .join(', ') || 'none'
  );
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
