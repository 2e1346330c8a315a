/** Makes a row from its own columns' values, in order, and lists of values shared with other rows. */
export type RowMaker<Row> = (
  values: readonly unknown[],
  shared: readonly (readonly unknown[])[],
) => Row;

/**
 * Makes rows whose columns are read by name, from the arrays that SQLite returns: one for the row
 * itself, and others that many rows share. The objects that better-sqlite3 makes take twice as long
 * to create and read. Columns are not properties of the row itself: it cannot be spread or printed.
 * @param own names of the columns, in the order of the values
 * @param shared names of the columns of each shared list
 */
export function rowMaker<Row>(
  own: readonly string[],
  ...shared: readonly (readonly string[])[]
): RowMaker<Row> {
  class Named extends Values {}
  const define = (name: string, get: (this: Values) => unknown) =>
    Object.defineProperty(Named.prototype, name, { get });
  own.forEach((name, at) => {
    define(name, function () {
      return this.own[at];
    });
  });
  shared.forEach((names, list) => {
    names.forEach((name, at) => {
      define(name, function () {
        return this.shared[list]![at];
      });
    });
  });
  return (values, lists) => new Named(values, lists) as unknown as Row;
}

class Values {
  readonly own: readonly unknown[];
  readonly shared: readonly (readonly unknown[])[];

  constructor(own: readonly unknown[], shared: readonly (readonly unknown[])[]) {
    this.own = own;
    this.shared = shared;
  }
}
