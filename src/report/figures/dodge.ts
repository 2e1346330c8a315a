/** The distance of two neighbouring series, as a share of the axis: about seven pixels of a screen. */
const APART = 0.011;
/** The share of the room between two sizes that all series together take at most. */
const MOST = 0.6;

/**
 * Puts the series of a chart beside each other at each size, so that no interval hides another.
 * @param sizes those of the axis from `logSizes`, ascending
 * @param series how many series there are
 * @returns where on the axis to draw a size: for the series at a place from 0, and moved aside by a
 *   share of the distance to the next series
 */
export function dodged(
  sizes: readonly number[],
  series: number,
): (size: number, place: number, aside?: number) => number {
  const logs = sizes.map(Math.log);
  const whole = sizes.length > 1 ? logs.at(-1)! - logs[0]! : Math.log(4);
  const gap = logs.slice(1).reduce((least, log, at) => Math.min(least, log - logs[at]!), whole);
  const apart = Math.min(APART * whole, (MOST * gap) / series);
  return (size, place, aside = 0) => size * Math.exp(apart * (place - (series - 1) / 2 + aside));
}
