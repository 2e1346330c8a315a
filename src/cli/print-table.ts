import { textWidth } from './text-width.ts';

export type Side = 'left' | 'right';

/** Columns between two cells of a row. */
export const GAP = 2;

/** Aligns rows in columns: numbers (by `align`) to the right, text to the left, two blanks between. */
export function alignColumns(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly Side[],
): readonly string[] {
  const widths = columnWidths([header, ...rows]);
  const line = (cells: readonly string[]) =>
    cells
      .map((text, at) => {
        const blanks = ' '.repeat(Math.max(0, (widths[at] ?? 0) - textWidth(text)));
        return align[at] === 'right' ? blanks + text : text + blanks;
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [line(header), ...rows.map(line)];
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
