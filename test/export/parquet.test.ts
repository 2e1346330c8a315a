import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { parquetMetadata, parquetRead } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTableFiles } from '../../src/export/files.ts';
import { type Column, headerOf } from '../../src/export/table.ts';
import { HostileTables } from './hostile-tables.ts';

const hostile = new HostileTables();
const options = { preset: 'analysis', semicolon: false, formats: ['csv', 'parquet'] } as const;
beforeAll(async () => {
  for (const name of ['out', 'again']) {
    await writeTableFiles(hostile.path(name), hostile.sweep, hostile.tables, options);
  }
});
afterAll(() => hostile.remove());

function bytesOf(name: string, folder = 'out'): ArrayBuffer {
  const { buffer, byteOffset, length } = readFileSync(hostile.path(folder, name));
  return buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
}

function rowsOf(file: ArrayBuffer): Promise<readonly (readonly unknown[])[]> {
  return new Promise((resolve, reject) => {
    parquetRead({ file, rowFormat: 'array', onComplete: resolve }).catch(reject);
  });
}

/** Writes a value as CSV has it. */
function textOf(value: unknown, { type }: Column): string {
  if (value === null) return '';
  if (!(value instanceof Date)) return String(value);
  const iso = value.toISOString();
  return type === 'datetime' ? iso.slice(0, 19).replace('T', ' ') : iso;
}

describe('the Parquet files', () => {
  it('contain the same as the CSV files, cell by cell', async () => {
    expect(hostile.tables.length).toBeGreaterThan(17);
    for (const table of hostile.tables) {
      if (table.optional && [...table.rows()].length === 0) continue;
      const csv = readFileSync(hostile.path('out', `${table.name}.csv`));
      const [header, ...expected]: string[][] = parse(csv);
      const found = await rowsOf(bytesOf(`${table.name}.parquet`));
      const texts = found.map((row) => row.map((value, at) => textOf(value, table.columns[at]!)));
      expect([table.name, header]).toEqual([table.name, headerOf(table)]);
      expect([table.name, ...texts]).toEqual([table.name, ...expected]);
    }
  });

  it('have a type for each column, and mark as required what is never empty', () => {
    const { schema } = parquetMetadata(bytesOf('runs.parquet'));
    const columns = Object.fromEntries(schema.map((it) => [it.name, it]));
    expect(columns.run_id).toMatchObject({ type: 'INT64', repetition_type: 'REQUIRED' });
    expect(columns.exit_code).toMatchObject({ type: 'INT64', repetition_type: 'OPTIONAL' });
    expect(columns.reason).toMatchObject({ type: 'BYTE_ARRAY', converted_type: 'UTF8' });
    expect(columns.traced).toMatchObject({ type: 'BOOLEAN' });
    for (const name of ['started_at', 'started_at_utc']) {
      expect(columns[name]).toMatchObject({ type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' });
    }
    const samples = parquetMetadata(bytesOf('samples.parquet')).schema;
    expect(samples.find(({ name }) => name === 'bandwidth_bytes_per_s')?.type).toBe('DOUBLE');
  });

  it('have the same bytes when they are written again', () => {
    const names = readdirSync(hostile.path('out')).filter((name) => name.endsWith('.parquet'));
    expect(names.length).toBeGreaterThan(17);
    for (const name of names) {
      expect(readFileSync(hostile.path('again', name))).toEqual(
        readFileSync(hostile.path('out', name)),
      );
    }
  });
});
