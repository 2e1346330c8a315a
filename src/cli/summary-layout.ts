import { greatest } from '../extremes.ts';
import { type GroupedCells, groupCells, inOneGroup } from './cell-groups.ts';
import { alignColumns, columnWidths, GAP } from './print-table.ts';
import {
  type AvailableQuantities,
  type Column,
  columnsOf,
  type Layout,
  type SummaryRow,
} from './summary-columns.ts';
import type { Screen } from './terminal.ts';
import { cut } from './text-width.ts';

const WIDE: Layout = { states: 2, effect: 'interval', bar: true, inGroups: false, cut: false };
const NARROW: Layout = { states: 1, effect: 'ratio', bar: true, inGroups: true, cut: false };

/** From the most detailed to the most compact; anything left out is in the CSV files. */
const LAYOUTS: readonly Layout[] = [
  WIDE,
  { ...WIDE, states: 1 },
  { ...WIDE, inGroups: true },
  { ...WIDE, states: 1, inGroups: true },
  NARROW,
  { ...NARROW, cut: true },
  { ...NARROW, states: 0 },
  { ...NARROW, states: 0, effect: 'none' },
  { ...NARROW, states: 0, effect: 'none', bar: false },
];

/** A state's name that is cut shorter than this says nothing. */
const LEAST_STATE = 12;

/** The table in the first layout that fits the screen. */
export function summaryTable(
  rows: readonly SummaryRow[],
  shown: AvailableQuantities,
  screen: Screen,
): readonly string[] {
  for (const layout of LAYOUTS) {
    const grouped = (layout.inGroups ? groupCells : inOneGroup)(
      rows,
      ({ summary }) => summary.cell,
    );
    const columns = columnsOf(grouped, shown, layout, screen);
    const room = screen.width - widthOf(columns);
    if (room >= 0) return draw(columns, grouped, screen);
    const last = columns.at(-1);
    if (!layout.cut || !shown.states || last === undefined) continue;
    const limit = widthOf([last]) + room;
    if (limit < LEAST_STATE) continue;
    const shortened = columnsOf(grouped, shown, layout, screen, limit);
    return draw(shortened, grouped, screen);
  }
  // The screen is too narrow for any layout.
  const grouped = groupCells(rows, ({ summary }) => summary.cell);
  const columns = columnsOf(grouped, shown, LAYOUTS.at(-1) ?? NARROW, screen);
  const plain = { ...screen, style: (_: unknown, text: string) => text };
  return draw(columns, grouped, plain).map((line) => cut(line, screen.width, ''));
}

function widthOf(columns: readonly Column[]): number {
  const widths = columns.map(({ title, cells }) =>
    greatest(columnWidths([[title], ...cells.map((text) => [text])])),
  );
  return widths.reduce((sum, width) => sum + width, GAP * (columns.length - 1));
}

function draw(
  columns: readonly Column[],
  { groups }: GroupedCells<SummaryRow>,
  { style }: Screen,
): readonly string[] {
  const count = columns[0]?.cells.length ?? 0;
  const [header = '', ...lines] = alignColumns(
    columns.map(({ title }) => (title === '' ? '' : style('bold', title))),
    Array.from({ length: count }, (_, at) =>
      columns.map(({ cells, styleOf }) => {
        const text = cells[at] ?? '';
        const chosen = styleOf?.(at);
        return chosen ? style(chosen, text) : text;
      }),
    ),
    columns.map(({ align }) => align),
  );
  let at = 0;
  return [
    header,
    ...groups.flatMap(({ heading, rows }) => {
      const own = lines.slice(at, at + rows.length);
      at += rows.length;
      return heading === '' ? own : [heading, ...own];
    }),
  ];
}
