import { expect, it } from 'vitest';
import {
  DATABASE_VERSION,
  SCHEMA_SHA256,
  schemaOf,
  schemaSha256,
} from '../../src/store/migrations.ts';

it('the hash of the schema is known: put the received value into migrations.ts', () => {
  expect(SCHEMA_SHA256).toBe(schemaSha256(schemaOf(DATABASE_VERSION)));
});

it('the hash changes when a row of the schema is missing, new or different', () => {
  const rows = [...schemaOf(DATABASE_VERSION)];
  const [first, ...rest] = rows;
  const [name = '', text = ''] = first ?? [];
  for (const changed of [rest, [...rows, ['more', text]], [[name, `${text} `], ...rest]]) {
    expect(schemaSha256(changed as [string, string][])).not.toBe(SCHEMA_SHA256);
  }
  expect(schemaSha256(rows.reverse())).toBe(SCHEMA_SHA256);
});
