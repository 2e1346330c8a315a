import type { TopLevelSpec } from 'vega-lite';
import { formatSize } from '../../experiment/sizes.ts';
import { type CellTransition, cellTransitions } from '../../store/chart-data.ts';
import type { CellRow } from '../../store/reader.ts';
import { stateHex, stateNames } from '../../trace/pipe-state-bits.ts';
import type { Figure } from '../figure.ts';
import { OTHER_STATES } from '../looks.ts';
import { countRange, percent, percentFigure } from '../quantities.ts';
import { ofLargestTotal, partsOf, rising, type SizeAxis, sizeAxis, titleOf } from './axes.ts';
import { fieldLayers } from './field-layers.ts';
import { leftOut } from './left-out.ts';
import { panelled } from './panels.ts';
import { countedCells, type FigureSources } from './sources.ts';

/** The most sizes with a matrix of their own; if there are more, some are chosen evenly. */
const MOST_PANELS = 6;

/** A state that is rarer in all matrices, as origin and as target, does not get its own row. */
const LEAST_SHARE = 0.01;

const COLUMNS = [
  ...['cell', 'buffer_bytes', 'total_bytes', 'from_state', 'to_state'],
  ...['from_state_names', 'to_state_names', 'count', 'share'],
] as const;

const ENDS = [
  { operation: 'read', words: 'reads' },
  { operation: 'write', words: 'writes' },
] as const;

interface Matrix {
  readonly cell: CellRow;
  readonly size: number;
  readonly moves: readonly (CellTransition & { readonly share: number })[];
}

/** Transitions of a pipe's state from call to call: a matrix for each size, for each end. */
export function pipeTransitionFigures({
  db,
  sweep,
  selection,
  summaries,
  stateBits: bits,
}: FigureSources): readonly Figure[] {
  const rows = cellTransitions(db, sweep.id, selection);
  const nameOf = (state: number) => stateNames(state, bits);
  return ENDS.flatMap(({ operation, words }) => {
    const own = rows.filter((row) => row.operation === operation && row.count > 0);
    const all = countedCells({ summaries }, own);
    if (all.length === 0) return [];
    const axis = sizeAxis(all);
    // A matrix for each cell would be too much to look at.
    const { cells, words: onlyTotal } = ofLargestTotal(all);
    return partsOf(cells, axis, 1).map((part) => {
      const matrices = spread(part.series[0]!.cells, MOST_PANELS).map((cell): Matrix => {
        const moves = own.filter((row) => row.cell === cell.cell);
        const total = moves.reduce((sum, { count }) => sum + count, 0);
        return {
          cell,
          size: cell[axis.field],
          moves: moves.map((move) => ({ ...move, share: move.count / total })),
        };
      });
      return transitionFigure(matrices, {
        name: `pipe-transitions-${operation}${part.suffix}`,
        title: titleOf(
          `Pipe states from one of the ${words} to the next, by ${axis.title.toLowerCase()}`,
          part,
        ),
        sizes: part.series[0]!.cells.length,
        onlyTotal,
        axis,
        nameOf,
      });
    });
  });
}

/** Picks at most this many values, including the first and the last, as evenly as possible. */
function spread<T>(values: readonly T[], most: number): readonly T[] {
  if (values.length <= most) return values;
  const step = (values.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, at) => values[Math.round(at * step)]!);
}

