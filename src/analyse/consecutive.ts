/** Rows that follow each other and have the same key, in one list each. */
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
