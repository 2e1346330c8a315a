import {
  AXES,
  AXIS,
  type AxisName,
  type AxisValue,
  axesOfKinds,
  CHANNELS,
  IPC_TYPES,
  MATRIX_AXES,
  type MatrixAxisName,
  type OuterAxisName,
} from './axes.ts';
import { type Cell, cellKey, cellOfValues, valueOn } from './cell.ts';
import { LIMITS } from './limits.ts';
import type { MatrixDocument } from './matrix-schema.ts';
import { nearest } from './suggest.ts';
import { compileWhere, WhereError } from './where.ts';

/** The reason why a point of the matrix is not run. */
export type LeftOutCause =
  | 'not-a-multiple'
  | 'no-sockets'
  | 'excluded'
  | 'where'
  | 'too-large'
  /** It belongs to the matrix, and `only` does not select it. */
  | 'only';

export interface LeftOut {
  readonly cell: Cell;
  readonly cause: LeftOutCause;
  readonly reason: string;
}

export interface Matrix {
  readonly cells: readonly Cell[];
  readonly leftOut: readonly LeftOut[];
}

/** A matrix that cannot be expanded; `path` is below `matrix`. */
export interface MatrixProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export type MatrixResult =
  | { readonly state: 'ok'; readonly matrix: Matrix }
  | { readonly state: 'too-many'; readonly cells: number }
  | { readonly state: 'broken'; readonly problems: readonly MatrixProblem[] };

/** The axes that multiply the whole matrix; an undefined axis does not exist. */
export interface OuterAxes {
  /** The hosts that each run the whole matrix. */
  readonly hosts?: readonly string[] | undefined;
  /** The names of the benchmarks to compare. */
  readonly programs?: readonly string[] | undefined;
}

function noAxis(axis: OuterAxisName): string {
  return `the ${axis} is no axis here: ${AXIS[axis].absent}`;
}

/** Explains what is wrong with a condition that uses axes which the matrix does not have. */
export function axisFault(
  asks: readonly OuterAxisName[],
  { hosts, programs }: OuterAxes,
): string | undefined {
  const values = { host: hosts, program: programs };
  const absent = asks.find((axis) => values[axis] === undefined);
  return absent && noAxis(absent);
}

type Axes = ReadonlyMap<MatrixAxisName, readonly AxisValue[]>;
type Point = Readonly<Record<MatrixAxisName, AxisValue>>;

/**
 * Expands the axes: the product of the zip groups, minus `exclude`, minus what `where` rejects,
 * plus `include`, of which `only` selects. Cells that the benchmark would refuse are left out with a reason. Every cell
 * appears once, or once for each host and program; cells that differ only in the program are next
 * to each other.
 */
