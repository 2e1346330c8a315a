import type { SweepResults } from '../../results/sweep-results.ts';
import type { CellRow } from '../../store/reader.ts';

/** The parts of a sweep's results from which figures are made. */
export type FigureSources = Pick<
  SweepResults,
  'db' | 'sweep' | 'selection' | 'summaries' | 'facts' | 'pipeStates' | 'stateBits'
>;

/** The cells for which something was counted, in the order of the matrix. */
export function countedCells(
  { summaries }: Pick<FigureSources, 'summaries'>,
  rows: readonly { readonly cell: number }[],
): readonly CellRow[] {
  const counted = new Set(rows.map(({ cell }) => cell));
  return summaries.map(({ cell }) => cell).filter(({ cell }) => counted.has(cell));
}
