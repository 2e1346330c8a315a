import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RATES, rateOf, unitOfCounter } from '../../src/analyse/counter-rates.ts';
import { type CounterSummary, summariseCounters } from '../../src/analyse/counter-summary.ts';
import { medianInterval } from '../../src/analyse/median-interval.ts';
import { median } from '../../src/analyse/statistics.ts';
import type { CounterRow } from '../../src/store/cell-data.ts';
import type { CellRow } from '../../src/store/reader.ts';

const CELLS = [1, 2].map((cell) => ({ cell, total_bytes: 2 ** 20 }) as CellRow);
const SWEEP = { controls: 0, iterations_as_runs: 0 };

type Counters = Readonly<Record<string, number>>;

/** The rows of a run, as the store yields them. */
function rowsOf(
  run: number,
  iterations: readonly Counters[],
  { cell = 1, traced = 0, elapsedNs = 1000 } = {},
): readonly CounterRow[] {
  return iterations.flatMap((counters, at) =>
    Object.entries(counters).map(([counter, value]) => ({
      ...{ cell, run_id: run, traced, iteration: at + 2, elapsed_ns: elapsedNs, counter, value },
    })),
  );
}

function named(summaries: readonly CounterSummary[], name: string, cell = 1): CounterSummary {
  const found = summaries.find((one) => one.name === name && one.cell.cell === cell);
  if (!found) throw new Error(`${name} is not among ${summaries.map((one) => one.name)}`);
  return found;
}

describe('the counters of a cell', () => {
  it('are medians over the runs, each of them the median of its iterations, with an interval', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.maxSafeNat(), { minLength: 1, maxLength: 5 }), {
          ...{ minLength: 1, maxLength: 20 },
        }),
        (runs) => {
          const rows = runs.flatMap((values, at) =>
            rowsOf(
              at + 1,
              values.map((value) => ({ A: value })),
            ),
          );
          const { values, interval } = named(summariseCounters(SWEEP, CELLS, rows), 'A');
          const medians = runs.map(median);
          expect(values.n).toBe(runs.length);
          expect(values.median).toBe(median(medians));
          expect(interval).toEqual(medianInterval(medians));
        },
      ),
    );
  });

  it('are taken from the untraced runs where there are controls, as the bandwidth is', () => {
    const rows = [1, 2, 3, 4].flatMap((run) =>
      rowsOf(run, [{ A: run % 2 === 1 ? 1000 : 10 }], { traced: run % 2 }),
    );
    const alone = named(summariseCounters({ ...SWEEP, controls: 1 }, CELLS, rows), 'A');
    expect(alone).toMatchObject({ untraced: true, values: { n: 2, median: 10 } });
    const traced = rows.filter((row) => row.traced === 1);
    expect(named(summariseCounters(SWEEP, CELLS, traced), 'A')).toMatchObject({
      ...{ untraced: false, values: { n: 2, median: 1000 } },
    });
  });

  it('count the runs that have a value, and have no interval if the runs are iterations of one process', () => {
    const rows = [1, 2, 3, 4, 5, 6].flatMap((run) =>
      rowsOf(run, [run === 6 ? { A: 1 } : { A: run, B: run }]),
    );
    const summaries = summariseCounters(SWEEP, CELLS, rows);
    expect(named(summaries, 'A').values.n).toBe(6);
    expect(named(summaries, 'B').values.n).toBe(5);
    expect(named(summaries, 'B').interval?.level).toBe(0.9375);
    const dependent = summariseCounters({ ...SWEEP, iterations_as_runs: 1 }, CELLS, rows);
    expect(named(dependent, 'A')).toMatchObject({ interval: undefined, values: { n: 6 } });
  });

  it('are untraced in a sweep without a tracer, and left out for a cell that is not asked for', () => {
    const rows = [...rowsOf(1, [{ A: 1 }]), ...rowsOf(2, [{ A: 2 }], { cell: 9 })];
    const summaries = summariseCounters(SWEEP, CELLS, rows);
    expect(summaries).toMatchObject([{ cell: { cell: 1 }, name: 'A', untraced: true }]);
  });

  it('are kept apart by cell and sorted by name, and rates follow them', () => {
    const rows = [
      ...rowsOf(1, [{ INST_RETIRED: 6, CPU_CYCLES: 3, z: 1 }]),
      ...rowsOf(2, [{ INST_RETIRED: 1, CPU_CYCLES: 4 }], { cell: 2 }),
    ];
    const summaries = summariseCounters(SWEEP, CELLS, rows);
    expect(summaries.map(({ cell, name }) => `${cell.cell} ${name}`)).toEqual([
      ...['1 CPU_CYCLES', '1 INST_RETIRED', '1 z'],
      ...['1 instructions_per_cycle', '1 cycles_per_byte', '1 instructions_per_byte'],
      ...['2 CPU_CYCLES', '2 INST_RETIRED'],
      ...['2 instructions_per_cycle', '2 cycles_per_byte', '2 instructions_per_byte'],
    ]);
    expect(named(summaries, 'instructions_per_cycle', 2).values.median).toBe(0.25);
  });

  it('give a rate that is made from each iteration, not from medians of different ones', () => {
    const rows = rowsOf(1, [
      { INST_RETIRED: 10, CPU_CYCLES: 10 },
      { INST_RETIRED: 10, CPU_CYCLES: 100 },
      { INST_RETIRED: 100, CPU_CYCLES: 50 },
    ]);
    const summaries = summariseCounters(SWEEP, CELLS, rows);
    expect(named(summaries, 'instructions_per_cycle').values.median).toBe(1);
    expect(named(summaries, 'INST_RETIRED').values.median).toBe(10);
    expect(named(summaries, 'CPU_CYCLES').values.median).toBe(50);
  });
});

