/** Makes a row from its own columns' values, in order, and two objects shared with other rows. */
export type RowMaker<Row> = (values: readonly unknown[], first: object, second: object) => Row;

/**
 * Makes rows whose columns are read by name, from the array that SQLite returns and from objects
 * that many rows share. The objects that better-sqlite3 makes take twice as long to create and
 * read. Columns are not properties of the row itself: it cannot be spread or printed.
 * @param own names of the columns, in the order of the values
 * @param first names of the columns in the first shared object
 * @param second names of the columns in the second one
 */
export function rowMaker<Row>(
  own: readonly string[],
  first: readonly string[],
  second: readonly string[],
): RowMaker<Row> {
  class Named extends Values {}
  const define = (name: string, get: (this: Values) => unknown) =>
    Object.defineProperty(Named.prototype, name, { get });
  own.forEach((name, at) => {
    define(name, function () {
      return this.own[at];
    });
  });
  for (const name of first) {
    define(name, function () {
      return this.first[name];
    });
  }
  for (const name of second) {
    define(name, function () {
      return this.second[name];
    });
  }
  return (values, one, other) => new Named(values, one, other) as unknown as Row;
}

type Shared = Readonly<Record<string, unknown>>;

class Values {
  readonly own: readonly unknown[];
  readonly first: Shared;
  readonly second: Shared;

  constructor(own: readonly unknown[], first: object, second: object) {
    this.own = own;
    this.first = first as Shared;
    this.second = second as Shared;
  }
}
