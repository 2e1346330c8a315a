import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { mixedSeed } from './seed.ts';

/** Shuffles in place (Fisher-Yates), from a seed and the number of a stream. */
export function shuffle(items: number[], seed: number, stream: number): void {
  const generator = xoroshiro128plus(mixedSeed(seed, stream));
  for (let last = items.length - 1; last > 0; last--) {
    const other = uniformInt(generator, 0, last);
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
}
