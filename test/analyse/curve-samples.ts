import type { CurvePoint } from '../../src/analyse/curve-fit.ts';
import { seededRandom } from '../seeded-random.ts';

/**
 * The parameters of a simulated curve: seconds, seconds per byte, and more of the latter beyond a
 * size.
 */
export interface TrueLine {
  readonly call: number;
  readonly perByte: number;
  readonly bend?: { readonly at: number; readonly morePerByte: number };
}

/** A call costs 1.2 µs; half of 2.4 GB/s is reached with 2880 bytes. */
export const STRAIGHT: TrueLine = { call: 1.2e-6, perByte: 1 / 2.4e9 };
export const BENT: TrueLine = { ...STRAIGHT, bend: { at: 100_000, morePerByte: 1 / 2.4e9 } };

/** Doubled from 512 on. */
export function doubling(count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => 512 * 2 ** at);
}

/** @param noise standard deviation of a cell from the line; the same in every run of the tests */
export function curveOf(
  line: TrueLine,
  sizes: readonly number[],
  noise = 0,
  seed = 1,
): readonly CurvePoint[] {
  const draw = seededRandom(30, seed);
  const uniform = () => (draw(2 ** 32) + 0.5) / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return sizes.map((bytes) => {
    const { at = Infinity, morePerByte = 0 } = line.bend ?? {};
    const time = line.call + bytes * line.perByte + Math.max(0, bytes - at) * morePerByte;
    return { bytes, bandwidth: (bytes / time) * (1 + noise * normal()), runs: 11, cv: 0.03 };
  });
}
