/** Rows of one aggregation that one printing of it may have made. */
interface Printing {
  readonly number: number;
  /** Where it began among what was printed; see {@link Printings.numberOf}. */
  readonly block: number;
  readonly keys: Set<string>;
}

/**
 * Numbers the printings of a script's aggregations where rows are all that is seen of them. One
 * printing is printed in one piece and says each key once: what comes after a firing, a text or
 * another aggregation's row, or comes a second time, is the next one's. Two printings that follow each
 * other at once and have no key in common can't be told apart.
 */
export class Printings {
  readonly #latest = new Map<string, Printing>();
  #last: string | undefined;

  /** @param block a number that changes when something else is printed */
  numberOf(name: string, keys: string, block: number): number {
    const before = this.#latest.get(name);
    if (before?.block === block && this.#last === name && !before.keys.has(keys)) {
      before.keys.add(keys);
      return before.number;
    }
    const number = (before?.number ?? 0) + 1;
    this.#latest.set(name, { number, block, keys: new Set([keys]) });
    this.#last = name;
    return number;
  }
}
