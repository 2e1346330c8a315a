import { stateShares } from '../../analyse/counts.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { greatest, least } from '../../extremes.ts';
import { stateNames } from '../../trace/pipe-state-bits.ts';
import { percent } from '../quantities.ts';
import { type Finding, series, subjectOf } from './series.ts';
import type { FindingSources } from './sources.ts';

/** The state that most reads found at one size. */
interface Mostly {
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
  const traced = series(summaries).flatMap(([name, group]) => {
    const sizes = group
      .flatMap(({ cell }): readonly Mostly[] => {
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
    text: `${stretchesOf(sizes).map(stretchText).join('; ')}.`,
  }));
}

/** Neighbouring sizes at which the same state is the most frequent. */
function stretchesOf(sizes: readonly Mostly[]): readonly (readonly Mostly[])[] {
  const stretches: Mostly[][] = [];
  for (const size of sizes) {
    const last = stretches.at(-1);
    if (last?.[0]?.name === size.name) last.push(size);
    else stretches.push([size]);
  }
  return stretches;
}

function stretchText(
  stretch: readonly Mostly[],
  at: number,
  all: readonly (readonly Mostly[])[],
): string {
  const shares = stretch.map(({ share }) => share);
  const [low, high] = [percent(least(shares)), percent(greatest(shares))];
  const [from, to] = [stretch[0]!, stretch.at(-1)!].map(({ bytes }) => formatSize(bytes));
  const found = `mostly ${stretch[0]!.name} (${low === high ? low : `${low} to ${high}`} of the reads)`;
  if (all.length === 1) {
    return `${from === to ? `with buffers of ${to}` : `from ${from} to ${to}`} the pipe is ${found}`;
  }
  if (at === 0) return `up to buffers of ${to} the pipe is ${found}`;
  if (at === all.length - 1) return `from ${from} on ${found}`;
  return from === to ? `at ${from} ${found}` : `from ${from} to ${to} ${found}`;
}
