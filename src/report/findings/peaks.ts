import { compareCells } from '../../analyse/compare.ts';
import { cellPair } from '../../analyse/comparison.ts';
import { ITERATIONS } from '../../analyse/doubts.ts';
import { quotedLevel } from '../../analyse/precision.ts';
import type { CellSummary } from '../../analyse/summary.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { mebibytes } from '../../rounding.ts';
import { range } from '../value-text.ts';
import { bufferSizeSeries, enumerated, type Finding, subjectOf } from './finding.ts';
import type { FindingSources } from './sources.ts';

type Measured = CellSummary & { readonly bandwidth: NonNullable<CellSummary['bandwidth']> };

/** The best buffer size of each series, and those that may be just as good. */
export function peaks(
  sources: Pick<FindingSources, 'sweep' | 'summaries' | 'quotedRuns'>,
): readonly Finding[] {
  const { summaries } = sources;
  const groups = bufferSizeSeries(summaries);
  return groups.flatMap(([name, group]) => {
    const known = group.filter((summary): summary is Measured => summary.bandwidth !== undefined);
    const best = known.toSorted((a, b) => b.bandwidth.median - a.bandwidth.median)[0];
    if (!best) return [];
    const { median, interval, n } = best.bandwidth;
    const bounds = interval
      ? `${quotedLevel(interval, best)} interval ${range(mebibytes(interval.low), mebibytes(interval.high))}, n = ${n}`
      : `n = ${n}, too few for an interval`;
    const size = formatSize(best.cell.buffer_bytes);
    const basis = best.iterationsAsRuns
      ? `median of ${n} ${ITERATIONS}, so no interval`
      : `median of runs, ${bounds}`;
    const text = `${mebibytes(median)} MiB/s with buffers of ${size} (${basis})`;
    return [
      {
        subject: subjectOf('Highest bandwidth', name, groups),
        text: `${text}${rivals(best, known, sources)}.`,
      },
    ];
  });
}

/** Sizes that `ipc-sweep compare` would not call slower than the best one. */
function rivals(
  best: Measured,
  known: readonly Measured[],
  { sweep, quotedRuns }: Pick<FindingSources, 'sweep' | 'quotedRuns'>,
): string {
  const made = { sweep: '', order: sweep.run_order };
  const sideOf = ({ cell }: Measured) => ({ made, cell, runs: quotedRuns.get(cell.cell) ?? [] });
  const alike = known.filter((other) => {
    if (other === best) return false;
    const [compared] = compareCells([cellPair(sideOf(best), sideOf(other))]);
    return compared?.verdict === 'inconclusive';
  });
  if (alike.length === 0) return '';
  const sizes = alike.map(({ cell }) => formatSize(cell.buffer_bytes));
  return `; the runs do not tell it from ${enumerated(sizes)}`;
}
