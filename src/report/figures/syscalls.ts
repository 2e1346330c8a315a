import { byCell } from '../../analyse/consecutive.ts';
import { runSyscalls } from '../../store/cell-data.ts';
import type { Figure } from '../figure.ts';
import { callLook, OTHER_CALLS } from '../looks.ts';
import { partsOf, sizeAxis } from './axes.ts';
import { type CountPoint, countLines, MOST_SERIES } from './count-lines.ts';
import { notableCalls } from './notable-calls.ts';
import { countedCells, type FigureSources } from './sources.ts';

/** System calls of a run by size, with a panel for each role. */
export function syscallFigures({
  db,
  sweep,
  selection,
  summaries,
}: FigureSources): readonly Figure[] {
  const notable = notableCalls(() => runSyscalls(db, sweep.id, selection));
  const cells = countedCells({ summaries }, notable.summaries);
  if (cells.length === 0) return [];
  const axis = sizeAxis(cells);
  const own = byCell(notable.summaries);
  const { names, others } = notable;
  const chart = {
    ...{ name: 'syscalls', title: 'System calls of a run', column: 'syscall', unit: 'calls' },
    ...{ names, looks: names.map(callLook) },
    note: others.length === 0 ? '' : ` “${OTHER_CALLS}” sums ${others.join(', ')}.`,
  };
  return partsOf(cells, axis, MOST_SERIES).map((part) => {
    const points = part.series.flatMap((series) =>
      series.cells.flatMap((cell) =>
        (own.get(cell.cell) ?? []).map(({ role, syscall, calls, deterministic }): CountPoint => {
          const panel = part.series.length > 1 ? `${series.label}, ${role}` : role;
          return {
            ...{ panel, series: series.label, cell, size: cell[axis.field], role },
            ...{ what: syscall, counts: calls, deterministic },
          };
        }),
      ),
    );
    return countLines(part, axis, points, chart);
  });
}
