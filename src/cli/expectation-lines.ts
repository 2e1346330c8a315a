import type { Judgement } from '../analyse/expectations.ts';
import { cellName } from '../experiment/cell-name.ts';
import { cellOf } from '../store/reader.ts';

/** The most cells named for an expectation that is not met; the CSV file has all of them. */
const MOST_CELLS = 5;

/** The expectations of a sweep's spec, one line each, with the cells that do not meet it. */
export function expectationLines(judged: readonly Judgement[]): readonly string[] {
  if (judged.length === 0) return [];
  return [
    '',
    ...judged.flatMap(({ expectation, cells, misses }) => {
      const mark = misses.length === 0 ? 'ok ' : 'not';
      const more =
        misses.length > MOST_CELLS ? [`      and ${misses.length - MOST_CELLS} more`] : [];
      return [
        `${mark} ${expectation}${misses.length === 0 ? '' : ` (${misses.length} of ${cells} cells)`}`,
        ...misses
          .slice(0, MOST_CELLS)
          .map(({ cell, found }) => `      ${cellName(cellOf(cell))}: ${found}`),
        ...more,
      ];
    }),
  ];
}
