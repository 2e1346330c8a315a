/**
 * Derives a 32-bit seed for one of many streams from one seed, with the finaliser of MurmurHash3.
 * The generator returns its seed as the first number: without the mixing, neighbouring seeds and
 * streams would begin alike, and two cells would swap places in every second block, as regularly as
 * a clock.
 */
export function mixedSeed(seed: number, stream: number): number {
  let bits = Math.imul(seed, 0x9e3779b1) ^ Math.imul(stream, 0x85ebca77);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
