/*
 * Math.max(...numbers) and Math.min(...numbers) fail with more than about a hundred thousand
 * numbers, since each is an argument; a sweep may have that many cells, runs or samples.
 */

/** @returns the greatest of the numbers and `floor` */
export function greatest(numbers: Iterable<number>, floor = Number.NEGATIVE_INFINITY): number {
  let most = floor;
  for (const number of numbers) most = Math.max(most, number);
  return most;
}

/** @returns the least of the numbers and `ceiling` */
export function least(numbers: Iterable<number>, ceiling = Number.POSITIVE_INFINITY): number {
  let fewest = ceiling;
  for (const number of numbers) fewest = Math.min(fewest, number);
  return fewest;
}
