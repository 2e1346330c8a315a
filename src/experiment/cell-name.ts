import { AXIS, type AxisName, type AxisValue, axesOfKinds, OUTER_AXES } from './axes.ts';
import { type Cell, valueOn } from './cell.ts';
import { formatSize } from './sizes.ts';

/** The axes that say what carries the bytes between whom, in the order of a cell's name. */
export const CHANNEL_AXES = axesOfKinds('word', 'flag');

/** All axes in the order of a cell's name. */
export const AXES_IN_NAME: readonly AxisName[] = [
  ...CHANNEL_AXES,
  ...axesOfKinds('size'),
  ...OUTER_AXES.toReversed(),
];

/** Names a cell for people: `pipe 2proc 4 KiB of 1 MiB`, `... by new`, `... on board-1`. */
export function cellName(cell: Cell): string {
  return namedBy(AXES_IN_NAME, (axis) => valueOn(cell, axis));
}

/** Joins the words for the values on some axes: `local 2proc -s`. */
export function namedBy<Name extends AxisName>(
  axes: readonly Name[],
  value: (axis: Name) => AxisValue,
): string {
  return axes
    .map((axis) => axisPhrase(axis, value(axis)))
    .filter((words) => words !== '')
    .join(' ');
}

/** The words for a value in the name of a cell; empty for a flag that is not set. */
export function axisPhrase(axis: AxisName, value: AxisValue): string {
  const own = AXIS[axis];
  if (own.kind === 'flag') return value === true ? own.option : '';
  const words = own.kind === 'size' ? formatSize(Number(value)) : String(value);
  return own.preposition === undefined || words === '' ? words : `${own.preposition} ${words}`;
}