function transitionFigure(
  matrices: readonly Matrix[],
  {
    name,
    title,
    sizes,
    onlyTotal,
    axis,
    nameOf,
  }: {
    readonly name: string;
    readonly title: string;
    /** The number of sizes that there are. */
    readonly sizes: number;
    /** Words about the totals that are left out, if any are. */
    readonly onlyTotal: readonly string[];
    readonly axis: SizeAxis;
    readonly nameOf: (state: number) => string;
  },
): Figure {
  const moves = countRange(
    matrices.map((matrix) => matrix.moves.reduce((sum, { count }) => sum + count, 0)),
    'transition',
  );
  const some = matrices.length < sizes ? [`${matrices.length} of ${sizes} sizes are shown`] : [];
  return {
    name,
    title,
    ...leftOut([...some, ...onlyTotal]),
    caption: `Share of ${moves} of each matrix, from the state that a call found (row) to the one that the next call at the same end found (column); numbers in percent.${some.map((words) => ` ${words}, evenly chosen.`).join('')}${onlyTotal.map((words) => ` Shown are ${words}.`).join('')}`,
    alt: `${title}: a matrix for each size. ${matrices.map((matrix) => finding(matrix, nameOf)).join(' ')}`,
    data: {
      columns: COLUMNS,
      rows: matrices.flatMap(({ cell, moves: own }) =>
        own.map(({ from_state: from, to_state: to, count, share }) => [
          ...[cell.cell, cell.buffer_bytes, cell.total_bytes, from, to],
          ...[nameOf(from), nameOf(to), count, share],
        ]),
      ),
    },
    spec: specOf(matrices, axis, nameOf),
  };
}

function finding({ size, moves }: Matrix, nameOf: (state: number) => string): string {
  const most = moves.toSorted((a, b) => b.share - a.share)[0]!;
  const [from, to] = [nameOf(most.from_state), nameOf(most.to_state)];
  const what = from === to ? `stays ${from}` : `${from} to ${to}`;
  return `${formatSize(size)}: ${what} ${percent(most.share)}.`;
}

function specOf(
  matrices: readonly Matrix[],
  axis: SizeAxis,
  nameOf: (state: number) => string,
): TopLevelSpec {
  const states = frequentOf(matrices);
  const rowOf = (state: number) =>
    states.includes(state) ? `${nameOf(state)}  ${stateHex(state)}` : OTHER_STATES;
  const columnOf = (state: number) => (states.includes(state) ? stateHex(state) : 'other');
  const panelOf = (size: number) => `${axis.title} ${formatSize(size)}`;
  const fields = matrices.flatMap(({ size, moves }) => {
    const sums = new Map<string, { row: string; to: string; share: number; count: number }>();
    for (const { from_state: from, to_state: to, share, count } of moves) {
      const [row, column] = [rowOf(from), columnOf(to)];
      const key = `${row} ${column}`;
      const sum = sums.get(key) ?? { row, to: column, share: 0, count: 0 };
      sums.set(key, { ...sum, share: sum.share + share, count: sum.count + count });
    }
    return [...sums.values()].map(({ row, to, share, count }) => ({
      ...{ panel: panelOf(size), row, to, share },
      label: share < LEAST_SHARE ? '' : percentFigure(share),
      says: `${formatSize(size)}: from ${row} to ${to} ${percent(share)} (${count})`,
    }));
  });
  const folded = fields.some(({ row, to }) => row === OTHER_STATES || to === 'other');
  const x = {
    field: 'to',
    type: 'ordinal',
    title: 'To',
    scale: {
      domain: [...states.map(stateHex), ...(folded ? ['other'] : [])],
      paddingInner: 0.06,
      paddingOuter: 0.03,
    },
    axis: {
      ticks: false,
      domain: false,
      labelAngle: -90,
      labelAlign: 'right',
      labelBaseline: 'middle',
    },
  };
  const layer = fieldLayers({
    x,
    rows: [...states.map(rowOf), ...(folded ? [OTHER_STATES] : [])],
    title: 'From',
  });
  return panelled(fields, layer, {
    labels: matrices.map(({ size }) => panelOf(size)),
    width: 30 * states.length,
    height: 20 * states.length,
  }) as TopLevelSpec;
}

/** The frequent states, ascending. */
function frequentOf(matrices: readonly Matrix[]): readonly number[] {
  const states = matrices
    .flatMap(({ moves }) => moves)
    .filter(({ share }) => share >= LEAST_SHARE)
    .flatMap(({ from_state: from, to_state: to }) => [from, to]);
  return rising(states);
}
