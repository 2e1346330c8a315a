import type { CounterRow } from '../store/cell-data.ts';
import type { CellRow } from '../store/reader.ts';
import { quotedRuns } from './bandwidths.ts';
import { consecutive } from './consecutive.ts';
import { type CountedSample, RATES, rateOf, unitOfCounter } from './counter-rates.ts';
import type { Interval } from './interval.ts';
import { medianInterval } from './median-interval.ts';
import { type Distribution, describe, median } from './statistics.ts';

/** A counter, or a rate of counters, over the quoted runs of a cell. */
export interface CounterSummary {
  readonly cell: CellRow;
  readonly kind: 'counter' | 'rate';
  readonly name: string;
  /** Its name in a sentence or above a chart. */
  readonly title: string;
  readonly unit: string;
  /** Whether the runs were made without a tracer. */
  readonly untraced: boolean;
  /** The values of the runs that have one, each the median of its iterations. */
  readonly values: Distribution;
  /** Confidence interval of the median; undefined for fewer than 5 runs, and for iterations. */
  readonly interval: Interval | undefined;
}

interface CountedRun {
  readonly traced: boolean;
  readonly samples: readonly CountedSample[];
}

/**
 * Sums up the counters of each cell, and the rates that follow from them. A rate is made from each
 * iteration by itself.
 * @param rows the rows of each cell together, and those of each iteration
 * @returns ordered by cell; first the counters by name, then the rates
 */
export function summariseCounters(
  sweep: { readonly controls: number; readonly iterations_as_runs: number },
  cells: readonly CellRow[],
  rows: Iterable<CounterRow>,
): readonly CounterSummary[] {
  const cellOf = new Map(cells.map((cell) => [cell.cell, cell]));
  const summaries: CounterSummary[] = [];
  for (const own of consecutive(rows, ({ cell }) => cell)) {
    const cell = cellOf.get(own[0]!.cell);
    if (cell) summaries.push(...ofCell(cell, own, sweep));
  }
  return summaries;
}

function ofCell(
  cell: CellRow,
  rows: readonly CounterRow[],
  sweep: { readonly controls: number; readonly iterations_as_runs: number },
): readonly CounterSummary[] {
  const runs = runsOf(rows, cell.total_bytes);
  const untraced = runs.filter((run) => !run.traced);
  const quoted = quotedRuns({ traced: runs.filter((run) => run.traced), untraced }, sweep);
  const names = new Set<string>();
  for (const { samples } of quoted) {
    for (const { counters } of samples) for (const name of counters.keys()) names.add(name);
  }
  const summary = (
    named: Pick<CounterSummary, 'kind' | 'name' | 'title' | 'unit'>,
    valueIn: (sample: CountedSample) => number | undefined,
  ): readonly CounterSummary[] => {
    const medians = quoted.flatMap(({ samples }) => {
      const values = samples.flatMap((sample) => valueIn(sample) ?? []);
      return values.length > 0 ? [median(values)] : [];
    });
    const values = describe(medians);
    if (!values) return [];
    const interval = sweep.iterations_as_runs === 1 ? undefined : medianInterval(medians);
    return [{ cell, ...named, untraced: quoted === untraced, values, interval }];
  };
  return [
    ...[...names].sort().flatMap((name) => {
      const named = { kind: 'counter', name, title: name, unit: unitOfCounter(name) } as const;
      return summary(named, ({ counters }) => counters.get(name));
    }),
    ...RATES.flatMap((rate) => {
      const { name, title, unit } = rate;
      return summary({ kind: 'rate', name, title, unit }, (sample) => rateOf(rate, sample));
    }),
  ];
}

function runsOf(rows: readonly CounterRow[], totalBytes: number): readonly CountedRun[] {
  const runs: CountedRun[] = [];
  for (const ofRun of consecutive(rows, ({ run_id: run }) => run)) {
    const samples = [...consecutive(ofRun, ({ iteration }) => iteration)].map((ofSample) => ({
      elapsedNs: ofSample[0]!.elapsed_ns,
      totalBytes,
      counters: new Map(ofSample.map(({ counter, value }) => [counter, value])),
    }));
    runs.push({ traced: ofRun[0]!.traced === 1, samples });
  }
  return runs;
}
