/** The start of hist()'s last bucket: bpftrace 0.17 counts everything from there on in it. */
export const LAST_BUCKET = 2 ** 31;

export interface Bucket {
  readonly from: number | bigint | null;
  readonly to: number | bigint | null;
  readonly count: number | bigint;
}

/** Corrects a bucket: bpftrace 0.17 gives its last one the 32-bit edges -2147483648 and 0. */
export function withRightEdges(bucket: Bucket): Bucket {
  return bucket.from === -LAST_BUCKET && bucket.to === 0
    ? { ...bucket, from: LAST_BUCKET, to: null }
    : bucket;
}

/**
 * Tells whether a histogram differs from what was counted: by the same arithmetic, an lhist() with
 * an edge beyond 2^31 gets negative edges, which no lhist() may have, or loses all its contents.
 */
export function isMisprinted(buckets: readonly Bucket[]): boolean {
  const empty = buckets.every(({ count }) => Number(count) === 0);
  return empty || buckets.some(({ from }) => from !== null && from < 0);
}
