import { formatSize } from '../../experiment/sizes.ts';
import { greatest } from '../../extremes.ts';
import { channel } from '../../report/value-text.ts';
import { bar } from '../bar.ts';
import { type GroupedCells, groupCells, inOneGroup } from '../cell-groups.ts';
import { mebibytesOrDash } from '../mebibytes-or-dash.ts';
import { type Alignment, alignColumns } from '../print-table.ts';
import type { Screen } from '../terminal.ts';
import { cut, textWidth } from '../text-width.ts';
import type { WatchedCell, WatchedSweep } from './watched-sweep.ts';

const BAR_COLUMNS = 8;
/** The distance between two tables side by side. */
const BETWEEN = 4;

/** One row per cell, as many as fit: in groups, else in one table, else side by side. */
export function cellLines(watched: WatchedSweep, screen: Screen, room: number): readonly string[] {
  const cellOf = ({ cell }: WatchedCell) => cell;
  const grouped = groupCells(watched.cells, cellOf);
  const titled = table(watched, grouped, screen);
  if (titled.lines.length + 1 <= room) return [styled(titled.header, screen), ...titled.lines];
  const { header, lines } = table(watched, inOneGroup(watched.cells, cellOf), screen);
  const width = greatest(lines.map(textWidth), textWidth(header));
  const tables = Math.max(1, Math.floor((screen.width + BETWEEN) / (width + BETWEEN)));
  const all = Math.ceil(lines.length / tables) <= room - 1;
  const height = all ? Math.ceil(lines.length / tables) : room - 2;
  const used = Math.min(tables, Math.ceil(lines.length / Math.max(1, height)));
  const beside = (texts: readonly string[]) =>
    texts.map((text) => text + ' '.repeat(width - textWidth(text))).join(' '.repeat(BETWEEN));
  const shown = Array.from({ length: height }, (_, row) =>
    cut(
      beside(Array.from({ length: used }, (_, at) => lines[at * height + row] ?? '')).trimEnd(),
      screen.width,
      '',
    ),
  );
  const left = lines.length - used * height;
  return [
    styled(cut(beside(Array<string>(used).fill(header)).trimEnd(), screen.width, ''), screen),
    ...shown,
    ...(all
      ? []
      : [cut(`and ${left} more cells: a higher or wider terminal shows more`, screen.width)]),
  ];
}

function styled(header: string, { style }: Screen): string {
  return style('bold', header);
}

function table(
  { runsOfCell, sweep }: WatchedSweep,
  { groups, varying }: GroupedCells<WatchedCell>,
  { width, unicode }: Screen,
): { readonly header: string; readonly lines: readonly string[] } {
  const rows = groups.flatMap((it) => it.rows);
  const most = Math.max(0, greatest(rows.map(({ median }) => median ?? 0)));
  const bad = rows.some((row) => row.bad > 0);
  const columns: ([string, Alignment, (row: WatchedCell) => string] | false)[] = [
    varying.host && ['host', 'left', ({ cell }) => cell.host],
    varying.program && ['program', 'left', ({ cell }) => cell.program],
    varying.channel && ['channel', 'left', ({ cell }) => channel(cell)],
    ['buffer', 'right', ({ cell }) => formatSize(cell.buffer_bytes)],
    varying.total && ['total', 'right', ({ cell }) => formatSize(cell.total_bytes)],
    ['runs', 'right', ({ done }) => progress(done, runsOfCell, sweep.relative_ci !== null)],
    bad && ['not good', 'right', (row) => (row.bad > 0 ? String(row.bad) : '')],
    ['MiB/s', 'right', ({ median }) => mebibytesOrDash(median)],
    ['', 'left', ({ median }) => bar((median ?? 0) / most, BAR_COLUMNS, unicode)],
  ];
  const shown = columns.filter((column) => column !== false);
  const [header = '', ...lines] = alignColumns(
    shown.map(([title]) => title),
    rows.map((row) => shown.map(([, , text]) => text(row))),
    shown.map(([, side]) => side),
  ).map((line) => cut(line, width, ''));
  let at = 0;
  return {
    header,
    lines: groups.flatMap(({ heading, rows: own }) => {
      const its = lines.slice(at, at + own.length);
      at += own.length;
      return heading === '' ? its : [cut(heading, width), ...its];
    }),
  };
}

/** `12/14`; if each cell gets as many runs as it needs, `12/14+` until it has had the minimum. */
function progress(done: number, runs: number, more: boolean): string {
  return done > runs ? String(done) : `${done}/${runs}${more ? '+' : ''}`;
}
