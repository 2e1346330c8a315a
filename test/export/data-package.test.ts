import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import datapackage from 'datapackage';
import { afterAll, describe, expect, it } from 'vitest';
import type { CsvOptions } from '../../src/export/csv.ts';
import { writeTableFiles } from '../../src/export/files.ts';
import { HostileTables } from './hostile-tables.ts';

const hostile = new HostileTables();
afterAll(() => hostile.remove());

async function written(name: string, options: CsvOptions): Promise<string> {
  const out = hostile.path(name);
  await writeTableFiles(out, hostile.sweep, hostile.tables, { ...options, formats: ['csv'] });
  return out;
}

const analysis = { preset: 'analysis', semicolon: false } as const;
const read = (out: string) => JSON.parse(readFileSync(join(out, 'datapackage.json'), 'utf8'));

/**
 * Lists what Frictionless' own reader finds wrong with a package: its form, types, constraints and
 * keys.
 */
async function complaints(out: string): Promise<readonly string[]> {
  const own = await datapackage.Package.load(join(out, 'datapackage.json'), { strict: false });
  if (!own.valid) return own.errors.map(String);
  const found: string[] = [];
  for (const resource of own.resources) {
    try {
      await resource.read({ relations: true });
    } catch (error) {
      const { errors = [error], message } = error as Error & { errors?: Error[] };
      found.push(...[message, ...errors.map(String)].map((it) => `${resource.name}: ${it}`));
    }
  }
  return found.filter((complaint) => !OWN_LIMIT.test(complaint));
}

/** This reader, unlike Frictionless' others, has no integers above 2^53. */
const OWN_LIMIT =
  /The value "-?\d{16,19}" in column "\w+" is not type "integer"|type and format mismatch/;

/** This reader, unlike Frictionless' others, takes the byte-order mark for a part of a name. */
function removeMarks(out: string): void {
  for (const { path } of read(out).resources) {
    const file = join(out, path);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^\ufeff/, ''));
  }
}

describe('datapackage.json', () => {
  it.each([
    ['analysis', false],
    ['analysis', true],
    ['spreadsheet', true],
  ] as const)(
    'is valid, and so are the files that it describes: %s, semicolon %s',
    async (preset, semicolon) => {
      const out = await written(`${preset}-${semicolon}`, { preset, semicolon });
      if (preset === 'spreadsheet') removeMarks(out);
      expect(await complaints(out)).toEqual([]);
      const { resources } = read(out);
      expect(resources.length).toBeGreaterThan(17);
      expect(resources[0].dialect.delimiter).toBe(semicolon ? ';' : ',');
    },
  );

  it('lists each written file with its size and hash, and no time', async () => {
    const out = await written('hashes', analysis);
    const { created, name, resources } = read(out);
    expect({ created, name }).toEqual({ created: '1970-01-01T00:00:00.000Z', name: 'example-1' });
    for (const { path, bytes, hash } of resources) {
      const content = readFileSync(join(out, path));
      const sha256 = createHash('sha256').update(content).digest('hex');
      expect([path, bytes, hash]).toEqual([path, content.length, `sha256:${sha256}`]);
    }
    const again = await written('again', analysis);
    expect(readFileSync(join(again, 'datapackage.json'))).toEqual(
      readFileSync(join(out, 'datapackage.json')),
    );
  });

  it('says for each column what it is, its unit, and which values it can have', async () => {
    const { resources } = read(await written('columns', { preset: 'analysis', semicolon: true }));
    const tableOf = (name: string) =>
      resources.find((resource: { name: string }) => resource.name === name).schema;
    const columnOf = (table: string, name: string) =>
      tableOf(table).fields.find((field: { name: string }) => field.name === name);
    expect(columnOf('samples', 'elapsed_ns')).toMatchObject({ type: 'integer', unit: 'ns' });
    expect(columnOf('samples', 'bandwidth_bytes_per_s').decimalChar).toBe(',');
    expect(columnOf('runs', 'state').constraints.enum).toContain('timed-out');
    expect(tableOf('syscalls')).toMatchObject({
      missingValues: [''],
      primaryKey: ['run_id', 'role', 'syscall'],
      foreignKeys: [{ fields: 'run_id', reference: { resource: 'runs', fields: 'run_id' } }],
    });
  });

  it.each([
    ['a run that is not there', 'syscalls', /^1,/m, '999,', /foreign key/i],
    ['a word that is none of a column', 'runs', 'timed-out', 'timed-in', /enum|constraint/i],
    ['a key that comes twice', 'samples', /^(1,1,pipe,.*,completed),2,/m, '$1,1,', /unique/i],
    ['a number that is none', 'samples', /^(1,1,pipe,.*,completed,2,false),3000/m, '$1,x', /type/],
    ['an empty cell in a key', 'summary', /^1,pipe/m, ',pipe', /required|constraint/i],
  ])('reveals %s', async (_, table, text, other, complaint) => {
    const out = hostile.path('broken');
    cpSync(await written('whole', analysis), out, { recursive: true });
    const file = join(out, `${table}.csv`);
    const content = readFileSync(file, 'utf8');
    writeFileSync(file, content.replace(text, other));
    expect(readFileSync(file, 'utf8')).not.toBe(content);
    expect((await complaints(out)).join('\n')).toMatch(complaint);
  });

  it('is removed when it would not describe the files beside it', async () => {
    const out = await written('stale', analysis);
    const { sweep, tables } = hostile;
    const broken = {
      ...tables[0]!,
      *rows() {
        yield [1];
        throw new Error('no more rows');
      },
    };
    await expect(
      writeTableFiles(out, sweep, [broken], { ...analysis, formats: ['csv'] }),
    ).rejects.toThrow('no more rows');
    expect(existsSync(join(out, 'datapackage.json'))).toBe(false);
  });
});
