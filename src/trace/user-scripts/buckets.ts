import { type Integer, narrow } from './integers.ts';
import type { DistributionRow, PrintedDistribution } from './printed-distribution.ts';

export interface Bucket {
  readonly from: Integer | null;
  readonly to: Integer | null;
  readonly count: Integer;
}

/**
 * Returns the buckets that are not empty. Edges are whole numbers and inclusive: quantize's 8 is
 * 8..15 and its -8 is -15..-8, because it labels a bucket with the edge that is nearer to zero;
 * llquantize does the same. lquantize labels every bucket with its lower edge.
 *
 * A bucket of unknown width ends where its neighbour begins: dtrace prints one empty row on either
 * side of the non-empty rows.
 */
export function bucketsOf(
  distribution: PrintedDistribution,
  kind: string,
  step: bigint | undefined,
): Bucket[] {
  const buckets: Bucket[] = [];
  for (const [index, row] of distribution.entries()) {
    if (row.count === 0n) continue;
    const [from, to] = edgesOf(row, distribution[index - 1], distribution[index + 1], kind, step);
    buckets.push({ from: edge(from), to: edge(to), count: narrow(row.count) });
  }
  return buckets;
}

function edge(label: bigint | null): Integer | null {
  return label === null ? null : narrow(label);
}

function edgesOf(
  { operator, label }: DistributionRow,
  before: DistributionRow | undefined,
  after: DistributionRow | undefined,
  kind: string,
  step: bigint | undefined,
): readonly [bigint | null, bigint | null] {
  if (operator === '<') return [null, label - 1n];
  if (operator === '<=') return [null, label];
  if (operator === '>=') return [label, null];
  if (operator === 'abs<') return [1n - label, label - 1n];
  if (kind === 'quantize') {
    if (label === 0n) return [0n, 0n];
    return label > 0n ? [label, 2n * label - 1n] : [2n * label + 1n, label];
  }
  if (kind === 'llquantize' && label < 0n) return [before ? before.label + 1n : null, label];
  if (step !== undefined && step > 0n) return [label, label + step - 1n];
  return [label, after ? after.label - 1n : null];
}

/** Returns the function that must have made a distribution; '' if its rows allow several. */
export function aggregatingFunctionOf(distribution: PrintedDistribution): string {
  if (distribution.some(({ operator }) => operator === '<=' || operator === 'abs<')) {
    return 'llquantize';
  }
  const plain = distribution.filter(({ operator }) => operator === '');
  const gaps = plain.slice(1).map(({ label }, index) => label - (plain[index]?.label ?? 0n));
  if (gaps.length < 2 || gaps.every((gap) => gap === gaps[0])) return '';
  return couldHaveMade('quantize', [], distribution) ? 'quantize' : 'llquantize';
}

/** Tells whether a function with these parameters could have made a distribution. */
export function couldHaveMade(
  kind: string,
  parameters: readonly (bigint | undefined)[],
  distribution: PrintedDistribution,
): boolean {
  switch (kind) {
    case 'quantize':
      return distribution.every(({ operator, label }) => operator === '' && isPowerOfTwo(label));
    case 'lquantize': {
      const [low, high] = parameters;
      const step = parameters.length === 2 ? 1n : parameters[2];
      return distribution.every(({ operator, label }) => {
        if (operator === '<=' || operator === 'abs<') return false;
        if (low === undefined || high === undefined || !step) return true;
        if (operator === '<') return label === low;
        return label >= low && label <= high && (label - low) % step === 0n;
      });
    }
    case 'llquantize':
      return true;
    default:
      return false;
  }
}

function isPowerOfTwo(label: bigint): boolean {
  const size = label < 0n ? -label : label;
  return (size & (size - 1n)) === 0n;
}
