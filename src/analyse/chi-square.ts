import { bisected } from './bisected.ts';
import { normalCdf } from './normal.ts';

/**
 * P(X > x) of a chi-square variable with an integer number of degrees of freedom (Abramowitz and
 * Stegun 26.4.4 and 26.4.5).
 */
export function chiSquareTail(x: number, freedom: number): number {
  if (x <= 0) return 1;
  const odd = freedom % 2;
  const density = Math.exp(-x / 2) * (odd === 1 ? Math.sqrt((2 * x) / Math.PI) : 1);
  let term = 1;
  let sum = 0;
  for (let at = odd === 1 ? 1 : 0; at < freedom - 1; at += 2) {
    sum += term;
    term *= x / (at + 2);
  }
  return (odd === 1 ? 2 * normalCdf(-Math.sqrt(x)) : 0) + density * sum;
}

/**
 * The value below which a chi-square variable lies with probability `p`; p is above 0 and below 1.
 */
export function chiSquareQuantile(p: number, freedom: number): number {
  const below = (x: number) => 1 - chiSquareTail(x, freedom) < p;
  let high = 1;
  while (below(high)) high *= 2;
  return bisected(0, high, below);
}
