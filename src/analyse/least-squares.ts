export interface LeastSquares {
  /** One per column. */
  readonly coefficients: readonly number[];
  /** The residual of each value. */
  readonly residuals: readonly number[];
  /** The sum of the squared residuals. */
  readonly rest: number;
  /**
   * Covariances of the coefficients for a residual variance of 1: the inverse of the matrix of the
   * columns' scalar products.
   */
  readonly covariance: readonly (readonly number[])[];
}

/** The share of a column's length that must be independent of the others for a coefficient. */
const INDEPENDENT = 1e-10;

/**
 * Ordinary least squares by modified Gram-Schmidt, which is as accurate as Householder's
 * reflections when the values are carried along as one more column (Björck 1967).
 * @param columns each as long as `values`
 * @returns undefined if the columns depend on each other
 */
export function leastSquares(
  columns: readonly (readonly number[])[],
  values: readonly number[],
): LeastSquares | undefined {
  const left = columns.map((column) => [...column]);
  const residuals = [...values];
  const count = columns.length;
  // The upper triangle of the factor R, and the part of the values along each direction.
  const factor = columns.map(() => new Array<number>(count).fill(0));
  const taken: number[] = [];
  for (const [k, column] of left.entries()) {
    const length = Math.sqrt(dot(column, column));
    if (!(length > INDEPENDENT * Math.sqrt(dot(columns[k]!, columns[k]!)))) return undefined;
    const direction = column.map((value) => value / length);
    factor[k]![k] = length;
    for (let j = k + 1; j < count; j++) factor[k]![j] = removed(direction, left[j]!);
    taken.push(removed(direction, residuals));
  }
  const inverse = columns.map((_, k) =>
    solved(
      factor,
      columns.map((__, j) => Number(j === k)),
    ),
  );
  return {
    coefficients: solved(factor, taken),
    residuals,
    rest: dot(residuals, residuals),
    covariance: columns.map((_, i) =>
      columns.map((__, j) => inverse.reduce((sum, column) => sum + column[i]! * column[j]!, 0)),
    ),
  };
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0);
}

/**
 * Removes from a vector its component along a unit vector. @returns the length of that component
 */
function removed(direction: readonly number[], vector: number[]): number {
  const along = dot(direction, vector);
  direction.forEach((value, at) => {
    vector[at]! -= along * value;
  });
  return along;
}

/** Solves `factor` x = `values` for an upper triangular matrix. */
function solved(factor: readonly (readonly number[])[], values: readonly number[]): number[] {
  const x = [...values];
  for (let k = x.length - 1; k >= 0; k--) {
    for (let j = k + 1; j < x.length; j++) x[k]! -= factor[k]![j]! * x[j]!;
    x[k]! /= factor[k]![k]!;
  }
  return x;
}