describe('a rate of counters', () => {
  const rate = (name: string, counters: Counters) =>
    rateOf(RATES.find((one) => one.name === name)!, {
      ...{ elapsedNs: 2000, totalBytes: 2 ** 21, counters: new Map(Object.entries(counters)) },
    });

  it.each([
    ['cycles_per_byte', { CPU_CYCLES: 2 ** 20 }, 0.5],
    ['branch_miss_rate', { BR_MIS_PRED: 1, BR_PRED: 50 }, 0.02],
    ['branch_miss_rate', { BR_MIS_PRED_RETIRED: 1, BR_RETIRED: 100 }, 0.01],
    ['l1d_hit_rate', { L1D_CACHE: 100, L1D_CACHE_REFILL: 25 }, 0.75],
    ['l1d_hit_rate', { L1D_LOADS: 100, L1D_LOAD_MISSES: 10 }, 0.9],
    ['llc_hit_rate', { LLC_REFERENCES: 8, LLC_MISSES: 4 }, 0.5],
    ['dtlb_misses_per_1000_instructions', { L1D_TLB_REFILL: 3, INST_RETIRED: 1500 }, 2],
    ['cpu_share', { TASK_CLOCK_NS: 1000 }, 0.5],
    ['page_faults_per_mib', { PAGE_FAULTS: 512 }, 256],
    ['context_switches_per_mib', { CONTEXT_SWITCHES: 8 }, 4],
  ] as const)('has the right value: %s of %o is %d', (name, counters, value) => {
    expect(rate(name, counters as Counters)).toBeCloseTo(value, 12);
  });

  it('is unknown where a counter is missing, and where it would be a division by zero', () => {
    expect(rate('instructions_per_cycle', { INST_RETIRED: 1 })).toBeUndefined();
    expect(rate('instructions_per_cycle', { INST_RETIRED: 0, CPU_CYCLES: 0 })).toBeUndefined();
    expect(rate('llc_hit_rate', { LLC_REFERENCES: 0, LLC_MISSES: 0 })).toBeUndefined();
    expect(rate('instructions_per_cycle', { CPU_CYCLES: 1 })).toBeUndefined();
    expect(rate('instructions_per_cycle', { INST_RETIRED: 0, CPU_CYCLES: 2 })).toBe(0);
  });

  it('is made from the next pair of counters where the first one has counted nothing', () => {
    const nothing = { BR_MIS_PRED_RETIRED: 0, BR_RETIRED: 0 };
    expect(rate('branch_miss_rate', { ...nothing, BR_MIS_PRED: 1, BR_PRED: 4 })).toBe(0.25);
  });

  it('has a unique name, and a counter has the unit that its name ends with', () => {
    expect(new Set(RATES.map(({ name }) => name)).size).toBe(RATES.length);
    expect(unitOfCounter('TASK_CLOCK_NS')).toBe('ns');
    expect(unitOfCounter('L1D_CACHE_HIT_RATE')).toBe('share');
    expect(unitOfCounter('MISS_SHARE')).toBe('share');
    expect(unitOfCounter('CYCLES_PER_INSTRUCTION')).toBe('cycles');
    for (const name of ['INST_RETIRED', 'CPU_CYCLES', 'STALLS_NS_LIMIT', 'HIT_RATE_CHANGES']) {
      expect([name, unitOfCounter(name)]).toEqual([name, 'events']);
    }
  });
});
