/** Groups consecutive rows with the same key into one list each. */
export function* consecutive<Row>(
  rows: Iterable<Row>,
  keyOf: (row: Row) => number,
): Generator<readonly Row[]> {
  let own: Row[] = [];
  for (const row of rows) {
    if (own.length > 0 && keyOf(row) !== keyOf(own[0]!)) {
      yield own;
      own = [];
    }
    own.push(row);
  }
  if (own.length > 0) yield own;
}

/** Groups rows by the number of their cell, keeping their order. */
export function byCell<Row extends { readonly cell: number }>(
  rows: Iterable<Row>,
): ReadonlyMap<number, readonly Row[]> {
  const cells = new Map<number, Row[]>();
  for (const row of rows) {
    const own = cells.get(row.cell);
    if (own) own.push(row);
    else cells.set(row.cell, [row]);
  }
  return cells;
}
