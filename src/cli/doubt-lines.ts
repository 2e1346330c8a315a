import { doubtLine, type SweepDoubt } from '../analyse/doubts.ts';
import type { Screen } from './terminal.ts';
import { printable } from './terminal-text.ts';
import { cut } from './text-width.ts';

/** The most kinds of doubt that are shown; doubts.csv has all of them. */
const MOST_DOUBTS = 8;

/** Doubts about a sweep's numbers, one line each, the most harmful first. */
export function doubtLines(
  doubts: readonly SweepDoubt[],
  { style }: Pick<Screen, 'style'>,
): readonly string[] {
  if (doubts.length === 0) return [];
  const rest = doubts.length - MOST_DOUBTS;
  return [
    '',
    ...doubts
      .slice(0, MOST_DOUBTS)
      .map(
        (doubt) => `${style('yellow', 'doubt:')} ${cut(printable(doubtLine(doubt)), LONGEST_LINE)}`,
      ),
    ...(rest > 0 ? [`and ${rest} more kinds of doubt in doubts.csv`] : []),
  ];
}

/** A message of the benchmark may be long. */
const LONGEST_LINE = 400;