export function expandMatrix(
  document: MatrixDocument,
  options: { readonly cellLimit: number } & OuterAxes,
): MatrixResult {
  const axes: Axes = new Map(MATRIX_AXES.map((name) => [name, asList<AxisValue>(document[name])]));
  const compiled = (text: string | undefined) =>
    text === undefined ? undefined : compileWhere(text);
  const where = compiled(document.where);
  const only = compiled(document.only);
  const exclude = document.exclude.map(compilePattern);
  const groups = zipGroups(document.zip, axes);
  if (groups.problems.length > 0) return { state: 'broken', problems: groups.problems };
  const { hosts, programs } = options;
  const faults = [['where', where] as const, ['only', only] as const].flatMap(
    ([key, condition]) => {
      const message = condition?.state === 'ok' ? axisFault(condition.asks, options) : undefined;
      return message === undefined ? [] : [{ path: [key], message }];
    },
  );
  if (faults.length > 0) return { state: 'broken', problems: faults };
  const unknown = unknownPrograms(document.exclude, programs);
  if (unknown.length > 0) return { state: 'broken', problems: unknown };
  const product = groups.groups.reduce((sizes, group) => sizes * group.length, 1);
  const count =
    (product + document.include.length) * (hosts?.length ?? 1) * (programs?.length ?? 1);
  if (count > Math.min(options.cellLimit, LIMITS.cellsAtMost)) {
    return { state: 'too-many', cells: count };
  }

  const cells = new Map<string, Cell>();
  const leftOut = new Map<string, LeftOut>();
  const consider = (cell: Cell, dropped: Omit<LeftOut, 'cell'> | undefined) => {
    const key = cellKey(cell);
    if (dropped === undefined) {
      cells.set(key, cell);
      leftOut.delete(key);
    } else if (!cells.has(key) && !leftOut.has(key)) leftOut.set(key, { cell, ...dropped });
  };
  function* cellsAt(point: Point, host: string | undefined): Generator<Cell> {
    for (const program of programs ?? [undefined]) yield toCell(point, host, program);
  }
  try {
    for (const host of hosts ?? [undefined]) {
      for (const point of points(groups.groups)) {
        for (const cell of cellsAt(point, host)) {
          consider(cell, refused(cell, exclude, where) ?? unrunnable(cell));
        }
      }
    }
  } catch (error) {
    if (!(error instanceof WhereError)) throw error;
    return { state: 'broken', problems: [{ path: ['where'], message: error.message }] };
  }
  const problems: MatrixProblem[] = [];
  document.include.forEach((entry, at) => {
    const point = completed(entry, axes);
    if (typeof point === 'string') {
      problems.push({ path: ['include', at], message: point });
      return;
    }
    for (const host of hosts ?? [undefined]) {
      for (const cell of cellsAt(point, host)) consider(cell, unrunnable(cell));
    }
  });
  if (problems.length > 0) return { state: 'broken', problems };
  try {
    for (const [key, cell] of [...cells]) {
      if (only?.state !== 'ok' || only.keeps(cell)) continue;
      cells.delete(key);
      leftOut.set(key, { cell, cause: 'only', reason: 'matrix.only is not true for it' });
    }
  } catch (error) {
    if (!(error instanceof WhereError)) throw error;
    return { state: 'broken', problems: [{ path: ['only'], message: error.message }] };
  }
  // Included cells come after the other cells of their host.
  const all = [...cells.values()];
  const byHost = (hosts ?? []).flatMap((host) => all.filter((cell) => cell.host === host));
  return {
    state: 'ok',
    matrix: { cells: hosts ? byHost : all, leftOut: [...leftOut.values()] },
  };
}

function asList<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

type Group = readonly Partial<Point>[];

/** Returns each group as a list of partial points; an axis that is not zipped is its own group. */
function zipGroups(
  zip: MatrixDocument['zip'],
  axes: Axes,
): { groups: readonly Group[]; problems: readonly MatrixProblem[] } {
  const problems: MatrixProblem[] = [];
  const taken = new Set<MatrixAxisName>();
  const zipped = new Map<MatrixAxisName, Group>();
  zip.forEach((names, at) => {
    const lengths = names.map((name) => axes.get(name)?.length ?? 0);
    if (new Set(lengths).size > 1) {
      const found = names.map((name, index) => `${name} has ${lengths[index]}`).join(', ');
      problems.push({ path: ['zip', at], message: `expected axes of equal length; ${found}` });
      return;
    }
    for (const name of names) {
      if (taken.has(name)) {
        problems.push({ path: ['zip', at], message: `${name} is zipped twice` });
      }
      taken.add(name);
    }
    const rows = Array.from({ length: lengths[0] ?? 0 }, (_, row) =>
      Object.fromEntries(names.map((name) => [name, axes.get(name)?.[row]])),
    ) as Group;
    const slowest = MATRIX_AXES.find((name) => names.includes(name));
    if (slowest) zipped.set(slowest, rows);
  });
  const groups: Group[] = [];
  for (const name of MATRIX_AXES) {
    const rows = zipped.get(name);
    if (rows) groups.push(rows);
    else if (!taken.has(name)) {
      // Only here: a value that appears twice on a zipped axis has two partners.
      const values = [...new Set(axes.get(name))];
      groups.push(values.map((value) => ({ [name]: value })));
    }
  }
  return { groups, problems };
}

