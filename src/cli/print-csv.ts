import { type CsvOptions, csvParts } from '../export/csv.ts';
import type { Table } from '../export/table.ts';
import type { Terminal } from './terminal.ts';
import { printable } from './terminal-text.ts';

/** Prints a table as CSV. Control characters in its texts become blanks here; files keep them. */
export function printCsv(table: Table, options: CsvOptions, terminal: Terminal): void {
  const safe = {
    ...table,
    *rows() {
      for (const row of table.rows()) {
        yield row.map((value) => (typeof value === 'string' ? printable(value) : value));
      }
    },
  };
  for (const { text } of csvParts(safe, options)) {
    for (const line of text.trimEnd().split(/\r?\n/)) terminal.out(line);
  }
}
