import { type Interval, levelText, sharedLevel } from '../analyse/interval.ts';
import { WHY_NOMINAL } from '../analyse/precision.ts';
import { AXES, AXIS } from '../experiment/axes.ts';
import { type Cell, cellOfValues } from '../experiment/cell.ts';
import { cellName } from '../experiment/cell-name.ts';
import { formatSize } from '../experiment/sizes.ts';
import type { SweepRow } from '../store/reader.ts';
import { type JsonRow, type JsonValue, recordsOf } from './records.ts';
import type { Table } from './table.ts';
import type { TextColumn, TextTable } from './text-table.ts';
import type { WriterOptions } from './written-files.ts';

/**
 * The tables that make sense on paper. Those with a row for each run or system call are too long,
 * and only there to be computed with: CSV has them.
 */
export const PAPER_TABLES = [
  'summary',
  'probe_effect',
  'bandwidth_fit',
  'expectations',
  'doubts',
] as const;

const MIB = 1024 ** 2;
/** Shown where a value is not known. */
const MISSING = '–';

interface PaperColumn extends TextColumn {
  readonly of: (row: JsonRow) => string;
}

/** Makes the printed tables from the tables of a sweep; one without rows is left out. */
export function paperTables(
  sweep: SweepRow,
  tables: readonly Table[],
  options: WriterOptions,
): readonly TextTable[] {
  const rowsOf = new Map(
    PAPER_TABLES.map((name) => {
      const table = tables.find((one) => one.name === name);
      return [name, table ? recordsOf(table) : []] as const;
    }),
  );
  const name = `${sweep.name}-${sweep.id}`;
  const source = `Sweep ${name}${sweep.started_at === '' ? '' : `, started ${sweep.started_at.slice(0, 16).replace('T', ' ')} UTC`}, ${sweep.tracer === 'none' ? 'not traced' : `traced by ${sweep.tracer}`}.`;
  const drawn = {
    summary: () => summary(rowsOf.get('summary')!, rowsOf.get('doubts')!.length, options),
    probe_effect: () => probeEffect(rowsOf.get('probe_effect')!),
    bandwidth_fit: () => bandwidthFit(rowsOf.get('bandwidth_fit')!),
    expectations: () => expectations(rowsOf.get('expectations')!),
    doubts,
  } satisfies Record<(typeof PAPER_TABLES)[number], () => Drawn>;
  return PAPER_TABLES.flatMap((table): readonly TextTable[] => {
    const rows = rowsOf.get(table)!;
    if (rows.length === 0) return [];
    const { caption, columns, notes } = drawn[table]();
    return [
      {
        name: table,
        caption: `${caption} of sweep ${name}`,
        columns: columns.map(({ heading, kind }) => ({ heading, kind })),
        rows: rows.map((row) => columns.map(({ of }) => of(row))),
        notes: [...notes, source],
      },
    ];
  });
}

interface Drawn {
  readonly caption: string;
  readonly columns: readonly PaperColumn[];
  readonly notes: readonly string[];
}

function summary(rows: readonly JsonRow[], kindsOfDoubt: number, options: WriterOptions): Drawn {
  const axes = axesOf(rows);
  const iterations = rows.some((row) => row.n_counts !== 'runs');
  const has = (name: string) => rows.some((row) => row[name] !== null);
  const some = (name: string) => rows.some((row) => row[name] !== 0);
  const traced = new Set(rows.map((row) => row.untraced).filter((value) => value !== null));
  return {
    caption: 'Bandwidth of each cell',
    columns: [
      ...axes.columns,
      ...(traced.size > 1
        ? [
            word('runs', (row) =>
              row.untraced === null ? MISSING : row.untraced ? 'untraced' : 'traced',
            ),
          ]
        : []),
      number(iterations ? 'n (iterations)' : 'n (runs)', 'n', String),
      ...(some('runs_suspect') ? [number('suspect (runs)', 'runs_suspect', String)] : []),
      ...(some('runs_failed') ? [number('failed (runs)', 'runs_failed', String)] : []),
      number('median (MiB/s)', 'bandwidth_median_bytes_per_s', mebibytes),
      interval(rows, 'MiB/s', ['bandwidth_ci', '_bytes_per_s'], mebibytes),
      number('variation (%)', 'bandwidth_cv', percent),
      ...(has('probe_effect')
        ? [
            number('probe effect (%)', 'probe_effect', percent),
            interval(rows, '%', ['probe_effect_ci', ''], percent),
          ]
        : []),
      ...(has('precision') ? [number('half width (%)', 'relative_half_width', percent)] : []),
    ],
    notes: [
      ...axes.notes,
      iterations
        ? 'n counts iterations of one process, which depend on each other: there is no interval.'
        : 'n counts runs, each a process of its own. The interval is that of the median, from order statistics (Hettmansperger and Sheather 1986); there is none for fewer than five runs.',
      ...(has('precision') ? [`The intervals are nominal: ${WHY_NOMINAL}.`] : []),
      ...(options.suspect ? ['Suspect runs were let in.'] : []),
      ...(traced.size === 1
        ? [`Bandwidths are of ${traced.has(true) ? 'untraced' : 'traced'} runs.`]
        : []),
      'Variation is the standard deviation over the mean.',
      ...(has('probe_effect')
        ? [
            'Probe effect is the bandwidth of traced runs over that of their untraced controls, estimated from pairs (Hodges and Lehmann 1963).',
          ]
        : []),
      ...(options.missing ?? []).map(({ name, reason }) => `Without ${name}: ${reason}.`),
      ...(kindsOfDoubt > 0 ? [`The table of doubts has ${kindsOfDoubt} about these numbers.`] : []),
    ],
  };
}