function* points(groups: readonly Group[], prefix: Partial<Point> = {}): Generator<Point> {
  const [first, ...rest] = groups;
  if (!first) {
    yield prefix as Point;
    return;
  }
  for (const part of first) yield* points(rest, { ...prefix, ...part });
}

function toCell(point: Point, host: string | undefined, program: string | undefined): Cell {
  return cellOfValues((axis) =>
    axis === 'host' ? host : axis === 'program' ? program : point[axis],
  );
}

const SIZES = axesOfKinds('size');

/** Finds cells that the benchmark itself would refuse, or that would exhaust the machine. */
function unrunnable(cell: Cell): Omit<LeftOut, 'cell'> | undefined {
  for (const axis of SIZES) {
    const { heading, most, mostInWords } = AXIS[axis];
    const bytes = valueOn(cell, axis);
    if (Number(bytes) > most) {
      return { cause: 'too-large', reason: `${heading} ${bytes} is above ${mostInWords}` };
    }
  }
  if (cell.totalBytes % cell.bufferBytes !== 0) {
    return {
      cause: 'not-a-multiple',
      reason: `total ${cell.totalBytes} is not a multiple of buffer ${cell.bufferBytes}`,
    };
  }
  if (cell.socketBuffers && !CHANNELS[cell.ipc].hasSockets) {
    const sockets = IPC_TYPES.filter((ipc) => CHANNELS[ipc].hasSockets).join(' or ');
    return { cause: 'no-sockets', reason: `socket_buffers needs ipc ${sockets}, not ${cell.ipc}` };
  }
  return undefined;
}

type Pattern = (cell: Cell) => boolean;

/** Uses sets, because a pattern may list thousands of values and is compared with every cell. */
function compilePattern(entry: MatrixDocument['exclude'][number]): Pattern {
  const given: { readonly [Name in AxisName]?: AxisValue | readonly AxisValue[] | undefined } =
    entry;
  const tests = AXES.flatMap((axis) => {
    const wanted = given[axis];
    return wanted === undefined ? [] : [{ axis, values: new Set(asList<AxisValue>(wanted)) }];
  });
  return (cell) => tests.every(({ axis, values }) => values.has(valueOn(cell, axis)));
}

/** A name that no program has would silently exclude nothing. */
function unknownPrograms(
  exclude: MatrixDocument['exclude'],
  programs: readonly string[] | undefined,
): readonly MatrixProblem[] {
  return exclude.flatMap(({ program }, at) => {
    if (program === undefined) return [];
    const path = ['exclude', at, 'program'];
    if (programs === undefined) return [{ path, message: noAxis('program') }];
    const unknown = asList(program).find((name) => !programs.includes(name));
    if (unknown === undefined) return [];
    const near = nearest(unknown, programs);
    const known = near === undefined ? `there are ${programs.join(', ')}` : `did you mean ${near}?`;
    return [{ path, message: `benchmark.programs names no ${unknown}; ${known}` }];
  });
}

/** Tells whether the author of the spec does not want a cell, and why. */
function refused(
  cell: Cell,
  exclude: readonly Pattern[],
  where: ReturnType<typeof compileWhere> | undefined,
): Omit<LeftOut, 'cell'> | undefined {
  const at = exclude.findIndex((matches) => matches(cell));
  if (at !== -1) return { cause: 'excluded', reason: `matches matrix.exclude[${at}]` };
  if (where?.state === 'ok' && !where.keeps(cell)) {
    return { cause: 'where', reason: 'matrix.where is not true for it' };
  }
  return undefined;
}

/** An `include` entry may omit an axis that has only one value. */
function completed(entry: MatrixDocument['include'][number], axes: Axes): Point | string {
  const point: Partial<Record<MatrixAxisName, AxisValue>> = {};
  for (const name of MATRIX_AXES) {
    const own = entry[name];
    const values = [...new Set(axes.get(name))];
    if (own !== undefined) point[name] = own;
    else if (values.length === 1) point[name] = values[0]!;
    else return `expected a value for ${name}, which has ${values.length} values on its axis`;
  }
  return point as Point;
}
