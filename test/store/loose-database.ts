import { copyFileSync } from 'node:fs';
import Database from 'better-sqlite3';

export interface Place {
  readonly table: string;
  readonly column: string;
  readonly key: readonly string[];
}

interface Column {
  readonly name: string;
  readonly pk: number;
  readonly type: string;
}

interface Table {
  readonly name: string;
  readonly sql: string;
}

/**
 * Makes a database forget what its columns must hold, and remember it again: between the two, rows
 * can be written that no honest writer could. Whoever wants to deceive a reader can do the same.
 */
export class LooseDatabase {
  readonly #tables: readonly Table[];
  readonly #loose: string;

  /** @param file a sound database; @param loose where its copy is kept */
  constructor(file: string, loose: string) {
    copyFileSync(file, loose);
    this.#loose = loose;
    const db = new Database(loose);
    this.#tables = db
      .prepare<[], Table>("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
      .all();
    this.#setSchema(
      db,
      this.#tables.map(({ name, sql }) => ({ name, sql: loosened(sql) })),
    );
    db.close();
  }

  /** Everything that can be changed, with what tells the rows of its table apart. */
  get columns(): readonly Place[] {
    const db = new Database(this.#loose, { readonly: true });
    try {
      return this.#tables.flatMap(({ name: table }) => {
        const columns = db.pragma(`table_info(${table})`) as Column[];
        const key = columns.filter(({ pk }) => pk > 0).map(({ name }) => name);
        return (
          columns
            // The number of a row is an integer whatever happens.
            .filter(({ pk, type }) => !(pk === 1 && type === 'INTEGER'))
            .map(({ name: column }) => ({ table, column, key }))
        );
      });
    } finally {
      db.close();
    }
  }

  /** A copy that looks sound, with another value (SQL) in the first row of a table. */
  with(file: string, { table, column, key }: Place, value: string): void {
    const own = key.length > 0 ? key.join(', ') : 'rowid';
    this.changed(file, (db) => {
      db.exec(
        `UPDATE OR IGNORE ${table} SET ${column} = ${value} WHERE (${own}) = (SELECT ${own} FROM ${table} LIMIT 1)`,
      );
    });
  }

  /** A copy that looks sound, with a change in it. */
  changed(file: string, change: (db: Database.Database) => void): void {
    copyFileSync(this.#loose, file);
    const db = new Database(file);
    db.pragma('foreign_keys = OFF');
    db.pragma('synchronous = OFF');
    change(db);
    this.#setSchema(db, this.#tables);
    db.close();
  }

  #setSchema(db: Database.Database, tables: readonly Table[]): void {
    db.unsafeMode(true);
    db.pragma('writable_schema = ON');
    const set = db.prepare("UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?");
    for (const { name, sql } of tables) set.run(sql, name);
    db.pragma('writable_schema = RESET');
  }
}

function loosened(sql: string): string {
  return sql
    .replace(/\) STRICT(, WITHOUT ROWID)?$/, (_, rowid) => (rowid ? ') WITHOUT ROWID' : ')'))
    .replace(/--.*/g, '')
    .replace(/CHECK \((?:[^()]|\([^()]*\))*\)/g, '')
    .replace(/\b(?:INTEGER|REAL|TEXT|BLOB)\b(?! PRIMARY)/g, '')
    .replace(/\bNOT NULL\b/g, '')
    .replace(/REFERENCES \w+ \(\w+\)(?: ON DELETE CASCADE)?/g, '');
}
