import { headerOf, type Table, type Value } from './table.ts';

/** A value in JSON; null where it is not known. */
export type JsonValue = string | number | boolean | null;

/** A row of a table as an object of JSON; its keys are the names of the columns. */
export type JsonRow = Readonly<Record<string, JsonValue>>;

/** The rows of a table as objects, with the names and the values that its CSV file has. */
export function recordsOf(table: Table): JsonRow[] {
  const names = headerOf(table);
  return Array.from(table.rows(), (row) =>
    Object.fromEntries(names.map((name, at) => [name, jsonValue(row[at] ?? null)])),
  );
}

/** JSON has no NaN and no infinity; whole numbers that a double would round are text there. */
function jsonValue(value: Value): JsonValue {
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}
