import {
  environmentRows,
  environmentWarningRows,
  runConditionRows,
} from '../store/environment-rows.ts';
import type { Db } from '../store/open.ts';
import type { Table } from './tables.ts';

/** What the machine was, what is to be said against it, and what moved on it during each run. */
export function environmentTables(db: Db, sweepId: number): readonly Table[] {
  return [
    {
      name: 'environment',
      columns: ['environment_id', 'captured_at', 'host', 'key', 'value'],
      optional: false,
      *rows() {
        for (const r of environmentRows(db, sweepId)) {
          yield [r.environment_id, r.captured_at, r.host, r.key, r.value];
        }
      },
    },
    {
      name: 'environment_warnings',
      columns: ['environment_id', 'captured_at', 'host', 'code', 'message'],
      optional: true,
      *rows() {
        for (const r of environmentWarningRows(db, sweepId)) {
          yield [r.environment_id, r.captured_at, r.host, r.code, r.message];
        }
      },
    },
    {
      name: 'run_conditions',
      columns: [
        'run_id',
        'buffer_bytes',
        'total_bytes',
        'environment_id',
        'load_1min',
        'cpu0_khz',
        'steal_ns',
        'throttle_events',
        'context_switches',
      ],
      optional: false,
      *rows() {
        for (const r of runConditionRows(db, sweepId)) {
          yield [
            r.run_id,
            r.buffer_bytes,
            r.total_bytes,
            r.environment_id,
            r.load_1min,
            r.cpu0_khz,
            r.steal_ns,
            r.throttle_events,
            r.context_switches,
          ];
        }
      },
    },
  ];
}
