import type { TopLevelSpec } from 'vega-lite';
import { hex } from '../../export/table.ts';
import { formatSize } from '../../spec/sizes.ts';
import { type CellTransition, cellTransitions } from '../../store/chart-data.ts';
import { type CellRow, stateBits } from '../../store/reader.ts';
import { stateNames } from '../../trace/pipe-state-bits.ts';
import type { Figure } from '../figure.ts';
import { countRange, percent } from '../quantities.ts';
import { partsOf, type SizeAxis, sizeAxis } from './axes.ts';
import { fieldLayers } from './field-layers.ts';
import { panelled } from './panels.ts';
import type { Sources } from './sources.ts';

/** Sizes that have a matrix of their own; of more, some are chosen evenly. */
const MOST_PANELS = 6;

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

/** Between which states a pipe went from call to call: a matrix for each size, for each end. */
export function pipeTransitionFigures({
  db,
  sweep,
  selection,
  summaries,
}: Sources): readonly Figure[] {
  const rows = cellTransitions(db, sweep.id, selection);
  const bits = stateBits(db, sweep.id);
  const nameOf = (state: number) => stateNames(state, bits);
  return ENDS.flatMap(({ operation, words }) => {
    const own = rows.filter((row) => row.operation === operation && row.count > 0);
    const counted = new Set(own.map(({ cell }) => cell));
    const all = summaries.map(({ cell }) => cell).filter(({ cell }) => counted.has(cell));
    if (all.length === 0) return [];
    const axis = sizeAxis(all);
    // A matrix for each cell would be too much to look at.
    const largest = Math.max(...all.map((cell) => cell.total_bytes));
    const cells =
      axis.field === 'total_bytes' ? all : all.filter((cell) => cell.total_bytes === largest);
    const left = cells.length < all.length ? ` Cells of total ${formatSize(largest)} only.` : '';
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
      const of = part.label === '' ? '' : `, ${part.label}`;
      return transitionFigure(matrices, {
        name: `pipe-transitions-${operation}${part.suffix}`,
        title: `Pipe states from one of the ${words} to the next, by ${axis.title.toLowerCase()}${of}`,
        sizes: part.series[0]!.cells.length,
        left,
        axis,
        nameOf,
      });
    });
  });
}

/** So many of some values, the first and the last among them, as evenly as it goes. */
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
    left,
    axis,
    nameOf,
  }: {
    readonly name: string;
    readonly title: string;
    /** That there are. */
    readonly sizes: number;
    /** What is left out, as a sentence, or empty. */
    readonly left: string;
    readonly axis: SizeAxis;
    readonly nameOf: (state: number) => string;
  },
): Figure {
  const moves = countRange(
    matrices.map((matrix) => matrix.moves.reduce((sum, { count }) => sum + count, 0)),
    'transition',
  );
  const some =
    matrices.length < sizes
      ? ` ${matrices.length} of ${sizes} sizes are shown, evenly chosen.`
      : '';
  return {
    name,
    title,
    caption: `Share of ${moves} of each matrix, from the state that a call found (row) to the one that the next call at the same end found (column).${some}${left}`,
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
  const states = [
    ...new Set(
      matrices.flatMap(({ moves }) =>
        moves.flatMap(({ from_state: from, to_state: to }) => [from, to]),
      ),
    ),
  ].sort((a, b) => a - b);
  const rowOf = (state: number) => `${nameOf(state)}  ${hex(state)}`;
  const panelOf = (size: number) => `${axis.title} ${formatSize(size)}`;
  const fields = matrices.flatMap(({ size, moves }) =>
    moves.map(({ from_state: from, to_state: to, share, count }) => ({
      ...{ panel: panelOf(size), row: rowOf(from), to: hex(to), share },
      label: percent(share),
      says: `${formatSize(size)}: from ${nameOf(from)} to ${nameOf(to)} ${percent(share)} (${count})`,
    })),
  );
  const x = {
    field: 'to',
    type: 'ordinal',
    title: 'State that the next call found',
    scale: { domain: states.map(hex), paddingInner: 0.06, paddingOuter: 0.03 },
    axis: {
      ticks: false,
      domain: false,
      labelAngle: -90,
      labelAlign: 'right',
      labelBaseline: 'middle',
    },
  };
  const layer = fieldLayers({ x, rows: states.map(rowOf), title: 'State that a call found' });
  return panelled(fields, layer, {
    labels: matrices.map(({ size }) => panelOf(size)),
    width: 34 * states.length,
    height: 20 * states.length,
  }) as TopLevelSpec;
}
