import { type Curve, curvesOf } from '../../analyse/curves.ts';
import type { CellSummary } from '../../analyse/summary.ts';
import { formatSize } from '../../experiment/sizes.ts';
import type { MachineFacts } from '../../host/machine/sources.ts';
import { bendWords, hockneyWords } from '../curve-words.ts';
import { thresholds } from '../figures/thresholds.ts';
import { channelInFull, hostsOf } from '../value-text.ts';
import { enumerated, type Finding, subjectOf } from './finding.ts';

/**
 * Findings from the curves that follow a line; for the others, the tables say how far off they are.
 */
export function curveFindings(
  summaries: readonly CellSummary[],
  facts: MachineFacts,
): readonly Finding[] {
  const curves = curvesOf(summaries);
  return curves.flatMap((curve) => {
    const { cells, fit } = curve;
    if (!fit.hockney) return [];
    const { bend } = fit.hockney;
    const traced = cells[0]!.untraced ? '' : 'under a tracer, ';
    const text = `${traced}${hockneyWords(fit.hockney)}${upTo(curve)}.`;
    const bent = bend ? ` The curve ${bendWords(bend)}${markedBy(curve, facts)}.` : '';
    return [{ subject: subjectOf('Curve', nameOf(curve, curves), curves), text: `${text}${bent}` }];
  });
}

function upTo({ cells, fit }: Curve): string {
  if (fit.used === cells.length) return '';
  const last = formatSize(cells[fit.used - 1]!.cell.buffer_bytes);
  return `. This holds for buffers of up to ${last}; larger ones do not follow`;
}

/** The sizes of the system and the processor that lie within a bend's interval. */
function markedBy({ cells, fit }: Curve, facts: MachineFacts): string {
  const { low, high } = fit.hockney?.bend?.interval ?? {};
  if (low === undefined || high === undefined) return '';
  const pipe = cells[0]!.cell.ipc === 'pipe';
  const near = thresholds(facts, { pipe, range: [low, high] }).map(({ label }) => label);
  return near.length === 0 ? '' : `. In that interval: ${enumerated(near)}`;
}

function nameOf({ cells }: Curve, curves: readonly Curve[]): string {
  const { cell } = cells[0]!;
  const all = curves.map((curve) => curve.cells[0]!.cell);
  const totals = new Set(all.map(({ total_bytes: bytes }) => bytes)).size > 1;
  const shared = cell.host_axis === 0 && hostsOf(all).length > 1;
  return [
    `${channelInFull(cell)}${shared ? ` on ${cell.host}` : ''}`,
    ...(totals ? [`${formatSize(cell.total_bytes)} in all`] : []),
  ].join(', ');
}
