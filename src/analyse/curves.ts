import { type CurveFit, type CurvePoint, fitCurve } from './curve-fit.ts';
import type { CellSummary } from './summary.ts';

/** A cell whose bandwidth is known. */
export type MeasuredCell = CellSummary & {
  readonly bandwidth: NonNullable<CellSummary['bandwidth']>;
};

/** How bandwidth changes as the buffer grows and everything else stays the same. */
export interface Curve {
  /** Cells of one host, by ascending buffer size. */
  readonly cells: readonly MeasuredCell[];
  readonly fit: CurveFit;
}

/**
 * The curves of a sweep that have enough sizes for a fit, in the order of the cells. Cells of
 * different hosts do not form a curve together, nor do traced and untraced bandwidths. If the
 * buffer is larger than the whole transfer, a call moves less than a buffer: such cells belong to
 * no curve.
 */
export function curvesOf(summaries: readonly CellSummary[]): readonly Curve[] {
  const groups = new Map<string, MeasuredCell[]>();
  for (const summary of summaries) {
    const { cell, untraced } = summary;
    if (!isMeasured(summary) || cell.buffer_bytes > cell.total_bytes) continue;
    const { cell: _, buffer_bytes: __, ...others } = cell;
    const key = JSON.stringify({ ...others, untraced });
    const group = groups.get(key);
    if (group) group.push(summary);
    else groups.set(key, [summary]);
  }
  return [...groups.values()].flatMap((group) => {
    const cells = group.toSorted((a, b) => a.cell.buffer_bytes - b.cell.buffer_bytes);
    const fit = fitCurve(cells.map(pointOf));
    return fit ? [{ cells, fit }] : [];
  });
}

function isMeasured(summary: CellSummary): summary is MeasuredCell {
  return summary.bandwidth !== undefined && summary.bandwidth.median > 0;
}

function pointOf({ cell, bandwidth, iterationsAsRuns }: MeasuredCell): CurvePoint {
  const { median, n } = bandwidth;
  // How iterations of one process vary says nothing about how runs do.
  const cv = iterationsAsRuns ? undefined : bandwidth.cv;
  return { bytes: cell.buffer_bytes, bandwidth: median, runs: n, cv };
}
