import { printable } from './terminal-text.ts';
import { textWidth } from './text-width.ts';

export type Alignment = 'left' | 'right';

/** The number of blanks between two cells of a row. */
export const GAP = 2;

/**
 * Aligns rows of uncoloured text in columns: numbers (by `align`) to the right, text to the left,
 * with two blanks between.
 */
export function alignColumns(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly Alignment[],
): readonly string[] {
  // Text from elsewhere must not start a new line.
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

/** The width of the widest text of each column, in columns of the terminal. */
export function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((text, at) => {
      widths[at] = Math.max(widths[at] ?? 0, textWidth(text));
    });
  }
  return widths;
}
