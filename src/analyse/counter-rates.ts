/** One sample with its counters by the names that the benchmark prints. */
export interface CountedSample {
  readonly elapsedNs: number;
  /** The bytes that were moved. */
  readonly totalBytes: number;
  readonly counters: ReadonlyMap<string, number>;
}

/** A quantity that follows from counters. */
export interface Rate {
  /** Its name in tables. */
  readonly name: string;
  /** Its name in a sentence or above a chart. */
  readonly title: string;
  readonly unit: string;
  /** The counter that is divided, and what by; the first pair that a sample has is taken. */
  readonly pairs: readonly (readonly [counter: string, divisor: string])[];
  readonly times?: number;
  /** If true, the rate is what is left to 1: hits from misses. */
  readonly complement?: boolean;
}

const BYTES = 'total_bytes';
const ELAPSED = 'elapsed_ns';
const MIB = 2 ** 20;

/**
 * Every rate that is made from counters. The names of counters are those of Arm's events, as
 * upstream prints them, and those that the bundled benchmark has for other processors.
 */
export const RATES: readonly Rate[] = [
  {
    ...{
      name: 'instructions_per_cycle',
      title: 'Instructions per cycle',
      unit: 'instructions/cycle',
    },
    pairs: [['INST_RETIRED', 'CPU_CYCLES']],
  },
  {
    ...{ name: 'cycles_per_byte', title: 'Cycles per byte', unit: 'cycles/byte' },
    pairs: [['CPU_CYCLES', BYTES]],
  },
  {
    ...{ name: 'instructions_per_byte', title: 'Instructions per byte', unit: 'instructions/byte' },
    pairs: [['INST_RETIRED', BYTES]],
  },
  {
    ...{ name: 'branch_miss_rate', title: 'Branches predicted wrongly', unit: 'share' },
    pairs: [
      ['BR_MIS_PRED_RETIRED', 'BR_RETIRED'],
      ['BR_MIS_PRED', 'BR_PRED'],
    ],
  },
  {
    ...{ name: 'l1d_hit_rate', title: 'L1 data cache hits', unit: 'share', complement: true },
    pairs: [
      ['L1D_CACHE_REFILL', 'L1D_CACHE'],
      ['L1D_LOAD_MISSES', 'L1D_LOADS'],
    ],
  },
  {
    ...{ name: 'l2d_hit_rate', title: 'L2 cache hits', unit: 'share', complement: true },
    pairs: [['L2D_CACHE_REFILL', 'L2D_CACHE']],
  },
  {
    ...{ name: 'llc_hit_rate', title: 'Last-level cache hits', unit: 'share', complement: true },
    pairs: [['LLC_MISSES', 'LLC_REFERENCES']],
  },
  {
    ...{ name: 'l1i_hit_rate', title: 'L1 instruction cache hits', unit: 'share' },
    ...{ complement: true, pairs: [['L1I_CACHE_REFILL', 'L1I_CACHE']] },
  },
  {
    ...{ name: 'dtlb_misses_per_1000_instructions', unit: 'misses/1000 instructions', times: 1000 },
    title: 'Data TLB misses per 1000 instructions',
    pairs: [
      ['L1D_TLB_REFILL', 'INST_RETIRED'],
      ['DTLB_LOAD_MISSES', 'INST_RETIRED'],
    ],
  },
  {
    ...{ name: 'itlb_misses_per_1000_instructions', unit: 'misses/1000 instructions', times: 1000 },
    title: 'Instruction TLB misses per 1000 instructions',
    pairs: [
      ['L1I_TLB_REFILL', 'INST_RETIRED'],
      ['ITLB_MISSES', 'INST_RETIRED'],
    ],
  },
  {
    ...{ name: 'cpu_share', title: 'CPU time over elapsed time', unit: 'share' },
    pairs: [['TASK_CLOCK_NS', ELAPSED]],
  },
  {
    ...{
      name: 'page_faults_per_mib',
      title: 'Page faults per MiB',
      unit: 'faults/MiB',
      times: MIB,
    },
    pairs: [['PAGE_FAULTS', BYTES]],
  },
  {
    ...{
      name: 'context_switches_per_mib',
      title: 'Context switches per MiB',
      unit: 'switches/MiB',
    },
    ...{ times: MIB, pairs: [['CONTEXT_SWITCHES', BYTES]] },
  },
];

/** The unit of a counter: of most, how often something happened. */
export function unitOfCounter(name: string): string {
  if (/_NS$/.test(name)) return 'ns';
  if (/_(RATE|SHARE)$/.test(name)) return 'share';
  return name === 'CYCLES_PER_INSTRUCTION' ? 'cycles' : 'events';
}

/** @returns undefined if the sample lacks a counter, or if it would be a division by zero */
export function rateOf({ pairs, times = 1, complement }: Rate, sample: CountedSample) {
  const { counters, totalBytes, elapsedNs } = sample;
  const partOf = (name: string) => {
    if (name === BYTES) return totalBytes;
    return name === ELAPSED ? elapsedNs : counters.get(name);
  };
  for (const [counter, divisor] of pairs) {
    const [above, below] = [partOf(counter), partOf(divisor)];
    if (above === undefined || below === undefined || below === 0) continue;
    const rate = (times * above) / below;
    return complement ? 1 - rate : rate;
  }
  return undefined;
}
