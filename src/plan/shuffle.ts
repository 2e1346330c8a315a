import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/**
 * The generator hands out its seed as the first number. Without the mixing (the finaliser of
 * MurmurHash3) two cells would swap places in every second block, as regularly as a clock.
 */
export function mixed(seed: number, block: number): number {
  let bits = Math.imul(seed, 0x9e3779b1) ^ Math.imul(block, 0x85ebca77);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** Fisher-Yates, in place, from a seed and a number of one's own. */
export function shuffle(items: number[], seed: number, stream: number): void {
  const generator = xoroshiro128plus(mixed(seed, stream));
  for (let last = items.length - 1; last > 0; last--) {
    const other = uniformInt(generator, 0, last);
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
}