function probeEffect(rows: readonly JsonRow[]): Drawn {
  const axes = axesOf(rows);
  return {
    caption: 'Probe effect in each cell',
    columns: [
      ...axes.columns,
      number('traced (runs)', 'traced_n', String),
      number('untraced (runs)', 'untraced_n', String),
      number('traced median (MiB/s)', 'traced_median_bytes_per_s', mebibytes),
      number('untraced median (MiB/s)', 'untraced_median_bytes_per_s', mebibytes),
      number('pairs (trials)', 'pairs', String),
      number('traced over untraced (%)', 'probe_effect', percent),
      interval(rows, '%', ['probe_effect_ci', ''], percent),
    ],
    notes: [
      ...axes.notes,
      'The ratio is estimated from pairs of a traced run and its untraced control (Hodges and Lehmann 1963), its interval from the signed-rank test; there is none for fewer than five pairs.',
    ],
  };
}

function bandwidthFit(rows: readonly JsonRow[]): Drawn {
  const axes = axesOf(rows);
  const estimate = (heading: string, name: string, end: string, show: (value: number) => string) =>
    paperColumn(heading, 'number', (row) => {
      const [value, low, high] = ['', '_ci_low', '_ci_high'].map(
        (part) => row[`${name}${part}_${end}`],
      );
      if (typeof value !== 'number') return MISSING;
      return `${show(value)} (${bounds(low ?? null, high ?? null, show)})`;
    });
  return {
    caption: 'Lines fitted to the curves',
    columns: [
      ...axes.columns,
      word('line', (row) => String(row.state)),
      number('sizes (cells)', 'sizes', String),
      number('n (runs)', 'runs', String),
      estimate('time of a call (ns)', 'call', 'ns', digits),
      estimate('asymptote (MiB/s)', 'asymptote', 'bytes_per_s', mebibytes),
      estimate('half of it at (bytes)', 'half', 'bytes', digits),
      estimate('bends at (bytes)', 'break', 'bytes', digits),
    ],
    notes: [
      ...axes.notes,
      'The line is: time of a call = time of an empty call + bytes / asymptote. 95% intervals are in brackets; an end that the sizes leave open is a dash.',
    ],
  };
}

function expectations(rows: readonly JsonRow[]): Drawn {
  const hosts = new Set(rows.map((row) => row.host).filter((host) => host !== null));
  return {
    caption: 'Expectations',
    columns: [
      paperColumn('expectation', 'prose', (row) => textOf(row.expectation)),
      word('fulfilled', (row) => (row.fulfilled ? 'yes' : 'no')),
      word('cell', (row) => (row.cell === null ? MISSING : cellName(cellIn(row, hosts.size > 1)))),
      paperColumn('found', 'prose', (row) => textOf(row.found)),
    ],
    notes: [
      'One row for each expectation that all its cells fulfil, and one for each cell that does not.',
    ],
  };
}

function doubts(): Drawn {
  const where = ({ cells, hosts }: JsonRow) => textOf(cells || hosts || null, 'everywhere');
  return {
    caption: 'Doubts about the numbers',
    columns: [
      word('code', (row) => textOf(row.code)),
      word('about', (row) => textOf(row.about)),
      paperColumn('runs', 'number', (row) => `${row.runs ?? row.of_runs} of ${row.of_runs}`),
      paperColumn('where', 'prose', where),
      paperColumn('what', 'prose', (row) => textOf(row.message)),
    ],
    notes: ['The most harmful come first.'],
  };
}

