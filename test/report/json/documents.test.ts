import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SCHEMA_NAMES } from '../../../src/cli/commands/schema/documents.ts';
import { jsonText } from '../../../src/cli/print-json.ts';
import { recordsOf } from '../../../src/export/records.ts';
import { sweepTable } from '../../../src/export/tables.ts';
import {
  fullSweep,
  listedSweep,
  reportDocument,
  runDocument,
  statusDocument,
} from '../../../src/report/json/documents.ts';
import {
  DOCUMENT_NAMES,
  type DocumentName,
  documentJsonSchema,
} from '../../../src/report/json/schemas.ts';
import { sweepResults } from '../../../src/results/sweep-results.ts';
import { openForReading, openForWriting } from '../../../src/store/open.ts';
import { chooseSweep } from '../../../src/store/reader.ts';
import { everyKey, oddKeysOf } from './odd-keys.ts';
import { faultsOf } from './published-schemas.ts';
import { SWEEP_KINDS } from './sweep-kinds.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The documents about sweeps; docs/json.md names all that is in them. */
const NAMES = ['status', 'run', 'report'] as const satisfies readonly DocumentName[];
const printed = (document: unknown) => JSON.parse(jsonText(document));

describe.each(Object.entries(SWEEP_KINDS))('the documents of a sweep %s', (kind, fill) => {
  const file = join(folder, `${kind}.db`);
  const { db: writable, close } = openForWriting(file);
  fill(writable);
  close();
  const db = openForReading(file);
  afterAll(() => db.close());
  const sweep = chooseSweep(db, undefined);
  const results = sweepResults(db, sweep, { suspect: false });
  const ended = {
    ...{ exitCode: 1, folder: 'results/x-1' },
    files: [{ path: 'results/x-1/summary.csv', unit: 'row' as const, count: 2 }],
  };
  const documents = [
    ['status', statusDocument(file, [listedSweep(db, sweep)])],
    ['status', statusDocument(file, [fullSweep(results)])],
    ['run', runDocument(file, results, ended)],
    ['report', reportDocument(file, results)],
  ] as const;

  it.each(documents)('follow the schema of %s', (name, document) => {
    expect(faultsOf(name, printed(document))).toEqual([]);
  });

  it('have names in snake_case only', () => {
    const all = documents.map(([, document]) => document);
    expect(everyKey(all).length).toBeGreaterThan(100);
    expect(oddKeysOf(all)).toEqual([]);
  });

  it('have the same cells and doubts as the tables', () => {
    const { cells, doubts } = fullSweep(results);
    expect(cells.map(({ warnings: _, ...row }) => row)).toEqual(
      recordsOf(sweepTable(results, 'summary')),
    );
    const told = recordsOf(sweepTable(results, 'doubts')).map(({ code, message }) => ({
      code,
      message,
    }));
    expect(doubts.map(({ code, message }) => ({ code, message }))).toEqual(told);
  });
});

describe('the schemas', () => {
  it('are all printed by `ipc-sweep schema`', () => {
    expect(SCHEMA_NAMES).toEqual(['experiment', ...DOCUMENT_NAMES]);
  });

  it.each(DOCUMENT_NAMES)('of %s is the committed file (`npm run schema` writes it)', (name) => {
    const path = new URL(`../../../schema/${name}.schema.json`, import.meta.url);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(documentJsonSchema(name))),
    );
  });

  it.each(DOCUMENT_NAMES)(
    'of %s describes every property, and the unit of those that have one in their name',
    (name) => {
      const lacking: string[] = [];
      walk(documentJsonSchema(name), (key, property) => {
        if (property.description === undefined && property.const === undefined) lacking.push(key);
        if (/_(bytes|ns|ms|bytes_per_s)$/.test(key) && property.unit === undefined)
          lacking.push(key);
      });
      expect(lacking).toEqual([]);
    },
  );

  it('refuse a property that no document has', () => {
    const document = {
      document: 'status',
      schema_version: 1,
      ipc_sweep_version: '1',
      database: 'x',
    };
    expect(faultsOf('status', { ...document, sweeps: [] })).toEqual([]);
    expect(faultsOf('status', { ...document, sweeps: [], more: 1 })).not.toEqual([]);
    expect(faultsOf('status', document)).not.toEqual([]);
  });
});

it('docs/json.md names every property of a document and of its sweeps', () => {
  const page = readFileSync(new URL('../../../docs/json.md', import.meta.url), 'utf8');
  const names = NAMES.flatMap((name) => {
    const { properties = {} }: Schema = documentJsonSchema(name);
    const sweeps = properties.sweep ? [properties.sweep] : (properties.sweeps?.items?.anyOf ?? []);
    return [properties, ...sweeps.map((sweep) => sweep.properties ?? {})].flatMap(Object.keys);
  });
  expect(names.length).toBeGreaterThan(60);
  const lacking = [...new Set(names)].filter((name) => !page.includes(`\`${name}\``));
  expect(lacking).toEqual([]);
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly description?: string;
  readonly unit?: string;
  readonly const?: unknown;
}

function walk(schema: Schema, visit: (key: string, property: Schema) => void): void {
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    visit(key, property);
    walk(property, visit);
  }
  for (const part of [schema.items, ...(schema.anyOf ?? [])]) if (part) walk(part, visit);
}
