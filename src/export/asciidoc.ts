import { onOneLine, type TextTable } from './text-table.ts';
import { writeTextTables } from './write-text-tables.ts';
import type { Writer } from './written-files.ts';

/** Writes the tables of cells for AsciiDoc, as Asciidoctor reads it. */
export const writeAsciidoc: Writer = (...what) =>
  writeTextTables({ extension: 'adoc', draw: asciidocOf }, ...what);

export function asciidocOf({ caption, columns, rows, notes }: TextTable): string {
  const sides = columns.map(({ kind }) => (kind === 'number' ? '>' : '<')).join(',');
  const cell = (text: string) => `|${escaped(text)}`;
  const lines = [
    `.${escaped(caption)}`,
    `[%autowidth,cols="${sides}",options="header"]`,
    '|===',
    ...columns.map(({ heading }) => cell(heading)),
    // A cell a line: what stands before a bar on the same line could be read as its format.
    ...rows.flatMap((row) => ['', ...row.map(cell)]),
    '|===',
    '',
    ...notes.map((note) => `* ${escaped(note)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** Characters that begin markup, a link or the next cell, or that are replaced by others. */
const SPECIAL = /[#*_`^~{}[\]<>|\\@&+'"$]|([.:;=-])(?=\1)|:(?=\/)|(?<=mailto):|\((?=\(|C|R|TM)/giu;

/** Writes what may be markup by its number, which AsciiDoc never reads as anything else. */
function escaped(text: string): string {
  return onOneLine(text).replace(SPECIAL, (found) => `&#${found.charCodeAt(0)};`);
}
