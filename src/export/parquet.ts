import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ByteWriter, parquetWriteRows } from 'hyparquet-writer';
import { writeWhole } from './safe-file.ts';
import { type Column, headerOf, isEmpty, type Table, type Value } from './table.ts';
import type { WrittenFiles } from './written-files.ts';

/** Writes one file per table; a cell that is empty in CSV is null. Only loaded for Parquet. */
export async function writeParquet(
  folder: string,
  tables: readonly Table[],
): Promise<WrittenFiles> {
  const files: WrittenFiles['files'][number][] = [];
  for (const table of tables) {
    const path = join(folder, `${table.name}.parquet`);
    if (table.optional && isEmpty(table)) {
      await rm(path, { force: true });
      continue;
    }
    const { bytes, rows } = await encode(table);
    await writeWhole(path, bytes);
    files.push({ path, unit: 'row', count: rows });
  }
  return { files, warnings: [] };
}

async function encode(table: Table): Promise<{ bytes: Uint8Array; rows: number }> {
  // The written data is compressed and stays small; only one group of rows is in memory at a time.
  const writer = new ByteWriter();
  const names = headerOf(table);
  const columns = columnsOf(table);
  let count = 0;
  const records = function* () {
    for (const row of table.rows()) {
      count++;
      yield Object.fromEntries(
        names.map((name, at) => [name, stored(columns[at]!, row[at] ?? null)]),
      );
    }
  };
  await parquetWriteRows({
    writer,
    rows: records(),
    columns: columns.map(({ name, type, required }) => ({
      name,
      type: TYPES[type],
      nullable: !required,
    })),
    createdBy: 'ipc-sweep',
  });
  return { bytes: writer.getBytes(), rows: count };
}

/** A column with integers beyond signed 64 bits becomes text, so that nothing is rounded. */
function columnsOf(table: Table): readonly Column[] {
  const unsigned = table.columns.flatMap((column, at) => (column.unsigned ? [at] : []));
  if (unsigned.length === 0) return table.columns;
  const wide = new Set<number>();
  for (const row of table.rows()) {
    for (const at of unsigned) if (typeof row[at] === 'string') wide.add(at);
  }
  return table.columns.map((column, at) => (wide.has(at) ? { ...column, type: 'string' } : column));
}

const TYPES = {
  integer: 'INT64',
  number: 'DOUBLE',
  string: 'STRING',
  any: 'STRING',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  datetime: 'TIMESTAMP',
} as const;

const [LEAST, MOST] = [-(2n ** 63n), 2n ** 63n - 1n];

function stored({ type, required }: Column, value: Value): unknown {
  switch (type) {
    case 'integer': {
      if (typeof value !== 'bigint' && !Number.isFinite(value)) return null;
      const exact = typeof value === 'bigint' ? value : BigInt(Math.trunc(value as number));
      // A number may have been rounded up beyond the range.
      return exact > MOST ? MOST : exact < LEAST ? LEAST : exact;
    }
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? value : null;
    case 'any':
      return value === null || value === '' ? null : String(value);
    case 'string':
      if (value === '' && !required) return null;
      return value === null ? null : String(value);
    case 'timestamp':
      return timeOf(String(value ?? ''));
    case 'datetime':
      return timeOf(
        String(value ?? '')
          .replace(' ', 'T')
          .concat('Z'),
      );
    default:
      return value;
  }
}

function timeOf(iso: string): Date | null {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? null : time;
}
