import type { Db } from '../store/open.ts';
import type { SweepRow } from '../store/reader.ts';
import { aggregationRows, mostKeys, pipeEventRows, scriptEventRows } from '../store/run-rows.ts';
import { OF_RUN, OPTIONAL, ofRun, type Table, table } from './table.ts';

/** Tables that only sweeps with events or scripts of their own have rows for. */
export function scriptTables(
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
