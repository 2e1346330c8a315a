import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

const place = new Workplace();
beforeAll(async () => {
  place.spec('sheets', 'answers');
  const { code, stdout } = await place.run('run', 'sheets.yaml', '--format', 'csv,xlsx');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}datapackage\.json +\d+ tables$/m);
  expect(stdout).toMatch(/^ {2}sheets-1\.xlsx +\d+ sheets$/m);
});
afterAll(() => place.remove());

const filesIn = (...parts: string[]) => readdirSync(place.path(...parts)).sort();

describe('--format', () => {
  it('writes the formats that are asked for, with the same bytes each time', async () => {
    for (const out of ['one', 'two']) {
      const { code, stdout } = await place.run(
        'export',
        '--format',
        'csv,xlsx,parquet',
        '--out',
        out,
      );
      expect(code).toBe(0);
      expect(stdout.trim().split('\n').sort()).toEqual(filesIn(out).map((name) => join(out, name)));
    }
    const names = filesIn('one');
    for (const name of ['summary.csv', 'summary.parquet', 'datapackage.json', 'sheets-1.xlsx']) {
      expect(names).toContain(name);
    }
    expect(filesIn('two')).toEqual(names);
    for (const name of names) {
      expect(readFileSync(place.path('two', name))).toEqual(readFileSync(place.path('one', name)));
    }
  });

  it('is csv by default', async () => {
    await place.run('export', '--out', 'plain');
    expect(filesIn('plain').filter((name) => !name.endsWith('.csv'))).toEqual(['datapackage.json']);
  });

  it('is refused before anything is done when it is misspelt, with what was meant', async () => {
    const { code, stderr } = await place.run('export', '--format', 'csv,xlxs', '--out', 'none');
    expect(code).toBe(2);
    expect(stderr).toContain('expected one of csv, xlsx, parquet');
    expect(stderr).toContain('did you mean xlsx?');
    const ran = await place.run('run', 'sheets.yaml', '--format', '');
    expect(ran.code).toBe(2);
  });
});

it('only the code of the other formats imports their libraries', () => {
  const source = fileURLToPath(new URL('../../src/', import.meta.url));
  const importers = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      file.endsWith('.ts') &&
      /^import (?!type )[^;]*from '([^']*\/(workbook|parquet)\.ts|write-excel-file[^']*|hyparquet[^']*)'/m.test(
        readFileSync(join(source, file), 'utf8'),
      ),
  );
  expect(importers.sort()).toEqual(['export/parquet.ts', 'export/workbook.ts']);
});
