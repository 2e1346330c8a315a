import {
  environmentRows,
  environmentWarningRows,
  runConditionRows,
} from '../store/environment-rows.ts';
import type { Db } from '../store/open.ts';
import { OF_RUN, OPTIONAL, ofRun, type Table, table } from './table.ts';

/** What the machine was, what is to be said against it, and what moved on it during each run. */
export function environmentTables(db: Db, sweepId: number): readonly Table[] {
  const environment = ['environment_id', 'captured_at', 'host'] as const;
  return [
    table(
      'environment',
      [...environment, 'key', 'value'],
      () => environmentRows(db, sweepId),
      (r) => [r.environment_id, r.captured_at, r.host, r.key, r.value],
    ),
    table(
      'environment_warnings',
      [...environment, 'code', 'message'],
      () => environmentWarningRows(db, sweepId),
      (r) => [r.environment_id, r.captured_at, r.host, r.code, r.message],
      OPTIONAL,
    ),
    table(
      'run_conditions',
      [
        ...OF_RUN,
        'environment_id',
        'load_1min',
        'cpu0_khz',
        'steal_ns',
        'throttle_events',
        'context_switches',
      ],
      () => runConditionRows(db, sweepId),
      (r) => [
        ...ofRun(r),
        r.environment_id,
        r.load_1min,
        r.cpu0_khz,
        r.steal_ns,
        r.throttle_events,
        r.context_switches,
      ],
    ),
  ];
}
