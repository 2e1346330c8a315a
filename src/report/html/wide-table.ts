import type { CellRow } from '../../store/reader.ts';
import { MISSING } from '../value-text.ts';
import { cellHeadings, drawnCell } from './cell-columns.ts';
import { html, type Markup } from './markup.ts';
import { factList } from './section.ts';
import { breakable, type Drawn, drawTable } from './view.ts';

/** Something that was counted in a cell, under a name that belongs to a group. */
export interface Counted {
  readonly cell: number;
  /** A role, or an end of the pipe. */
  readonly group: string;
  readonly name: string;
  readonly value: number;
  readonly shown: string;
}

/**
 * A table with a row for each cell and a column for each name, with the names under their groups. A
 * value that is the same in every cell that has the group does not get a column: it is listed
 * below.
 */
export function wideTable(
  counted: readonly Counted[],
  cells: readonly CellRow[],
  options: {
    readonly caption: string;
    /** The words before the names that have no column. */
    readonly same: string;
    /** The text for a cell without a value. */
    readonly none: string;
  },
): Markup | undefined {
  const byKey = new Map(counted.map((row) => [key(row.cell, row.group, row.name), row]));
  const groups = [...new Set(counted.map(({ group }) => group))].map((group) => {
    const own = counted.filter((row) => row.group === group);
    const numbers = new Set(own.map(({ cell }) => cell));
    const names = [...new Set(own.map(({ name }) => name))];
    const values = (name: string) =>
      [...numbers].map((cell) => byKey.get(key(cell, group, name))?.shown ?? options.none);
    const isSame = (name: string) => numbers.size > 1 && new Set(values(name)).size === 1;
    return {
      group,
      numbers,
      varied: names.filter((name) => !isSame(name)),
      same: names.filter(isSame).map((name) => `${name} ${values(name)[0]}`),
    };
  });
  const groupsWithColumns = groups.filter(({ varied }) => varied.length > 0);
  const known = new Set(counted.map(({ cell }) => cell));
  const own = cells.filter(({ cell }) => known.has(cell));
  if (own.length === 0) return undefined;
  const headings = cellHeadings(cells);
  const table =
    groupsWithColumns.length > 0 &&
    drawTable({
      caption: options.caption,
      groups: [
        { label: '', span: headings.length },
        ...groupsWithColumns.map(({ group, varied }) => ({ label: group, span: varied.length })),
      ],
      headings: [
        ...headings,
        ...groupsWithColumns.flatMap(({ varied }) =>
          varied.map((name) => ({ label: breakable(name), numeric: true })),
        ),
      ],
      rows: own.map((cell) => [
        ...drawnCell(cell, cells),
        ...groupsWithColumns.flatMap(({ group, numbers, varied }) =>
          varied.map((name): Drawn => {
            const found = byKey.get(key(cell.cell, group, name));
            if (found) return { content: found.shown, value: found.value };
            return numbers.has(cell.cell)
              ? { content: options.none, value: 0 }
              : { content: MISSING, value: null };
          }),
        ),
      ]),
    });
  const same = groups.filter((group) => group.same.length > 0);
  return html`${table}${
    same.length > 0 &&
    html`<p>${options.same}</p>
${factList(
  same.map((group) => [group.group, group.same.join(', ')] as const),
  { single: true },
)}`
  }`;
}

function key(cell: number, group: string, name: string): string {
  return `${cell}\0${group}\0${name}`;
}
