/** Variances in the square of the values' unit. */
export interface VarianceComponents {
  /** Variance of the true levels of the invocations. */
  readonly between: number;
  /** Variance of the iterations inside one invocation. */
  readonly within: number;
  /** between / (between + within), from 0 to 1; 0 when nothing varies. */
  readonly share: number;
}

/**
 * Separates the sources of variation: new invocations, or iterations inside one. One-way random
 * effects, estimated from the mean squares of an analysis of variance (Searle, Casella and
 * McCulloch 1992, chapter 3; for benchmarks Kalibera and Jones 2013); invocations may have
 * different numbers of iterations. A negative estimate of `between` becomes 0.
 * @param invocations the values of each invocation's iterations
 * @returns undefined unless there are two invocations with values, and two values in one of them
 */
export function varianceComponents(
  invocations: readonly (readonly number[])[],
): VarianceComponents | undefined {
  const groups = invocations.filter((values) => values.length > 0);
  const total = groups.reduce((sum, values) => sum + values.length, 0);
  if (groups.length < 2 || total === groups.length) return undefined;
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const grand = mean(groups.flat());
  let squaresBetween = 0;
  let squaresWithin = 0;
  for (const values of groups) {
    const own = mean(values);
    squaresBetween += values.length * (own - grand) ** 2;
    for (const value of values) squaresWithin += (value - own) ** 2;
  }
  const within = squaresWithin / (total - groups.length);
  // Iterations per invocation; less than their mean when the numbers differ.
  const iterations =
    (total - groups.reduce((sum, values) => sum + values.length ** 2, 0) / total) /
    (groups.length - 1);
  const between = Math.max(0, (squaresBetween / (groups.length - 1) - within) / iterations);
  return { between, within, share: between === 0 ? 0 : between / (between + within) };
}
