import { stateShares } from '../../analyse/counts.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { greatest, least } from '../../extremes.ts';
import { stateNames } from '../../trace/pipe-state-bits.ts';
import { percent } from '../quantities.ts';
import { bufferSizeSeries, type Finding, subjectOf } from './finding.ts';
import type { FindingSources } from './sources.ts';

/** The state that most reads found at one size. */
interface MainState {
  readonly bytes: number;
  readonly name: string;
  readonly share: number;
}

/** Says in which state reads mostly find the pipe, and from which size on it is another one. */
export function foundStates({
  summaries,
  pipeStates,
  stateBits,
}: Pick<FindingSources, 'summaries' | 'pipeStates' | 'stateBits'>): readonly Finding[] {
  const traced = bufferSizeSeries(summaries).flatMap(([name, group]) => {
    const sizes = group
      .flatMap(({ cell }): readonly MainState[] => {
        const own = pipeStates.filter((row) => row.cell === cell.cell);
        const [first] = stateShares(own, 'read');
        if (!first) return [];
        const { state, share } = first;
        return [{ bytes: cell.buffer_bytes, name: stateNames(state, stateBits), share }];
      })
      .sort((a, b) => a.bytes - b.bytes);
    return sizes.length === 0 ? [] : [{ name, sizes }];
  });
  return traced.map(({ name, sizes }) => ({
    subject: subjectOf('What reads find', name, traced),
    text: `${sizeRanges(sizes).map(sizeRangeText).join('; ')}.`,
  }));
}

/** Neighbouring sizes at which the same state is the most frequent. */
function sizeRanges(sizes: readonly MainState[]): readonly (readonly MainState[])[] {
  const ranges: MainState[][] = [];
  for (const size of sizes) {
    const last = ranges.at(-1);
    if (last?.[0]?.name === size.name) last.push(size);
    else ranges.push([size]);
  }
  return ranges;
}

function sizeRangeText(
  range: readonly MainState[],
  at: number,
  all: readonly (readonly MainState[])[],
): string {
  const shares = range.map(({ share }) => share);
  const [low, high] = [percent(least(shares)), percent(greatest(shares))];
  const [from, to] = [range[0]!, range.at(-1)!].map(({ bytes }) => formatSize(bytes));
  const found = `mostly ${range[0]!.name} (${low === high ? low : `${low} to ${high}`} of the reads)`;
  if (all.length === 1) {
    return `${from === to ? `with buffers of ${to}` : `from ${from} to ${to}`} the pipe is ${found}`;
  }
  if (at === 0) return `up to buffers of ${to} the pipe is ${found}`;
  if (at === all.length - 1) return `from ${from} on ${found}`;
  return from === to ? `at ${from} ${found}` : `from ${from} to ${to} ${found}`;
}
