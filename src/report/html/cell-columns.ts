import {
  AXIS,
  type AxisName,
  type AxisValue,
  axesOfKinds,
  OUTER_AXES,
} from '../../experiment/axes.ts';
import { CHANNEL_AXES, namedBy } from '../../experiment/cell-name.ts';
import { formatSize } from '../../experiment/sizes.ts';
import type { Value } from '../../export/table.ts';
import { axisOf, type CellRow } from '../../store/reader.ts';
import { channel } from '../value-text.ts';
import type { Column, Drawn, Heading } from './view.ts';

const SIZES = axesOfKinds('size');
const [FIRST, ...OTHERS] = CHANNEL_AXES.map((axis) => AXIS[axis].column);

/** The channel as one column, from the columns of the axes that name it. */
const CHANNEL: Column = {
  label: 'channel',
  from: [FIRST!, ...OTHERS],
  show: (...values: Value[]) =>
    namedBy(CHANNEL_AXES, (axis) => values[CHANNEL_AXES.indexOf(axis)] as AxisValue),
};

/** Columns that distinguish the cells of a sweep; anything they share is said once, at the top. */
export function cellColumns(cells: readonly CellRow[]): readonly Column[] {
  return [
    { label: 'cell', from: ['cell'] },
    ...(severalChannels(cells) ? [CHANNEL] : []),
    ...[...namesThatDiffer(cells), ...SIZES].map(
      (axis): Column => ({ label: AXIS[axis].heading, from: [AXIS[axis].column] }),
    ),
  ];
}

/** The same columns as headings, for wide tables. */
export function cellHeadings(cells: readonly CellRow[]): readonly Heading[] {
  const texts = [CHANNEL.label, ...OUTER_AXES.map((axis) => AXIS[axis].heading)];
  return cellColumns(cells).map(({ label }) => ({ label, numeric: !texts.includes(label) }));
}

export function drawnCell(cell: CellRow, cells: readonly CellRow[]): readonly Drawn[] {
  return [
    { content: String(cell.cell), value: cell.cell },
    ...(severalChannels(cells) ? [{ content: channel(cell), value: channel(cell) }] : []),
    ...namesThatDiffer(cells).map((axis) => {
      const name = cell[AXIS[axis].column];
      return { content: name, value: name };
    }),
    ...SIZES.map((axis) => {
      const bytes = cell[AXIS[axis].column];
      return { content: formatSize(bytes), value: bytes };
    }),
  ];
}

export function severalChannels(cells: readonly CellRow[]): boolean {
  return new Set(cells.map(channel)).size > 1;
}

/** The hosts and programs, if there are several. */
function namesThatDiffer(cells: readonly CellRow[]) {
  const differs = (axis: AxisName) => new Set(cells.map((cell) => axisOf(cell, axis))).size > 1;
  return OUTER_AXES.filter(differs);
}
