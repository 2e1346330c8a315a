/** Writes a share from 0 to 1 for a message: 0.0213 is `2.1%`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
