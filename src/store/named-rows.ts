/** Makes a row of the values of its own columns, in their order, and of the objects it shares with other rows. */
export type RowMaker<Row> = (values: readonly unknown[], ...shared: readonly object[]) => Row;

/**
 * Rows whose columns are read by their names, from the array in which SQLite gives them and from objects
 * that many rows have in common. better-sqlite3's own objects take twice as long to make and to read.
 * @param own names of the columns, in the order of the values
 * @param shared names of what each of the shared objects holds
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
  shared.forEach((names, part) => {
    for (const name of names) {
      define(name, function () {
        return (this.shared[part] as Readonly<Record<string, unknown>>)[name];
      });
    }
  });
  return (values, ...parts) => new Named(values, parts) as unknown as Row;
}

class Values {
  readonly own: readonly unknown[];
  readonly shared: readonly object[];

  constructor(own: readonly unknown[], shared: readonly object[]) {
    this.own = own;
    this.shared = shared;
  }
}
