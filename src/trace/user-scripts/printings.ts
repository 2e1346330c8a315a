/** Rows of one aggregation that may come from a single printing of it. */
interface Printing {
  readonly number: number;
  /** The place in the output where it began; see {@link Printings.numberOf}. */
  readonly block: number;
  readonly keys: Set<string>;
}

/**
 * Numbers the printings of a script's aggregations when only their rows can be seen. One printing
 * is in one piece and has each key once, so a row that comes after a firing, a text or another
 * aggregation's row, or that repeats a key, belongs to the next printing. Two printings that
 * directly follow each other and have no key in common can't be told apart.
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
