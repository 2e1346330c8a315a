/**
 * The value of a table cell. A missing value is an empty cell; a bigint is used where a number
 * would be rounded.
 */
export type Value = string | number | bigint | boolean | null;

export type ColumnType =
  | 'integer'
  | 'number'
  | 'string'
  /** A number in one row, text in the next. */
  | 'any'
  | 'boolean'
  | 'timestamp'
  | 'datetime';

/** Properties of a column known before there are rows: for headers, documentation and schemas. */
export interface Column {
  readonly name: string;
  /**
   * `timestamp`: ISO 8601 in UTC with milliseconds; `datetime`: the same to the second, without
   * the T and the Z, as spreadsheets read it.
   */
  readonly type: ColumnType;
  /** The unit of a number; columns without a unit are text, or numbers that name something. */
  readonly unit?: string;
  readonly description: string;
  /** The only words that may occur in it. */
  readonly values?: readonly string[];
  readonly minimum?: number;
  /** If true, no cell is empty. */
  readonly required?: boolean;
  /**
   * True for integers that may not fit into signed 64 bits: those are written as text of digits.
   */
  readonly unsigned?: boolean;
}

/** A column, and how to get its value from a row. */
export interface ColumnOf<Row, Context = unknown> extends Column {
  readonly of: (row: Row, context: Context) => Value;
}

/** Defines a column in a line or two, with its value beside its name. */
export function column<Row, Context = unknown>(
  name: string,
  type: ColumnType,
  of: (row: Row, context: Context) => Value,
  description: string,
  more: Pick<Column, 'unit' | 'values' | 'minimum' | 'required' | 'unsigned'> = {},
): ColumnOf<Row, Context> {
  return { name, type, ...more, description, of };
}

/** Columns of one kind; their number depends on the data. */
export interface ColumnFamily<Row, Context> extends Omit<Column, 'name'> {
  /** A placeholder for their names where there is no data. */
  readonly family: string;
  readonly names: (context: Context) => readonly string[];
  readonly of: (row: Row, context: Context, at: number) => Value;
}

/** Properties of a table that are known before there are rows. */
export interface TableShape {
  /** The file name without its extension. */
  readonly name: string;
  readonly description: string;
  readonly columns: readonly (Column | (Omit<Column, 'name'> & { readonly family: string }))[];
  /** Columns that together identify a row; undefined if nothing does. */
  readonly primaryKey?: readonly string[];
  /** Columns that refer to rows of another table by a column of the same name, and that table. */
  readonly references?: Readonly<Record<string, string>>;
  /** If true, no file is written for it when it has no rows. */
  readonly optional?: boolean;
}

export interface TableDefinition<Row, Context = unknown> extends TableShape {
  readonly columns: readonly (ColumnOf<Row, Context> | ColumnFamily<Row, Context>)[];
}

export interface Table {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly Column[];
  readonly primaryKey: readonly string[];
  readonly references: Readonly<Record<string, string>>;
  readonly rows: () => Iterable<readonly Value[]>;
  readonly optional: boolean;
}

export function headerOf({ columns }: Table): readonly string[] {
  return columns.map(({ name }) => name);
}

export function isEmpty(table: Table): boolean {
  for (const _ of table.rows()) return false;
  return true;
}

/** Combines a definition with its rows. @param context data for all rows, such as state names */
export function tableOf<Row, Context>(
  definition: TableDefinition<Row, Context>,
  rows: () => Iterable<Row>,
  context: Context,
): Table {
  const readers = definition.columns.flatMap((column) =>
    'family' in column ? members(column, context, definition) : [column],
  );
  return {
    name: definition.name,
    description: definition.description,
    columns: readers.map(({ of, ...column }) => column),
    primaryKey: definition.primaryKey ?? [],
    references: definition.references ?? {},
    optional: definition.optional ?? false,
    *rows() {
      for (const row of rows()) {
        const values: Value[] = [];
        for (const { of } of readers) values.push(of(row, context));
        yield values;
      }
    },
  };
}

/** The data may contain text that is no valid name, would be a formula, or is already a name. */
const HEADER = /^[\p{L}\p{N}_#$.]([^\p{C}]*[^\p{C}\s])?$/u;

function members<Row, Context>(
  { family, names, of, ...column }: ColumnFamily<Row, Context>,
  context: Context,
  { columns }: TableDefinition<Row, Context>,
): readonly ColumnOf<Row, Context>[] {
  const taken = new Set(columns.flatMap((other) => ('family' in other ? [] : [other.name])));
  return names(context).map((name, at) => ({
    ...column,
    name: HEADER.test(name) && !taken.has(name) ? name : `column_${at + 1}`,
    of: (row) => of(row, context, at),
  }));
}
