import { doubtLine, type SweepDoubt } from '../analyse/doubts.ts';
import type { Screen } from './terminal.ts';
import { printable } from './terminal-text.ts';
import { cut } from './text-width.ts';

/** Kinds of doubt that are shown; doubts.csv has them all. */
const MOST_DOUBTS = 8;

/** What is to be said against a sweep's numbers, a line each, the most harmful first. */
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

/** A benchmark's own words may be long. */
const LONGEST_LINE = 400;
