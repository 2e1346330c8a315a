import { formatSize } from '../../experiment/sizes.ts';
import { bufferSizeSeries, enumerated, type Finding, subjectOf } from './finding.ts';
import type { FindingSources } from './sources.ts';

/** The sizes from which writes bypass the pipe's buffer, on kernels that have a state for it. */
export function directWrites({
  summaries,
  pipeStates,
  stateBits,
}: Pick<FindingSources, 'summaries' | 'pipeStates' | 'stateBits'>): readonly Finding[] {
  const mask = stateBits.find(({ name }) => name === 'DIRECTW')?.bit;
  if (mask === undefined) return [];
  const traced = bufferSizeSeries(summaries).flatMap(([name, group]) => {
    const sizes = group
      .map(({ cell }) => {
        const own = pipeStates.filter((row) => row.cell === cell.cell);
        return {
          bytes: cell.buffer_bytes,
          looked: own.length > 0,
          direct: own.some(({ state, count }) => (state & mask) !== 0 && count > 0),
        };
      })
      .filter(({ looked }) => looked)
      .sort((a, b) => a.bytes - b.bytes);
    return sizes.length === 0 ? [] : [{ name, sizes }];
  });
  return traced.map(({ name, sizes }) => {
    const first = sizes.findIndex(({ direct }) => direct);
    const gaps = first < 0 ? [] : sizes.slice(first).filter(({ direct }) => !direct);
    return {
      subject: subjectOf('Direct writes', name, traced),
      text: directText(sizes, first, gaps),
    };
  });
}

function directText(
  sizes: readonly { readonly bytes: number }[],
  first: number,
  gaps: readonly { readonly bytes: number }[],
): string {
  const size = (at: number) => formatSize(sizes.at(at)!.bytes);
  if (first < 0) {
    return `none: DIRECTW was never seen from ${size(0)} to ${size(-1)}.`;
  }
  const below =
    first === 0
      ? 'the smallest size of this sweep'
      : `DIRECTW was never seen up to ${size(first - 1)}`;
  const after =
    gaps.length === 0
      ? ''
      : `, and not at ${enumerated(gaps.map(({ bytes }) => formatSize(bytes)))}`;
  return `they begin at buffers of ${size(first)} (${below}${after}).`;
}
