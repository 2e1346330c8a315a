import type { Db } from '../store/open.ts';
import type { SweepRow } from '../store/reader.ts';
import { type RunRow, runRows, type SampleRow, sampleRows } from '../store/run-rows.ts';
import { counted, FROM_ONE, MACHINE, OF_RUN, withMebibytes } from './columns.ts';
import { type ColumnOf, column, type Table, type TableDefinition, tableOf } from './table.ts';

/** Units of the kernel's values for all processes of a run after they ended (wait4(2)). */
const USE_NS = { unit: 'ns', minimum: 0 } as const;
const USE_SWITCHES = { unit: 'switches', minimum: 0 } as const;

export const RUNS: TableDefinition<RunRow> = {
  name: 'runs',
  description:
    'A row for each run, in the order in which they were planned. The columns from `user_ns` to `involuntary_switches` are what the kernel says of all processes of the run when they have ended; empty for runs that were stored before ipc-sweep asked.',
  primaryKey: ['run_id'],
  references: { cell: 'summary' },
  columns: [
    ...OF_RUN,
    column('reason', 'string', (r) => r.reason, 'why the state is not `completed`'),
    column(
      'iterations',
      'integer',
      (r) => r.iterations,
      'asked for inside the run (`-n`)',
      counted('samples'),
    ),
    column('bare', 'boolean', (r) => r.bare === 1, "without the benchmark's own sleeps (`-B`)", {
      required: true,
    }),
    column(
      'exit_code',
      'integer',
      (r) => r.exit_code,
      'empty when a signal ended it, or it never started',
    ),
    column('signal', 'string', (r) => r.signal, 'that ended it, such as `SIGSEGV`'),
    column(
      'wall_ns',
      'integer',
      (r) => r.wall_ns,
      'from the start of the process to its end, its own sleeps included',
      counted('ns'),
    ),
    column('user_ns', 'integer', (r) => r.user_ns, 'CPU time outside the kernel', USE_NS),
    column('system_ns', 'integer', (r) => r.system_ns, 'CPU time in the kernel', USE_NS),
    column(
      'max_rss_bytes',
      'integer',
      (r) => r.max_rss_bytes,
      'the most memory that one of its processes had',
      { unit: 'bytes', minimum: 0 },
    ),
    column(
      'voluntary_switches',
      'integer',
      (r) => r.voluntary_switches,
      'context switches because it waited',
      USE_SWITCHES,
    ),
    column(
      'involuntary_switches',
      'integer',
      (r) => r.involuntary_switches,
      'context switches because its time was up',
      USE_SWITCHES,
    ),
    MACHINE,
    column('tracer', 'string', (r) => r.tracer, 'what was attached', {
      values: ['dtrace', 'bpftrace', 'strace', 'none'],
      required: true,
    }),
    column(
      'ordinal',
      'integer',
      (r) => r.ordinal,
      'place in the planned order, from 1; a run and its attempts share it',
      FROM_ONE,
    ),
    column(
      'started_at',
      'timestamp',
      (r) => r.started_at || null,
      'in UTC, such as `2026-01-31T12:00:00.123Z`; empty where it is not known',
    ),
    column(
      'started_at_utc',
      'datetime',
      (r) => spreadsheetTime(r.started_at) || null,
      'the same to the second, as spreadsheets read it: `2026-01-31 12:00:00`',
    ),
  ],
};

/** The columns that tell the iterations of a run apart. */
export const ITERATION: readonly ColumnOf<Pick<SampleRow, 'iteration' | 'warmup_iteration'>>[] = [
  column('iteration', 'integer', (r) => r.iteration, 'from 1', FROM_ONE),
  column(
    'warmup_iteration',
    'boolean',
    (r) => r.warmup_iteration === 1,
    'the first of several iterations, which no summary counts',
    { required: true },
  ),
];

export const SAMPLES: TableDefinition<SampleRow> = {
  name: 'samples',
  description:
    'A row for each iteration of each run that printed its samples. CPU times, messages and switches need `benchmark.rusage`.',
  primaryKey: ['run_id', 'iteration'],
  references: { run_id: 'runs' },
  columns: [
    ...OF_RUN,
    ...ITERATION,
    column(
      'elapsed_ns',
      'integer',
      (r) => r.elapsed_ns,
      'the transfer alone, as the benchmark timed it',
      counted('ns'),
    ),
    ...withMebibytes<SampleRow>(
      column(
        'bandwidth_bytes_per_s',
        'number',
        (r) => r.bandwidth_bytes_per_s,
        '`total_bytes` / `elapsed_ns`, not the rounded rate that is printed',
        counted('bytes/s'),
      ),
    ),
    column('stime_ns', 'integer', (r) => r.stime_ns, 'CPU time in the kernel', { unit: 'ns' }),
    column('utime_ns', 'integer', (r) => r.utime_ns, 'CPU time outside the kernel', {
      unit: 'ns',
    }),
    column('msgsnd', 'integer', (r) => r.msgsnd, 'messages sent, by getrusage', {
      unit: 'messages',
    }),
    column('msgrcv', 'integer', (r) => r.msgrcv, 'messages received, by getrusage', {
      unit: 'messages',
    }),
    column('nvcsw', 'integer', (r) => r.nvcsw, 'voluntary context switches, by getrusage', {
      unit: 'switches',
    }),
    column('nivcsw', 'integer', (r) => r.nivcsw, 'involuntary context switches, by getrusage', {
      unit: 'switches',
    }),
  ],
};

/** Tables of the runs of a sweep, and of the benchmark's output in each. */
export function runTables(db: Db, sweep: SweepRow): readonly Table[] {
  return [
    tableOf(RUNS, () => runRows(db, sweep.id), undefined),
    tableOf(SAMPLES, () => sampleRows(db, sweep.id), undefined),
  ];
}

/** ISO-8601 without the T and the Z, which spreadsheets recognise as a time. */
function spreadsheetTime(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}
