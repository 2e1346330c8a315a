import type { Picture, PictureRow } from './picture.ts';

export interface Bucket {
  readonly from: number | null;
  readonly to: number | null;
  readonly count: number;
}

/**
 * The buckets that hold something. Edges are whole numbers and inclusive: quantize's 8 is 8..15
 * and its -8 is -15..-8, for it labels a bucket with the edge that is nearer to zero;
 * llquantize does the same. lquantize labels every bucket with its lower edge.
 *
 * A bucket of unknown width ends where its neighbour begins: dtrace prints one empty row on
 * either side of the rows that hold something.
 */
export function bucketsOf(picture: Picture, kind: string, step: number | undefined): Bucket[] {
  const buckets: Bucket[] = [];
  for (const [index, row] of picture.entries()) {
    if (row.count === 0) continue;
    const [from, to] = edgesOf(row, picture[index - 1], picture[index + 1], kind, step);
    buckets.push({ from, to, count: row.count });
  }
  return buckets;
}

function edgesOf(
  { operator, label }: PictureRow,
  before: PictureRow | undefined,
  after: PictureRow | undefined,
  kind: string,
  step: number | undefined,
): readonly [number | null, number | null] {
  if (operator === '<') return [null, label - 1];
  if (operator === '<=') return [null, label];
  if (operator === '>=') return [label, null];
  if (operator === 'abs<') return [1 - label, label - 1];
  if (kind === 'quantize') {
    if (label === 0) return [0, 0];
    return label > 0 ? [label, 2 * label - 1] : [2 * label + 1, label];
  }
  if (kind === 'llquantize' && label < 0) return [before ? before.label + 1 : null, label];
  if (step !== undefined && step > 0) return [label, label + step - 1];
  return [label, after ? after.label - 1 : null];
}

/** The function that must have made a picture, '' where its rows leave a choice. */
export function kindOfPicture(picture: Picture): string {
  if (picture.some(({ operator }) => operator === '<=' || operator === 'abs<')) {
    return 'llquantize';
  }
  const plain = picture.filter(({ operator }) => operator === '');
  const gaps = plain.slice(1).map(({ label }, index) => label - (plain[index]?.label ?? 0));
  if (gaps.length < 2 || gaps.every((gap) => gap === gaps[0])) return '';
  return couldBe('quantize', [], picture) ? 'quantize' : 'llquantize';
}

/** Whether a function with these parameters can have made a picture. */
export function couldBe(kind: string, parameters: readonly number[], picture: Picture): boolean {
  switch (kind) {
    case 'quantize':
      return picture.every(({ operator, label }) => operator === '' && isPowerOfTwo(label));
    case 'lquantize': {
      const [low = Number.NaN, high = Number.NaN, step = 1] = parameters;
      return picture.every(({ operator, label }) => {
        if (operator === '<=' || operator === 'abs<') return false;
        if (Number.isNaN(low) || Number.isNaN(high) || Number.isNaN(step)) return true;
        if (operator === '<') return label === low;
        return label >= low && label <= high && (label - low) % step === 0;
      });
    }
    case 'llquantize':
      return true;
    default:
      return false;
  }
}

function isPowerOfTwo(label: number): boolean {
  return label === 0 || Number.isInteger(Math.log2(Math.abs(label)));
}
