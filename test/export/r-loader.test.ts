import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RUNS, SAMPLES } from '../../src/export/run-tables.ts';
import { SUMMARY } from '../../src/export/summary-tables.ts';

const text = readFileSync(new URL('../../experiments/analysis/load.R', import.meta.url), 'utf8');
const part = (name: string) => new RegExp(`^${name} <- c\\(([^)]*)\\)`, 'm').exec(text)?.[1] ?? '';
const words = [...part('classes').matchAll(/(\w+) = "character"/g)].map(([, name]) => name);
const flags = [...part('flags').matchAll(/"(\w+)"/g)].map(([, name]) => name);

describe('experiments/analysis/load.R', () => {
  it('lists every column that is not a number, because base R takes all others for numbers', () => {
    const columns = [SUMMARY, RUNS, SAMPLES].flatMap(({ columns }) =>
      columns.flatMap((it) => ('name' in it ? [{ name: it.name, type: it.type as string }] : [])),
    );
    const of = (...types: string[]) =>
      columns.filter(({ type }) => types.includes(type)).map(({ name }) => name);
    expect(words).toEqual(expect.arrayContaining(of('string', 'datetime')));
    expect(flags).toEqual(expect.arrayContaining(of('boolean')));
  });
});
