/**
 * Below this many values there is no interval: even the whole range of four values covers the
 * true median in only 7 of 8 samples (1 - 2 / 2^n).
 */
export const LEAST_FOR_INTERVAL = 5;

/** The most that a spec may ask for. */
export const LIMITS = {
  /** The number of hosts of one sweep. */
  hosts: 256,
  /** The number of benchmarks that one sweep compares. */
  programs: 16,
  /** The benchmark maps and touches two buffers of this size. */
  bufferBytes: 1024 ** 3,
  totalBytes: 1024 ** 4,
  iterations: 10_000,
  trials: 10_000,
  axisValues: 10_000,
  /** The number of entries of exclude. */
  patterns: 1000,
  whereCharacters: 2000,
  expectations: 100,
  /** 24 days: a Node timer holds 2^31 - 1 ms, and fires at once above that. */
  timeoutMs: 24 * 86_400_000,
  /** Above this number of cells, `--allow-large` is required. */
  cells: 10_000,
  /** Above this number of cells, a sweep is refused in any case. */
  cellsAtMost: 2_000_000,
  runs: 1_000_000,
  runsAtMost: 12_000_000,
} as const;
