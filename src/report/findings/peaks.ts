import { ITERATIONS } from '../../analyse/doubts.ts';
import type { CellSummary } from '../../analyse/summary.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { mebibytes } from '../quantities.ts';
import { range } from '../shown.ts';
import { enumerated, type Finding, series, subjectOf } from './series.ts';

type Measured = CellSummary & { readonly bandwidth: NonNullable<CellSummary['bandwidth']> };

/** The best buffer size of each series, and those that may be as good. */
export function peaks(summaries: readonly CellSummary[]): readonly Finding[] {
  const groups = series(summaries);
  return groups.flatMap(([name, group]) => {
    const known = group.filter((summary): summary is Measured => summary.bandwidth !== undefined);
    const best = known.toSorted((a, b) => b.bandwidth.median - a.bandwidth.median)[0];
    if (!best) return [];
    const { median, interval, n } = best.bandwidth;
    const bounds = interval
      ? `95% interval ${range(mebibytes(interval.low), mebibytes(interval.high))}, n = ${n}`
      : `n = ${n}, too few for an interval`;
    const size = formatSize(best.cell.buffer_bytes);
    const basis = best.iterationsAsRuns
      ? `median of ${n} ${ITERATIONS}, so no interval`
      : `median of runs, ${bounds}`;
    const text = `${mebibytes(median)} MiB/s with buffers of ${size} (${basis})`;
    return [
      {
        subject: subjectOf('Highest bandwidth', name, groups),
        text: `${text}${rivals(best, known)}.`,
      },
    ];
  });
}

/** Sizes that the data do not tell apart from the best one. */
function rivals(best: Measured, known: readonly Measured[]): string {
  const { interval } = best.bandwidth;
  if (!interval) return '';
  const overlapping = known.filter(
    ({ cell, bandwidth }) =>
      cell !== best.cell && bandwidth.interval && bandwidth.interval.high >= interval.low,
  );
  if (overlapping.length === 0) return '';
  const sizes = overlapping.map(({ cell }) => formatSize(cell.buffer_bytes));
  return `; its interval overlaps that of ${enumerated(sizes)}`;
}
