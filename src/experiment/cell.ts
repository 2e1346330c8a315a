import {
  AXES_IN_TABLES,
  AXIS,
  type AxisName,
  type AxisOfKind,
  type AxisTable,
  type AxisValue,
  MATRIX_AXES,
  type MatrixAxisName,
  OUTER_AXES,
} from './axes.ts';

type FieldOf<Name extends AxisName> = AxisTable[Name]['field'];
type ValueOf<Name extends MatrixAxisName> =
  Name extends AxisOfKind<'word'>
    ? AxisTable[Name]['words'][number]
    : Name extends AxisOfKind<'size'>
      ? number
      : boolean;

/**
 * One point of the matrix: the values of all its axes. Names are there only if they are axes: the
 * host if each host runs the whole matrix, the program if several benchmarks are compared.
 */
export type Cell = {
  readonly [Name in MatrixAxisName as FieldOf<Name>]: ValueOf<Name>;
} & {
  readonly [Name in AxisOfKind<'name'> as FieldOf<Name>]?: string;
};

/** Makes a cell of a value for each axis; a name that is empty or missing is left out. */
export function cellOfValues(valueOn: (axis: AxisName) => AxisValue | null | undefined): Cell {
  const cell: Partial<Record<string, AxisValue>> = {};
  for (const axis of AXES_IN_TABLES) {
    const value = valueOn(axis);
    if (value !== undefined && value !== null && value !== '') cell[AXIS[axis].field] = value;
  }
  return cell as unknown as Cell;
}

/** A cell's value on an axis; empty on an axis that its matrix does not have. */
export function valueOn(cell: Cell, axis: AxisName): AxisValue {
  return cell[AXIS[axis].field] ?? '';
}

const OF_MATRIX = AXES_IN_TABLES.filter((axis) => MATRIX_AXES.some((name) => name === axis));
/** The axes in the order of a cell's key, which databases keep. A matrix has up to millions. */
const KEY_PARTS = [...OF_MATRIX, ...OUTER_AXES.toReversed()].map((axis) => ({
  field: AXIS[axis].field,
  kind: AXIS[axis].kind,
  axis,
}));

/** Returns the same text for the same cell, in every sweep and on every machine. */
export function cellKey(cell: Cell): string {
  let key = '';
  for (const { field, kind, axis } of KEY_PARTS) {
    const value = cell[field];
    if (value === undefined || value === false) continue;
    if (kind === 'flag') key += `,${axis}`;
    else if (kind === 'name') key += `,${axis}=${value}`;
    else key += key === '' ? value : `,${value}`;
  }
  return key;
}

/** Returns the same text for cells that differ only in the program. */
export function keyWithoutProgram({ program: _, ...cell }: Cell): string {
  return cellKey(cell);
}
