import { gzipSync } from 'node:zlib';
import { byTable, COUNT_TABLES } from '../instruments/instruments.ts';
import type { RunCounts } from '../trace/counts.ts';
import { type Integer, isInteger } from '../trace/user-scripts/integers.ts';
import type { ScriptResult } from '../trace/user-scripts/user-script.ts';
import type { Db } from './open.ts';

/**
 * Writes everything that is derived from a tracer's output, and so can be derived from it again.
 */
export interface CountsWriter {
  readonly writeCounts: (runId: number, counts: RunCounts) => void;
  readonly writeScript: (runId: number, result: Pick<ScriptResult, 'script' | 'output'>) => void;
  /** @param script a script's name, or empty for the instruments */
  readonly writeRaw: (runId: number, script: string, text: string) => void;
  readonly erase: (runId: number) => void;
}

/** Every table of what was counted or printed in a run. */
const DERIVED = [
  ...COUNT_TABLES.map(({ stored }) => stored),
  ...['pipe_event', 'aggregation', 'event'],
] as const;

/** Prepares the statements once. The caller must have a transaction open when it writes. */
export function countsWriter(db: Db): CountsWriter {
  const inserts = COUNT_TABLES.map((table) => {
    const places = ['run_id', 'role', ...table.keys, 'count'].map(() => '?');
    return {
      table,
      insert: db.prepare(`INSERT INTO ${table.stored} VALUES (${places.join(', ')})`),
    };
  });
  const pipeEvent = db.prepare('INSERT INTO pipe_event VALUES (?, ?, ?, ?, ?, ?)');
  const aggregation = db.prepare(
    `INSERT INTO aggregation
       (run_id, script, name, function, printing, bucket_from, bucket_to, value)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const aggregationKey = db.prepare('INSERT INTO aggregation_key VALUES (?, ?, ?)');
  const event = db.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)');
  const raw = db.prepare('INSERT OR REPLACE INTO raw_trace VALUES (?, ?, ?)');
  const erasures = DERIVED.map((name) => db.prepare(`DELETE FROM ${name} WHERE run_id = ?`));

  return {
    writeCounts(runId, counts) {
      for (const { table, insert } of inserts) {
        for (const row of byTable(counts)[table.name] ?? []) {
          insert.run(runId, row.role, ...table.keys.map(({ name }) => row[name]), row.count);
        }
      }
      counts.events.forEach((e, at) => {
        pipeEvent.run(runId, at + 1, e.atNs, e.role, e.operation, e.state);
      });
    },
    writeScript(runId, { script, output }) {
      for (const a of output.aggregates) {
        const { lastInsertRowid } = aggregation.run(
          runId,
          script,
          a.name,
          a.function,
          a.printing,
          a.bucketFrom,
          a.bucketTo,
          stored(a.value),
        );
        a.keys.forEach((key, at) => {
          aggregationKey.run(lastInsertRowid, at + 1, key);
        });
      }
      output.events.forEach((e, at) => {
        event.run(runId, script, at + 1, e.probe, e.cpu, e.text);
      });
    },
    writeRaw(runId, script, text) {
      raw.run(runId, script, gzipSync(text, { level: 1 }));
    },
    erase(runId) {
      for (const erasure of erasures) erasure.run(runId);
    },
  };
}

const MOST = 2n ** 63n - 1n;

/**
 * Returns an integer as a bigint, because a number would not be stored as an integer in a column of
 * any type; beyond 63 bits it becomes text.
 */
function stored(value: Integer): bigint | string | number {
  if (!isInteger(value)) return value;
  const exact = BigInt(value);
  return exact > MOST ? exact.toString() : exact;
}
