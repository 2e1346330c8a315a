import { normalCdf, normalQuantile } from './normal.ts';

/**
 * P(X > x) of a chi-square variable with so many whole degrees of freedom (Abramowitz and Stegun
 * 26.4.4 and 26.4.5).
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

/** The value below which a chi-square variable lies with probability `p`, which is above 0 and below 1. */
export function chiSquareQuantile(p: number, freedom: number): number {
  return leastFor((x) => 1 - chiSquareTail(x, freedom) >= p);
}

/**
 * P(|T| <= t) of a Student variable with so many whole degrees of freedom (Abramowitz and Stegun
 * 26.7.3 and 26.7.4).
 */
export function studentWithin(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const cosine = Math.cos(angle);
  const odd = freedom % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = 0;
  for (let at = odd ? 1 : 0; at < freedom - 1; at += 2) {
    sum += term;
    term *= (cosine ** 2 * (at + 1)) / (at + 2);
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}

/** By how much wider an interval is that takes its standard error from so many degrees of freedom. */
export function studentWidening(confidence: number, freedom: number): number {
  return (
    leastFor((t) => studentWithin(t, freedom) >= confidence) / normalQuantile((1 + confidence) / 2)
  );
}

/** The least value above 0 from which on something holds, but for rounding. */
function leastFor(holds: (value: number) => boolean): number {
  let high = 1;
  while (!holds(high)) high *= 2;
  let low = 0;
  for (let step = 0; step < 200 && high - low > 1e-15 * high; step++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
