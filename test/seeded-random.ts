import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { mixedSeed } from '../src/plan/seed.ts';

/** Draws a whole number from 0 to `limit - 1`; `limit` is at most 2^32. */
export type Draw = (limit: number) => number;

/**
 * Numbers for resampling, where the time goes into drawing. Each is the upper part of a product,
 * twice as fast as drawing again until all are equally likely; some are more likely than others
 * by a share of at most limit / 2^32, one in four million for a sample of 1000.
 *
 * The same seed and stream give the same numbers on every machine.
 * @param seed a whole number; its lowest 32 bits count
 * @param stream numbers of different streams of one seed have nothing to do with each other
 */
export function seededRandom(seed: number, stream = 0): Draw {
  const generator = xoroshiro128plus(mixedSeed(seed, stream));
  return (limit) => Math.floor(((generator.next() >>> 0) * limit) / 2 ** 32);
}
