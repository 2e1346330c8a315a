/** Density of the standard normal distribution. */
function density(x: number): number {
  return Math.exp(-(x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/**
 * P(Z <= x) of the standard normal distribution, to about 14 digits, also in the tails. Near the
 * middle it uses the series of Marsaglia (2004, Journal of Statistical Software 11(4)), in the
 * tails Laplace's continued fraction (Abramowitz and Stegun 26.2.14).
 */
export function normalCdf(x: number): number {
  if (Math.abs(x) < 3) {
    let term = x;
    let sum = x;
    for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(sum); odd += 2) {
      term *= (x * x) / odd;
      sum += term;
    }
    return 0.5 + sum * density(x);
  }
  const far = Math.abs(x);
  let fraction = far;
  for (let level = 150; level >= 1; level--) fraction = far + level / fraction;
  const tail = density(far) / fraction;
  return x > 0 ? 1 - tail : tail;
}

/**
 * The z with `normalCdf(z)` = p. The first guess is Abramowitz and Stegun 26.2.23 (error below
 * 4.5e-4), followed by three steps of Halley's method, each of which cubes the error.
 * @param p from 0 (minus infinity) to 1 (infinity)
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`no normal quantile at ${p}`);
  // A probability close to 1 has no digits left, but its complement has.
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  const t = Math.sqrt(-2 * Math.log(p));
  const numerator = 2.515517 + t * (0.802853 + t * 0.010328);
  const denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  let z = numerator / denominator - t;
  for (let step = 0; step < 3; step++) {
    const error = (normalCdf(z) - p) / density(z);
    z -= error / (1 + (z * error) / 2);
  }
  return z;
}
