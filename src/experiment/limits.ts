/** What a spec may ask for at most. */
export const LIMITS = {
  /** Hosts of one sweep. */
  hosts: 256,
  /** Benchmarks that one sweep compares. */
  programs: 16,
  /** The benchmark maps and touches two buffers of this size. */
  bufferBytes: 1024 ** 3,
  totalBytes: 1024 ** 4,
  iterations: 10_000,
  trials: 10_000,
  axisValues: 10_000,
  /** Entries of exclude. */
  patterns: 1000,
  whereCharacters: 2000,
  expectations: 100,
  /** 24 days: a timer of Node holds 2^31 - 1 ms, and fires at once above that. */
  timeoutMs: 24 * 86_400_000,
  /** Above this many cells `--allow-large` is asked for. */
  cells: 10_000,
  /** Above this many cells nothing helps. */
  cellsAtMost: 2_000_000,
  runs: 1_000_000,
  runsAtMost: 12_000_000,
} as const;
