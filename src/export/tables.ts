import { medianSyscalls, summarise } from '../analyse/summary.ts';
import {
  cellBandwidths,
  cellStateCounts,
  cellSyscalls,
  type Selection,
} from '../store/cell-data.ts';
import type { Db } from '../store/open.ts';
import { cellsOf, type SweepRow, stateBits } from '../store/reader.ts';
import {
  aggregationRows,
  contextSwitchRows,
  ioLatencyRows,
  ioSizeRows,
  mostKeys,
  pipeEventRows,
  pipeStateRows,
  pipeTransitionRows,
  type RunRow,
  runRows,
  sampleRows,
  scriptEventRows,
  syscallRows,
  warningRows,
} from '../store/run-rows.ts';
import { stateNames } from '../trace/pipe-state-bits.ts';
import { environmentTables } from './environment-tables.ts';

/** What a cell of a table holds. A missing value is an empty cell. */
export type Value = string | number | boolean | null;

export interface Table {
  /** File name without its ending. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: () => Iterable<readonly Value[]>;
  /** True: no file is written for it when it has no rows. */
  readonly optional: boolean;
}

/** The tables of one sweep, in the order in which a reader wants them. */
export function sweepTables(db: Db, sweep: SweepRow, selection: Selection): readonly Table[] {
  const bits = stateBits(db, sweep.id);
  const names = (state: number) => stateNames(state, bits);
  return [
    summaryTable(db, sweep, selection),
    syscallsWideTable(db, sweep, selection),
    table('runs', RUN_COLUMNS, () => runRows(db, sweep.id), runValues),
    table(
      'samples',
      [
        ...OF_RUN,
        'iteration',
        'elapsed_ns',
        'bandwidth_bytes_per_s',
        'stime_ns',
        'utime_ns',
        'msgsnd',
        'msgrcv',
        'nvcsw',
        'nivcsw',
      ],
      () => sampleRows(db, sweep.id),
      (r) => [
        ...ofRun(r),
        r.iteration,
        r.elapsed_ns,
        r.bandwidth_bytes_per_s,
        r.stime_ns,
        r.utime_ns,
        r.msgsnd,
        r.msgrcv,
        r.nvcsw,
        r.nivcsw,
      ],
    ),
    table(
      'syscalls',
      [...OF_RUN, 'role', 'syscall', 'count'],
      () => syscallRows(db, sweep.id),
      (r) => [...ofRun(r), r.role, r.syscall, r.count],
    ),
    table(
      'pipe_states',
      [...OF_RUN, 'role', 'operation', 'state', 'state_hex', 'state_names', 'count'],
      () => pipeStateRows(db, sweep.id),
      (r) => [...ofRun(r), r.role, r.operation, r.state, hex(r.state), names(r.state), r.count],
    ),
    table(
      'pipe_transitions',
      [
        ...OF_RUN,
        'role',
        'operation',
        'from_state',
        'to_state',
        'from_state_names',
        'to_state_names',
        'count',
      ],
      () => pipeTransitionRows(db, sweep.id),
      (r) => [
        ...ofRun(r),
        r.role,
        r.operation,
        r.from_state,
        r.to_state,
        names(r.from_state),
        names(r.to_state),
        r.count,
      ],
    ),
    table(
      'io_sizes',
      [...OF_RUN, 'role', 'operation', 'bytes', 'count'],
      () => ioSizeRows(db, sweep.id),
      (r) => [...ofRun(r), r.role, r.operation, r.bytes, r.count],
    ),
    table(
      'context_switches',
      [...OF_RUN, 'role', 'kind', 'count'],
      () => contextSwitchRows(db, sweep.id),
      (r) => [...ofRun(r), r.role, r.kind, r.count],
      OPTIONAL,
    ),
    table(
      'io_latencies',
      [...OF_RUN, 'role', 'operation', 'from_ns', 'count'],
      () => ioLatencyRows(db, sweep.id),
      (r) => [...ofRun(r), r.role, r.operation, r.from_ns, r.count],
      OPTIONAL,
    ),
    ...tracedEventTables(db, sweep, names),
    table(
      'warnings',
      [...OF_RUN, 'code', 'suspect', 'message'],
      () => warningRows(db, sweep.id),
      (r) => [...ofRun(r), r.code, r.suspect === 1, r.message],
    ),
    ...environmentTables(db, sweep.id),
  ];
}

const OPTIONAL = { optional: true } as const;

