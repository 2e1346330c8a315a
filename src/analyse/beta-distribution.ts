import { bisected } from './bisected.ts';

/** Lanczos' approximation with g = 7 (coefficients of Godfrey 2001); about 15 digits. */
const LANCZOS = [
  ...[0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313],
  ...[-176.61502916214059, 12.507343278686905, -0.13857109526572012],
  ...[9.9843695780195716e-6, 1.5056327351493116e-7],
];

/** @param x at least 0.5 */
function logGamma(x: number): number {
  const base = x + 6.5;
  const sum = LANCZOS.slice(1).reduce(
    (total, coefficient, at) => total + coefficient / (x + at),
    LANCZOS[0]!,
  );
  return (x - 0.5) * Math.log(base) - base + Math.log(Math.sqrt(2 * Math.PI) * sum);
}

/**
 * P(X <= x) of a beta distribution, the regularised incomplete beta function: its continued
 * fraction (Abramowitz and Stegun 26.5.8), evaluated with the method of Lentz (1976). About 12
 * digits, because the logarithms of large gammas nearly cancel.
 * @param x from 0 to 1
 * @param a at least 0.5
 * @param b at least 0.5
 */
export function betaCdf(x: number, a: number, b: number): number {
  // The fraction converges fast only on this side of the mean.
  if (x > (a + 1) / (a + b + 2)) return 1 - betaCdf(1 - x, b, a);
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  );
  const tiny = 1e-300;
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    for (const part of [even, odd]) {
      d = 1 / away(1 + part * d);
      c = away(1 + part / c);
      fraction *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return (front * fraction) / a;
}

/** P(F > f) of Fisher's distribution with these degrees of freedom above and below the line. */
export function fisherTail(f: number, above: number, below: number): number {
  return betaCdf(below / (below + above * f), below / 2, above / 2);
}

/**
 * The t that a Student's t variable exceeds in either direction with a probability of `alpha`:
 * 2.228 for 0.05 and 10 degrees of freedom.
 */
export function studentQuantile(alpha: number, degrees: number): number {
  const exceeded = (t: number) => betaCdf(degrees / (degrees + t * t), degrees / 2, 0.5) > alpha;
  let high = 2;
  while (exceeded(high)) high *= 2;
  return bisected(0, high, exceeded);
}
