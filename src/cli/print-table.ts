import { printable } from './terminal-text.ts';
import { textWidth } from './text-width.ts';

export type Side = 'left' | 'right';

/** Columns between two cells of a row. */
export const GAP = 2;

/** Aligns rows of texts without colours in columns: numbers (by `align`) to the right, text to the left, two blanks between. */
export function alignColumns(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly Side[],
): readonly string[] {
  // No text that came from elsewhere begins a line of its own.
  const shown = [header, ...rows].map((row) => row.map(printable));
  const widths = columnWidths(shown);
  const line = (cells: readonly string[]) =>
    cells
      .map((text, at) => {
        const blanks = ' '.repeat(Math.max(0, (widths[at] ?? 0) - textWidth(text)));
        return align[at] === 'right' ? blanks + text : text + blanks;
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return shown.map(line);
}

/** The widest of each column, in columns of the terminal. */
export function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((text, at) => {
      widths[at] = Math.max(widths[at] ?? 0, textWidth(text));
    });
  }
  return widths;
}
