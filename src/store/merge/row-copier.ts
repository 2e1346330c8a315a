import type { Statement } from 'better-sqlite3';
import { ExitCode, UserError } from '../../errors.ts';
import type { Db } from '../db.ts';
import type { OwnedTable } from './owned-tables.ts';

/** A value as SQLite has it: an integer is a bigint, so that none is rounded on the way. */
export type Value = bigint | number | string | Buffer | null;
export type Row = Record<string, Value>;

/** New ids of rows by their old ones, for each table that others refer to. */
export type NewIds = ReadonlyMap<string, ReadonlyMap<bigint, bigint>>;

interface Statements {
  readonly select: Statement<[bigint], Row>;
  readonly selectThere: Statement<[bigint], Row>;
  readonly insert: Statement<[Row]>;
  readonly insertUnlessThere: Statement<[Row]>;
}

/** Copies rows from one database to another, with all rows that belong to them, under new ids. */
export class RowCopier {
  readonly #file: string;
  readonly #from: Db;
  readonly #to: Db;
  readonly #newIds: NewIds;
  readonly #changed: (table: string, row: Row) => Row;
  readonly #statements = new Map<OwnedTable, Statements>();

  /** @param setting `changed` returns a row as it is to be stored, apart from its references */
  constructor(
    from: Db,
    to: Db,
    setting: {
      /** The name of the first database in messages. */
      readonly file: string;
      readonly newIds: NewIds;
      readonly changed: (table: string, row: Row) => Row;
    },
  ) {
    this.#file = setting.file;
    this.#from = from;
    this.#to = to;
    this.#newIds = setting.newIds;
    this.#changed = setting.changed;
  }

  /** The rows of a table that belong to a row. */
  rowsOf(table: OwnedTable, owner: bigint): IterableIterator<Row> {
    return this.#statementsOf(table).select.iterate(owner);
  }

  /** Copies a row to a new owner, with all that belongs to it. */
  copy(table: OwnedTable, row: Row, owner: bigint): void {
    const id = this.insert(table, row, owner);
    if (table.hasId) this.copyOwned(table.owned, row.id as bigint, id);
  }

  /** Copies a row alone. @returns its new id */
  insert(table: OwnedTable, row: Row, owner: bigint): bigint {
    const { insert } = this.#statementsOf(table);
    return BigInt(insert.run(this.#fitted(table, row, owner)).lastInsertRowid);
  }

  /** Copies all rows that belong to a row, from its old id to its new one. */
  copyOwned(tables: readonly OwnedTable[], from: bigint, to: bigint): void {
    for (const table of tables) {
      for (const row of this.rowsOf(table, from)) this.copy(table, row, to);
    }
  }

  /**
   * Copies those rows that are not there yet. A row with an id of its own is there if an equal row
   * is; any other row is there if a row with its primary key is.
   */
  addOwned(tables: readonly OwnedTable[], from: bigint, to: bigint): void {
    for (const table of tables) {
      if (table.owned.length > 0) throw new Error(`rows of ${table.name} cannot be told apart`);
      const { insertUnlessThere } = this.#statementsOf(table);
      for (const row of this.rowsOf(table, from)) {
        insertUnlessThere.run(this.#fitted(table, row, to));
      }
    }
  }

  /**
   * Tells whether a row and its copy are still equal, apart from ids, with all that belongs to
   * them.
   * @param there the row in the other database
   */
  isCopied(table: OwnedTable, row: Row, there: Row): boolean {
    const fitted = this.#fitted(table, row, there[table.owner] as bigint);
    if (!table.columns.every((column) => isEqual(fitted[column]!, there[column]!))) return false;
    return table.owned.every((part) => {
      const { select, selectThere } = this.#statementsOf(part);
      const rows = select.all(row.id as bigint);
      const copies = selectThere.all(there.id as bigint);
      if (rows.length !== copies.length) return false;
      return rows.every((each, at) => this.isCopied(part, each, copies[at]!));
    });
  }

  #fitted(table: OwnedTable, row: Row, owner: bigint): Row {
    const fitted: Row = { ...this.#changed(table.name, row), [table.owner]: owner };
    for (const [column, other] of table.references) {
      const old = row[column] as bigint | null;
      if (old === null) continue;
      const id = this.#newIds.get(other)?.get(old);
      if (id === undefined) {
        throw new UserError(
          `${this.#file} is damaged: a row of ${table.name} refers to ${other} ${old}, of another sweep`,
          { hint: 'leave it out', exitCode: ExitCode.machine },
        );
      }
      fitted[column] = id;
    }
    return fitted;
  }

  #statementsOf(table: OwnedTable): Statements {
    const known = this.#statements.get(table);
    if (known) return known;
    const { name, columns, owner, nulls, hasId } = table;
    const mine = [`${owner} = ?`, ...nulls.map((column) => `${column} IS NULL`)].join(' AND ');
    const select = `SELECT * FROM ${name} WHERE ${mine}${hasId ? ' ORDER BY id' : ''}`;
    const into = `INSERT INTO ${name} (${columns.join(', ')})`;
    const values = columns.map((column) => `@${column}`).join(', ');
    const equal = columns.map((column) => `${column} IS @${column}`).join(' AND ');
    const unlessThere = hasId
      ? `${into} SELECT ${values} WHERE NOT EXISTS (SELECT 1 FROM ${name} WHERE ${equal})`
      : `${into} VALUES (${values}) ON CONFLICT DO NOTHING`;
    const made = {
      select: this.#from.prepare<[bigint], Row>(select).safeIntegers(),
      selectThere: this.#to.prepare<[bigint], Row>(select).safeIntegers(),
      insert: this.#to.prepare<[Row]>(`${into} VALUES (${values})`),
      insertUnlessThere: this.#to.prepare<[Row]>(unlessThere),
    };
    this.#statements.set(table, made);
    return made;
  }
}

function isEqual(one: Value, other: Value): boolean {
  return one === other || (Buffer.isBuffer(one) && Buffer.isBuffer(other) && one.equals(other));
}
