/**
 * Finds where something stops being true between two numbers, by halving the distance until no
 * number lies between.
 * @param inside a number where it is true
 * @param outside a number where it is not; may be above or below
 */
export function bisected(
  inside: number,
  outside: number,
  holds: (value: number) => boolean,
): number {
  let [within, beyond] = [inside, outside];
  for (;;) {
    const middle = within + (beyond - within) / 2;
    if (middle === within || middle === beyond) return within;
    if (holds(middle)) within = middle;
    else beyond = middle;
  }
}
