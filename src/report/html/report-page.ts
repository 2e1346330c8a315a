import { sweepResults } from '../../results/sweep-results.ts';
import type { Selection } from '../../store/cell-data.ts';
import type { Db } from '../../store/open.ts';
import type { SweepRow } from '../../store/reader.ts';
import { sweepFigures } from '../figures.ts';
import { renderSvg } from '../render/svg.ts';
import type { DrawnFigure } from './charts.ts';
import { sweepPage } from './sweep-page.ts';

/** Draws a sweep's figures and puts them into its page. @returns the text of an HTML file */
export async function reportPage(
  db: Db,
  sweep: SweepRow,
  selection: Selection,
  version: string,
): Promise<string> {
  const report = sweepResults(db, sweep, selection);
  const drawn: DrawnFigure[] = [];
  for (const figure of sweepFigures(report)) {
    drawn.push({ figure, svg: await renderSvg(figure, 'screen') });
  }
  return sweepPage(report, drawn, version);
}