/** The columns that tell cells apart; what all cells share is a note. */
function axesOf(rows: readonly JsonRow[]): Pick<Drawn, 'columns' | 'notes'> {
  const columns: PaperColumn[] = [];
  const shared: string[] = [];
  for (const axis of AXES) {
    const { column: name, heading: words, kind } = AXIS[axis];
    const size = kind === 'size';
    const values = rows.flatMap((row) => row[name] ?? []);
    if (values.length === 0) continue;
    if (new Set(rows.map((row) => row[name])).size > 1 || name === 'buffer_bytes') {
      columns.push(size ? sizes(words, name, values) : word(words, (row) => textOf(row[name])));
    } else if (values[0] !== false) {
      const [value] = values;
      const shown = size ? formatSize(Number(value)) : value === true ? 'yes' : textOf(value);
      shared.push(`${words} ${shown}`);
    }
  }
  return { columns, notes: shared.length > 0 ? [`In every cell: ${shared.join(', ')}.`] : [] };
}

/** A column of sizes in the largest unit in which all of them are whole. */
function sizes(words: string, name: string, values: readonly JsonValue[]): PaperColumn {
  const units = [
    ['GiB', 1024 ** 3],
    ['MiB', MIB],
    ['KiB', 1024],
  ] as const;
  const whole = (size: number) => values.every((value) => Number(value) % size === 0);
  const [unit, size] = units.find(([, bytes]) => whole(bytes)) ?? ['bytes', 1];
  return number(`${words} (${unit})`, name, (bytes) => String(bytes / size));
}

/**
 * A column of intervals. Its heading has their level; where levels differ, each has its own.
 * @param parts of the columns' names, before and after `_low`, `_high` and `_level`
 */
function interval(
  rows: readonly JsonRow[],
  unit: string,
  [before, behind]: readonly [string, string],
  show: (value: number) => string,
): PaperColumn {
  const levels = rows.flatMap((row): Interval[] => {
    const level = row[`${before}_level`];
    return typeof level === 'number' ? [{ low: 0, high: 0, level }] : [];
  });
  const shared = sharedLevel(levels);
  return paperColumn(
    `${shared === undefined ? '' : `${shared} `}interval (${unit})`,
    'number',
    (row) => {
      const [low, high, level] = ['_low', '_high']
        .map((end) => row[`${before}${end}${behind}`] ?? null)
        .concat(row[`${before}_level`] ?? null);
      if (typeof level !== 'number') return MISSING;
      const own = shared === undefined ? ` (${levelText({ level })})` : '';
      return `${bounds(low!, high!, show)}${own}`;
    },
  );
}

function bounds(low: JsonValue, high: JsonValue, show: (value: number) => string): string {
  const end = (value: JsonValue) => (typeof value === 'number' ? show(value) : MISSING);
  return `${end(low)} to ${end(high)}`;
}

function paperColumn(
  heading: string,
  kind: TextColumn['kind'],
  of: (row: JsonRow) => string,
): PaperColumn {
  return { heading, kind, of };
}

function word(heading: string, of: (row: JsonRow) => string): PaperColumn {
  return paperColumn(heading, 'word', of);
}

function number(heading: string, name: string, show: (value: number) => string): PaperColumn {
  return paperColumn(heading, 'number', (row) => {
    const value = row[name];
    return typeof value === 'number' ? show(value) : MISSING;
  });
}

function textOf(value: JsonValue | undefined, otherwise = MISSING): string {
  if (value === null || value === undefined) return otherwise;
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

function cellIn(row: JsonRow, withHost: boolean): Cell {
  return cellOfValues((axis) => {
    const value = row[AXIS[axis].column];
    if (axis === 'host' && !withHost) return undefined;
    return typeof value === 'object' ? undefined : value;
  });
}

function mebibytes(bytesPerS: number): string {
  return digits(bytesPerS / MIB);
}

function percent(share: number): string {
  return digits(100 * share, 3);
}

/** A number with four digits that count, or as many as asked for: `977.0`, `0.1230`, `12350`. */
function digits(value: number, count = 4): string {
  if (value === 0) return '0';
  const rounded = value.toPrecision(count);
  return Math.abs(Number(rounded)) >= 10 ** count ? String(Number(rounded)) : rounded;
}
