/** Where the last bucket of hist() begins: bpftrace 0.17 counts everything from there on in it. */
export const LAST_BUCKET = 2 ** 31;

export interface Bucket {
  readonly from: number | null;
  readonly to: number | null;
  readonly count: number;
}

/** bpftrace 0.17 computes edges in 32 bits: those of its last bucket come out as -2147483648 and 0. */
export function withRightEdges(bucket: Bucket): Bucket {
  return bucket.from === -LAST_BUCKET && bucket.to === 0
    ? { ...bucket, from: LAST_BUCKET, to: null }
    : bucket;
}

/**
 * Whether a histogram is not what was counted: an lhist() with an edge beyond 2^31 gets negative edges
 * by the same arithmetic, which no lhist() may have, or loses all that is in it.
 */
export function isMisprinted(buckets: readonly Bucket[]): boolean {
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  return total === 0 || buckets.some(({ from }) => from !== null && from < 0);
}
