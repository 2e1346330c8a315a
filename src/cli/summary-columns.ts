import { CONFIDENCE, levelText, sharedLevel } from '../analyse/interval.ts';
import type { CellSummary } from '../analyse/summary.ts';
import { formatSize } from '../experiment/sizes.ts';
import { greatest } from '../extremes.ts';
import { channel } from '../report/value-text.ts';
import { bar } from './bar.ts';
import type { GroupedCells } from './cell-groups.ts';
import { mebibytesOrDash } from './mebibytes-or-dash.ts';
import type { Alignment } from './print-table.ts';
import type { Screen, TextStyle } from './terminal.ts';
import { printable } from './terminal-text.ts';
import { cut } from './text-width.ts';

/** A cell and the states in which reads most often find its pipe, the most frequent first. */
export interface SummaryRow {
  readonly summary: CellSummary;
  readonly states: readonly { readonly name: string; readonly share: string }[];
}

/** The quantities that there are to show. */
export interface AvailableQuantities {
  readonly controls: boolean;
  readonly states: boolean;
}

export interface Column {
  readonly title: string;
  readonly align: Alignment;
  readonly cells: readonly string[];
  /** The style in which a row's cell is printed. */
  readonly styleOf?: (row: number) => TextStyle | undefined;
}

/** A possible layout of the table. */
export interface Layout {
  /** The number of states that are named for a cell. */
  readonly states: 2 | 1 | 0;
  /** Whether the probe effect is shown with its interval. */
  readonly effect: 'interval' | 'ratio' | 'none';
  readonly bar: boolean;
  /** Whether the shared properties of a group are shown above its rows instead of in columns. */
  readonly inGroups: boolean;
  /** Whether the names of states may be cut off at the edge of the screen. */
  readonly cut: boolean;
}

const BAR_COLUMNS = 8;

/**
 * The columns of the summary in a layout; the last one is that of the states.
 * @param stateColumns the maximum width of that column
 */
export function columnsOf(
  { groups, varying }: GroupedCells<SummaryRow>,
  shown: AvailableQuantities,
  layout: Layout,
  { unicode }: Pick<Screen, 'unicode'>,
  stateColumns = Number.POSITIVE_INFINITY,
): readonly Column[] {
  const rows = groups.flatMap((it) => it.rows);
  const end = unicode ? '…' : '~';
  const state = ({ name, share }: SummaryRow['states'][number]) =>
    `${cut(printable(name), stateColumns - share.length - 1, end)} ${share}`;
  const column = (title: string, align: Alignment, text: (row: SummaryRow) => string): Column => ({
    ...{ title, align },
    cells: rows.map((row) => printable(text(row))),
  });
  const most = greatest(rows.map(({ summary }) => summary.bandwidth?.median ?? 0));
  const level = sharedLevel(rows.map(({ summary }) => summary.bandwidth?.interval));
  const effectLevel = sharedLevel(rows.map(({ summary }) => summary.probeEffect?.ratio));
  const share = ({ summary }: SummaryRow) => (summary.bandwidth?.median ?? 0) / most;
  const columns: (Column | false)[] = [
    varying.host && column('host', 'left', ({ summary }) => summary.cell.host),
    varying.program && column('program', 'left', ({ summary }) => summary.cell.program),
    varying.channel && column('channel', 'left', ({ summary }) => channel(summary.cell)),
    column('buffer', 'right', ({ summary }) => formatSize(summary.cell.buffer_bytes)),
    varying.total &&
      column('total', 'right', ({ summary }) => formatSize(summary.cell.total_bytes)),
    { ...column('n', 'right', ({ summary }) => counts(summary)), styleOf: (at) => doubt(rows[at]) },
    column('MiB/s', 'right', ({ summary }) => mebibytesOrDash(summary.bandwidth?.median)),
    layout.bar && column('', 'left', (row) => bar(share(row), BAR_COLUMNS, unicode)),
    {
      ...column(`${level ?? ''} interval`.trim(), 'right', ({ summary }) =>
        interval(summary, level === undefined),
      ),
      styleOf: () => 'dim',
    },
    shown.controls &&
      layout.effect !== 'none' &&
      column(effectTitle(layout.effect, effectLevel), 'right', (row) =>
        probeEffect(row.summary, layout.effect, effectLevel === undefined),
      ),
    shown.states &&
      layout.states > 0 &&
      column(
        cut('reads find the pipe', stateColumns, end),
        'left',
        ({ states }) => states.slice(0, layout.states).map(state).join(', ') || '-',
      ),
  ];
  return columns.filter((it) => it !== false);
}

function counts({ bandwidth, suspect, failed }: CellSummary): string {
  const bad = suspect + failed > 0 ? ` (${suspect + failed} not good)` : '';
  return `${bandwidth?.n ?? 0}${bad}`;
}

function doubt(row: SummaryRow | undefined): TextStyle | undefined {
  if (row === undefined) return undefined;
  if (row.summary.failed > 0) return 'red';
  return row.summary.suspect > 0 ? 'yellow' : undefined;
}

function interval({ bandwidth }: CellSummary, withLevel: boolean): string {
  if (!bandwidth?.interval) return '-';
  const ends = `${mebibytesOrDash(bandwidth.interval.low)}-${mebibytesOrDash(bandwidth.interval.high)}`;
  return withLevel ? `${levelText(bandwidth.interval)} ${ends}` : ends;
}

/** @param level the level of all intervals; if undefined, they differ, and each shows its own */
function effectTitle(form: Layout['effect'], level: string | undefined): string {
  if (form === 'ratio') return 'effect';
  const plain = level === undefined || level === levelText({ level: CONFIDENCE });
  return plain ? 'traced/untraced' : `traced/untraced (${level})`;
}

function probeEffect(
  { probeEffect: effect }: CellSummary,
  form: Layout['effect'],
  withLevel: boolean,
): string {
  const ratio = effect?.ratio;
  if (!ratio) return '-';
  const alone = ratio.ratio.toFixed(2);
  if (form === 'ratio') return alone;
  const ends = `${ratio.low.toFixed(2)}-${ratio.high.toFixed(2)}`;
  return `${alone} (${withLevel ? `${levelText(ratio)} ` : ''}${ends})`;
}
