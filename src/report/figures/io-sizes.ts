import type { TopLevelSpec } from 'vega-lite';
import { byCell } from '../../analyse/consecutive.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { type CellIoSize, cellReadSizes } from '../../store/chart-data.ts';
import type { CellRow } from '../../store/reader.ts';
import type { Figure } from '../figure.ts';
import { countRange, percent, percentFigure } from '../quantities.ts';
import { type ChartPart, partsOf, rising, type SizeAxis, sizeAxis, titleOf } from './axes.ts';
import { fieldLayers } from './field-layers.ts';
import { largestPartSentences } from './largest-parts.ts';
import { panelled } from './panels.ts';
import { bandedSizes } from './size-scale.ts';
import { countedCells, type FigureSources } from './sources.ts';

const MOST_SERIES = 4;

const COLUMNS = [
  ...['series', 'cell', 'buffer_bytes', 'total_bytes', 'from_bytes', 'below_bytes'],
  ...['reads', 'read_bytes', 'bytes_share'],
] as const;

/** Reads that returned at least a power of two bytes and less than the next one. */
interface Bucket {
  readonly from: number;
  readonly reads: number;
  readonly bytes: number;
  /** Share of all bytes that the cell read. */
  readonly share: number;
}

interface Column {
  readonly panel: string;
  readonly cell: CellRow;
  readonly size: number;
  readonly buckets: readonly Bucket[];
}

/** How much reads returned, by size, as a share of all bytes. */
export function ioSizeFigures({
  db,
  sweep,
  selection,
  summaries,
}: FigureSources): readonly Figure[] {
  const rows = cellReadSizes(db, sweep.id, selection);
  const cells = countedCells({ summaries }, rows);
  if (cells.length === 0) return [];
  const axis = sizeAxis(cells);
  const own = byCell(rows);
  return partsOf(cells, axis, MOST_SERIES).map((part) => {
    const columns = part.series.flatMap((series) =>
      series.cells.map(
        (cell): Column => ({
          panel: series.label,
          cell,
          size: cell[axis.field],
          buckets: bucketsOf(own.get(cell.cell) ?? []),
        }),
      ),
    );
    return ioSizeFigure(part, axis, columns);
  });
}

/** @returns by descending size */
function bucketsOf(rows: readonly CellIoSize[]): readonly Bucket[] {
  const sums = new Map<number, { reads: number; bytes: number }>();
  let total = 0;
  for (const { bytes, count } of rows) {
    const from = 2 ** Math.floor(Math.log2(bytes));
    const { reads, bytes: read } = sums.get(from) ?? { reads: 0, bytes: 0 };
    sums.set(from, { reads: reads + count, bytes: read + bytes * count });
    total += bytes * count;
  }
  return [...sums]
    .sort(([a], [b]) => b - a)
    .map(([from, sum]) => ({ from, ...sum, share: sum.bytes / total }));
}

function ioSizeFigure(part: ChartPart, axis: SizeAxis, columns: readonly Column[]): Figure {
  const title = titleOf(`What reads returned, by ${axis.title.toLowerCase()}`, part);
  const reads = columns.map(({ buckets }) => buckets.reduce((sum, own) => sum + own.reads, 0));
  const told = columns.map(({ panel, size, buckets }) => {
    const { from, share } = buckets.toSorted((a, b) => b.share - a.share)[0]!;
    // A read that fills its buffer is the normal case at every size.
    const full = axis.field === 'buffer_bytes' && size >= from && size < from * 2;
    return { panel, size, share, name: full ? 'reads as large as the buffer' : bucketName(from) };
  });
  return {
    name: `io-sizes${part.suffix}`,
    title,
    caption: `Share of all bytes by what the read that brought them returned, from a power of two up to below the next, in percent; ${countRange(reads, 'read')} for each column, errors and ends left out.`,
    alt: `${title}: a matrix of shares. Most bytes came in: ${largestPartSentences(told)}`,
    data: {
      columns: COLUMNS,
      rows: columns.flatMap(({ panel, cell, buckets }) =>
        buckets.map((own) => [
          ...[panel, cell.cell, cell.buffer_bytes, cell.total_bytes, own.from, own.from * 2],
          ...[own.reads, own.bytes, own.share],
        ]),
      ),
    },
    spec: specOf(axis, columns),
  };
}

function bucketName(from: number): string {
  return from === 1 ? '1 B' : `${formatSize(from)} to < ${formatSize(from * 2)}`;
}

function specOf(axis: SizeAxis, columns: readonly Column[]): TopLevelSpec {
  const sizes = rising(columns.map(({ size }) => size));
  const froms = new Set(columns.flatMap(({ buckets }) => buckets.map(({ from }) => from)));
  const rows = [...froms].sort((a, b) => b - a).map(formatSize);
  const fields = columns.flatMap(({ panel, size, buckets }) =>
    buckets.map(({ from, share, reads }) => ({
      ...{ panel, size, row: formatSize(from), share },
      label: share < 0.005 ? '' : percentFigure(share),
      says: `${panel}, ${formatSize(size)}: ${percent(share)} in ${countRange([reads], 'read')} of ${bucketName(from)}`,
    })),
  );
  const layer = fieldLayers({
    x: bandedSizes('size', axis.title, sizes),
    rows,
    title: 'Returned, at least',
  });
  const labels = [...new Set(columns.map(({ panel }) => panel))];
  const height = Math.max(120, 18 * rows.length);
  return panelled(fields, layer, { labels, width: 200, height }) as TopLevelSpec;
}
