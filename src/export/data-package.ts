import { basename } from 'node:path';
import type { StoredMissing } from '../store/missing.ts';
import type { SweepRow } from '../store/reader.ts';
import type { CsvFile, CsvOptions } from './csv.ts';
import type { Column } from './table.ts';

/**
 * Describes the CSV files for programs: a Frictionless tabular data package, version 1.
 * https://specs.frictionlessdata.io/tabular-data-package/
 */
export function dataPackage(
  sweep: SweepRow,
  files: readonly CsvFile[],
  options: CsvOptions & { readonly missing?: readonly StoredMissing[] },
): Record<string, unknown> {
  return {
    profile: 'tabular-data-package',
    // The format requires lower case.
    name: `${sweep.name}-${sweep.id}`.toLowerCase(),
    title: `Sweep ${sweep.name}-${sweep.id} of ipc-sweep`,
    ...described(sweep, options.missing ?? []),
    // An import does not know its start time.
    ...(sweep.started_at === '' ? {} : { created: sweep.started_at }),
    resources: files.map((file) => resource(file, options)),
  };
}

/** Text, and a property of our own by which a program can check whether something is missing. */
function described({ description, note }: SweepRow, missing: readonly StoredMissing[]) {
  const absent = missing.map(({ name, reason }) => `Without ${name}: ${reason}.`);
  const noted = note === '' ? '' : `Note: ${note}`;
  const text = [description, noted, ...absent].filter((part) => part !== '').join(' ');
  return {
    ...(text === '' ? {} : { description: text }),
    ...(missing.length === 0 ? {} : { missing }),
  };
}

function resource({ path, table, bytes, sha256 }: CsvFile, options: CsvOptions) {
  return {
    name: table.name,
    path: basename(path),
    profile: 'tabular-data-resource',
    description: table.description,
    format: 'csv',
    mediatype: 'text/csv',
    encoding: 'utf-8',
    bytes,
    hash: `sha256:${sha256}`,
    dialect: {
      delimiter: options.semicolon ? ';' : ',',
      lineTerminator: options.preset === 'spreadsheet' ? '\r\n' : '\n',
      quoteChar: '"',
      doubleQuote: true,
      header: true,
      skipInitialSpace: false,
    },
    schema: {
      fields: table.columns.map((column) => field(column, options)),
      missingValues: [''],
      ...(table.primaryKey.length > 0 ? { primaryKey: table.primaryKey } : {}),
      ...foreignKeys(table.references),
    },
  };
}

function field(column: Column, { semicolon }: CsvOptions) {
  const { name, type, unit, description } = column;
  return {
    name,
    ...TYPES[type],
    ...(type === 'number' && semicolon ? { decimalChar: ',' } : {}),
    description,
    // A property of our own, which the format allows.
    ...(unit === undefined ? {} : { unit }),
    ...constraints(column),
  };
}

const TYPES = {
  integer: { type: 'integer' },
  number: { type: 'number' },
  string: { type: 'string' },
  any: { type: 'any' },
  boolean: { type: 'boolean', trueValues: ['true'], falseValues: ['false'] },
  timestamp: { type: 'datetime', format: '%Y-%m-%dT%H:%M:%S.%fZ' },
  datetime: { type: 'datetime', format: '%Y-%m-%d %H:%M:%S' },
} as const;

function constraints({ required, values, minimum }: Column) {
  const all = {
    ...(required ? { required } : {}),
    ...(values ? { enum: values } : {}),
    ...(minimum === undefined ? {} : { minimum }),
  };
  return Object.keys(all).length > 0 ? { constraints: all } : {};
}

function foreignKeys(references: Readonly<Record<string, string>>) {
  const keys = Object.entries(references).map(([fields, resource]) => ({
    fields,
    reference: { resource, fields },
  }));
  return keys.length > 0 ? { foreignKeys: keys } : {};
}
