import type { Db } from '../db.ts';
import { tablesOf } from '../tables-of.ts';

/** A table whose rows each belong to a row of another table, and are deleted with it. */
export interface OwnedTable {
  readonly name: string;
  /** The column that names the row to which a row belongs. */
  readonly owner: string;
  /**
   * Columns that are null in these rows; where they are not null, a row belongs to the row that
   * they name.
   */
  readonly nulls: readonly string[];
  /** Every column except `id`. */
  readonly columns: readonly string[];
  /** Whether its rows have an `id`, by which others may refer to them. */
  readonly hasId: boolean;
  /** The other columns that refer to rows of tables, with the names of the tables. */
  readonly references: ReadonlyMap<string, string>;
  /** The tables whose rows belong to rows of this one. */
  readonly owned: readonly OwnedTable[];
}

/** Tables of a database as a whole, whose rows belong to no sweep. */
const OF_NO_SWEEP: ReadonlySet<string> = new Set([
  ...['sweep', 'host', 'database_identity', 'deleted_sweep'],
]);

interface ForeignKey {
  readonly table: string;
  readonly from: string;
  readonly on_delete: string;
}

interface Column {
  readonly name: string;
  readonly notnull: number;
  readonly pk: number;
}

interface Declared {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly keys: readonly ForeignKey[];
}

/**
 * Reads from the schema which tables hold parts of a sweep: those that refer to it with ON DELETE
 * CASCADE, those that refer to these in the same way, and so on.
 * @throws Error for a table that belongs to no sweep: its rows would be left out
 */
export function tablesOfSweep(db: Db): readonly OwnedTable[] {
  const tables = tablesOf(db).map(({ name }) => ({
    name,
    columns: db.pragma(`table_info(${name})`) as Column[],
    keys: db.pragma(`foreign_key_list(${name})`) as ForeignKey[],
  }));
  const reached = new Set(OF_NO_SWEEP);
  const ownedBy = (owner: string): readonly OwnedTable[] =>
    tables.flatMap((table) =>
      table.keys.filter(isOwner).flatMap((key) => {
        if (key.table !== owner) return [];
        reached.add(table.name);
        return [{ ...partOf(table, key), owned: ownedBy(table.name) }];
      }),
    );
  const parts = ownedBy('sweep');
  const lost = tables.find(({ name }) => !reached.has(name));
  if (lost === undefined) return parts;
  throw new Error(`rows of ${lost.name} belong to no sweep: refer to one with ON DELETE CASCADE`);
}

function isOwner({ on_delete: action }: ForeignKey): boolean {
  return action === 'CASCADE';
}

function partOf({ name, columns, keys }: Declared, key: ForeignKey): Omit<OwnedTable, 'owned'> {
  const isOptional = ({ from }: ForeignKey) =>
    columns.some((column) => column.name === from && column.notnull === 0 && column.pk === 0);
  const others = keys.filter(({ from }) => from !== key.from);
  const otherOwners = others.filter(isOwner);
  if (!isOptional(key) && !otherOwners.every(isOptional)) {
    throw new Error(`rows of ${name} belong to two rows at once`);
  }
  const names = columns.map((column) => column.name);
  return {
    name,
    owner: key.from,
    nulls: isOptional(key) ? [] : otherOwners.map(({ from }) => from),
    columns: names.filter((column) => column !== 'id'),
    hasId: names.includes('id'),
    references: new Map(others.map(({ from, table }) => [from, table])),
  };
}

/** The table of a given name among these and those that they own. */
export function tableNamed(tables: readonly OwnedTable[], name: string): OwnedTable {
  const open = [...tables];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.name === name) return next;
    open.push(...next.owned);
  }
  throw new Error(`no table ${name} holds parts of a sweep`);
}