/** Tables that only sweeps with events or scripts of their own have rows for. */
function tracedEventTables(
  db: Db,
  sweep: SweepRow,
  names: (state: number) => string,
): readonly Table[] {
  const keys = Array.from({ length: mostKeys(db, sweep.id) }, (_, at) => `key_${at + 1}`);
  return [
    table(
      'pipe_events',
      [...OF_RUN, 'sequence', 'at_ns', 'role', 'operation', 'state', 'state_names'],
      () => pipeEventRows(db, sweep.id),
      (r) => [...ofRun(r), r.sequence, r.at_ns, r.role, r.operation, r.state, names(r.state)],
      OPTIONAL,
    ),
    table(
      'aggregations',
      [...OF_RUN, 'script', 'name', 'function', ...keys, 'bucket_from', 'bucket_to', 'value'],
      () => aggregationRows(db, sweep.id),
      (r) => {
        const own = r.keys?.split('\x1f') ?? [];
        const padded = keys.map((_, at) => own[at] ?? null);
        return [
          ...ofRun(r),
          r.script,
          r.name,
          r.function,
          ...padded,
          r.bucket_from,
          r.bucket_to,
          r.value,
        ];
      },
      OPTIONAL,
    ),
    table(
      'events',
      [...OF_RUN, 'script', 'sequence', 'probe', 'cpu', 'text', 'state_names'],
      () => scriptEventRows(db, sweep.id),
      (r) => {
        // A number printed at a pipe's probe is taken for its state, as in the labs' script.
        const state = /^pipe_(read|write):/.test(r.probe) && /^\d{1,9}$/.test(r.text.trim());
        const decoded = state ? names(Number(r.text)) : null;
        return [...ofRun(r), r.script, r.sequence, r.probe, r.cpu, r.text, decoded];
      },
      OPTIONAL,
    ),
  ];
}

/** One file alone makes a pivot table: every table that names a run carries its sizes. */
const OF_RUN = ['run_id', 'buffer_bytes', 'total_bytes'] as const;

function ofRun(row: { run_id: number; buffer_bytes: number; total_bytes: number }): Value[] {
  return [row.run_id, row.buffer_bytes, row.total_bytes];
}

const RUN_COLUMNS = [
  'run_id',
  'cell',
  'trial',
  'attempt',
  'state',
  'reason',
  'warmup',
  'traced',
  'ipc',
  'mode',
  'buffer_bytes',
  'total_bytes',
  'socket_buffers',
  'iterations',
  'bare',
  'exit_code',
  'signal',
  'wall_ns',
  'host',
  'tracer',
  'ordinal',
  'started_at',
  'started_at_utc',
] as const;

function runValues(r: RunRow): Value[] {
  return [
    r.run_id,
    r.cell,
    r.trial,
    r.attempt,
    r.state,
    r.reason,
    r.warmup === 1,
    r.traced === 1,
    r.ipc,
    r.mode,
    r.buffer_bytes,
    r.total_bytes,
    r.socket_buffers === 1,
    r.iterations,
    r.bare === 1,
    r.exit_code,
    r.signal,
    r.wall_ns,
    r.host,
    r.tracer,
    r.ordinal,
    r.started_at,
    spreadsheetTime(r.started_at),
  ];
}

const CELL_COLUMNS = ['cell', 'ipc', 'mode', 'buffer_bytes', 'total_bytes', 'socket_buffers'];

function summaryTable(db: Db, sweep: SweepRow, selection: Selection): Table {
  const columns = [
    ...CELL_COLUMNS,
    'runs_completed',
    'runs_suspect',
    'runs_failed',
    'n',
    'bandwidth_median_bytes_per_s',
    'bandwidth_q1_bytes_per_s',
    'bandwidth_q3_bytes_per_s',
    'bandwidth_min_bytes_per_s',
    'bandwidth_max_bytes_per_s',
  ];
  const rows = () =>
    summarise(
      cellsOf(db, sweep.id),
      cellBandwidths(db, sweep.id, selection),
      cellStateCounts(db, sweep.id),
    );
  return table('summary', columns, rows, ({ cell, bandwidth: b, ...runs }) => [
    ...cellValues(cell),
    runs.completed,
    runs.suspect,
    runs.failed,
    b?.n ?? 0,
    b?.median ?? null,
    b?.q1 ?? null,
    b?.q3 ?? null,
    b?.min ?? null,
    b?.max ?? null,
  ]);
}

function syscallsWideTable(db: Db, sweep: SweepRow, selection: Selection): Table {
  const medians = medianSyscalls(cellSyscalls(db, sweep.id, selection));
  return table(
    'syscalls_wide',
    [...CELL_COLUMNS, 'runs', ...medians.names],
    () => cellsOf(db, sweep.id),
    (cell) => {
      const own = medians.byCell.get(cell.cell);
      return [
        ...cellValues(cell),
        own?.runs ?? 0,
        ...(own?.medians ?? medians.names.map(() => null)),
      ];
    },
  );
}

function cellValues(cell: {
  cell: number;
  ipc: string;
  mode: string;
  buffer_bytes: number;
  total_bytes: number;
  socket_buffers: number;
}): Value[] {
  return [
    cell.cell,
    cell.ipc,
    cell.mode,
    cell.buffer_bytes,
    cell.total_bytes,
    cell.socket_buffers === 1,
  ];
}

function table<Row>(
  name: string,
  columns: readonly string[],
  rows: () => Iterable<Row>,
  values: (row: Row) => readonly Value[],
  { optional = false } = {},
): Table {
  return {
    name,
    columns,
    optional,
    *rows() {
      for (const row of rows()) yield values(row);
    },
  };
}

function hex(state: number): string {
  return `0x${state.toString(16).padStart(3, '0')}`;
}

/** ISO-8601 without the T and the Z, which spreadsheets take for a time. */
function spreadsheetTime(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}
