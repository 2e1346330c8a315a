import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CsvOptions, csvParts, csvSettings, writeCsv } from '../../src/export/csv.ts';
import { headerOf, type Table, type Value } from '../../src/export/table.ts';
import { sweepTables } from '../../src/export/tables.ts';
import { sweepResults } from '../../src/results/sweep-results.ts';
import { type Db, openForWriting } from '../../src/store/open.ts';
import { chooseSweep } from '../../src/store/reader.ts';
import { exampleResult, exampleSweep } from '../store/example-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-export-test-'));
let db: Db;
let close: () => void;
let tables: readonly Table[];
beforeAll(() => {
  ({ db, close } = openForWriting(join(folder, 'sweep.db')));
  const { store } = exampleSweep(db);
  for (const trial of [1, 2, 3]) store(exampleResult(trial));
  tables = sweepTables(sweepResults(db, chooseSweep(db, undefined), { suspect: false }));
});
afterAll(() => {
  close();
  rmSync(folder, { recursive: true, force: true });
});

const analysis: CsvOptions = { preset: 'analysis', semicolon: false };
const spreadsheet: CsvOptions = { preset: 'spreadsheet', semicolon: false };

const table = (columns: string[], rows: Value[][]): Table => ({
  name: 'table',
  description: '',
  columns: columns.map((name) => ({ name, type: 'string', description: '' })),
  primaryKey: [],
  references: {},
  rows: () => rows,
  optional: false,
});
const written = (options: CsvOptions, columns: string[], rows: Value[][]) =>
  [...csvParts(table(columns, rows), options)].map(({ text }) => text).join('');

/** Returns what a reader that knows no types should find in a cell. */
const textOf = (value: Value) => (value === null ? '' : String(value));

const has = (program: string) => spawnSync(program, ['--version']).status === 0;

describe('the exported tables', () => {
  const files = () => readdirSync(join(folder, 'out')).sort();
  const rowsOf = (name: string) => {
    const found = tables.find((candidate) => candidate.name === name);
    return [...(found ? [headerOf(found)] : []), ...(found?.rows() ?? [])].map((row) =>
      [...row].map(textOf),
    );
  };
  beforeAll(async () => {
    await writeCsv(join(folder, 'out'), tables, analysis);
  });

  it('are one file each, complete, with the names that the issue gives', () => {
    expect(files()).toEqual(
      expect.arrayContaining(
        ['io_sizes', 'pipe_states', 'pipe_transitions', 'runs', 'samples', 'summary', 'syscalls']
          .concat('syscalls_wide', 'warnings', 'environment', 'environment_warnings')
          .concat('run_conditions')
          .map((name) => `${name}.csv`),
      ),
    );
    expect(files().filter((name) => !name.endsWith('.csv'))).toEqual([]);
  });

  it('agree with the database in every cell', () => {
    const query = (sql: string) => db.prepare(sql).raw().all() as Value[][];
    const columnsOf: Record<string, string> = {
      runs: `SELECT run_id, cell, trial, state, buffer_bytes, total_bytes, exit_code, host, tracer, started_at, wall_ns
             FROM run_overview ORDER BY run_id`,
      samples: `SELECT run_id, buffer_bytes, total_bytes, iteration, elapsed_ns, bandwidth_bytes_per_s, utime_ns, stime_ns
                FROM run_overview JOIN sample USING (run_id) ORDER BY run_id, iteration`,
      syscalls: `SELECT run_id, buffer_bytes, total_bytes, role, syscall, count
                 FROM run_overview JOIN syscall_count USING (run_id) ORDER BY run_id, role, syscall`,
      pipe_states: `SELECT run_id, buffer_bytes, total_bytes, role, operation, pipe_state.state AS pipe_state, count
                    FROM run_overview JOIN pipe_state USING (run_id) ORDER BY run_id`,
      pipe_transitions: `SELECT run_id, buffer_bytes, total_bytes, role, operation, from_state, to_state, count
                         FROM run_overview JOIN pipe_transition USING (run_id) ORDER BY run_id`,
      io_sizes: `SELECT run_id, buffer_bytes, total_bytes, role, operation, bytes, count
                 FROM run_overview JOIN io_size USING (run_id) ORDER BY run_id, role, operation, bytes`,
      warnings: `SELECT run_id, buffer_bytes, total_bytes, code, message
                 FROM run_overview JOIN warning USING (run_id) ORDER BY run_id, code`,
      run_conditions: `SELECT run_id, buffer_bytes, total_bytes, load_1min, cpu0_khz, steal_ns, throttle_events, context_switches
                       FROM run_overview JOIN run_condition USING (run_id) ORDER BY run_id`,
      environment_warnings: 'SELECT environment_id, code, message FROM environment_warning',
    };
    for (const [name, sql] of Object.entries(columnsOf)) {
      const records: Record<string, string>[] = parse(
        readFileSync(join(folder, 'out', `${name}.csv`)),
        {
          columns: true,
        },
      );
      const names = db
        .prepare(sql)
        .columns()
        .map((column) => column.name);
      const expected = query(sql).map((row) => row.map(textOf));
      expect(expected.length).toBeGreaterThan(0);
      expect(records.map((record) => names.map((column) => record[column]))).toEqual(expected);
    }
  });

  it('contain every key of an environment: its columns, its programs and its facts', () => {
    const records = parse(readFileSync(join(folder, 'out/environment.csv')), { columns: true });
    expect(
      new Set(records.map((r: Record<string, string>) => `${r.host} ${r.captured_at}`)),
    ).toEqual(new Set(['local 1970-01-01T00:00:00.000Z']));
    const facts = records.map((r: Record<string, string>) => [r.key, r.value]);
    expect(Object.fromEntries(facts)).toMatchObject({
      os_release: '6.1',
      cpu_count: '2',
      memory_bytes: String(2 ** 32),
      tracer_version: 'v0.17.0',
      benchmark_sha256: '1'.repeat(64),
      'hw.model': 'cpu',
      cpu_governor: 'powersave',
    });
  });

  it('name pipe states, and give bits without a name in hexadecimal', () => {
    const [record] = parse(readFileSync(join(folder, 'out/pipe_states.csv')), { columns: true });
    expect(record).toMatchObject({
      pipe_state: '129',
      pipe_state_hex: '0x081',
      pipe_state_names: 'EMPTY|0x80',
    });
  });

  it('are read alike by csv-parse, python and sqlite3', (context) => {
    for (const file of files()) {
      const rows = parse(readFileSync(join(folder, 'out', file)));
      expect(rows).toEqual(rowsOf(file.replace('.csv', '')));
    }
    if (!has('python3') || !has('sqlite3')) return context.skip('needs python3 and sqlite3');
    const program =
      'import csv, json, sys\n' +
      'print(json.dumps([list(csv.reader(open(f, encoding="utf-8", newline=""))) for f in sys.argv[1:]]))';
    const paths = files().map((file) => join(folder, 'out', file));
    const python = JSON.parse(
      execFileSync('python3', ['-c', program, ...paths], { encoding: 'utf8' }),
    );
    expect(python).toEqual(files().map((file) => rowsOf(file.replace('.csv', ''))));
    for (const file of files()) {
      const [header = [], ...rows] = rowsOf(file.replace('.csv', ''));
      if (rows.length === 0) continue;
      const shown = execFileSync('sqlite3', [
        ...['-cmd', `.import --csv ${join(folder, 'out', file)} imported`],
        ...['-json', ':memory:', 'SELECT * FROM imported'],
      ]);
      expect(JSON.parse(shown.toString())).toEqual(
        rows.map((row) => Object.fromEntries(header.map((name, at) => [name, row[at]]))),
      );
    }
  });

  it('have the same bytes when they are exported again', async () => {
    await writeCsv(join(folder, 'again'), tables, analysis);
    for (const file of files()) {
      expect(readFileSync(join(folder, 'again', file))).toEqual(
        readFileSync(join(folder, 'out', file)),
      );
    }
  });

  it('contain no word that a reader takes for a missing value', () => {
    for (const file of files()) {
      const rows: string[][] = parse(readFileSync(join(folder, 'out', file)));
      expect(
        rows.flat().filter((cell) => /^(NA|null|NaN|-?Infinity|undefined)$/.test(cell)),
      ).toEqual([]);
    }
  });
});

describe('the CSV writer', () => {
  it('counts rows, and leaves a header where there are none', async () => {
    const [file] = await writeCsv(join(folder, 'empty'), [table(['a', 'b'], [])], analysis);
    expect(file).toMatchObject({ path: join(folder, 'empty/table.csv'), rows: 0, bytes: 4 });
    expect(readFileSync(file!.path, 'utf8')).toBe('a,b\n');
  });

  it('writes many rows in parts that end at the end of a row', () => {
    const rows = Array.from({ length: 50_000 }, (_, at) => [at, `row ${at}`]);
    const parts = [...csvParts(table(['a', 'b'], rows), analysis)];
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.every(({ text }) => text.endsWith('\n') && text.length < 2 ** 18)).toBe(true);
    expect(parts.reduce((sum, part) => sum + part.rows, 0)).toBe(rows.length);
    const read = parse(parts.map(({ text }) => text).join(''));
    expect(read).toEqual([['a', 'b'], ...rows.map((row) => row.map(textOf))]);
  });

  it('takes away the file of an optional table that has become empty, and no other', async () => {
    const out = join(folder, 'optional');
    const both = (rows: Value[][]) => [
      { ...table(['a'], rows), name: 'extra', optional: true },
      table(['a'], rows),
    ];
    expect(await writeCsv(out, both([[1]]), analysis)).toHaveLength(2);
    expect(readdirSync(out).sort()).toEqual(['extra.csv', 'table.csv']);
    expect(await writeCsv(out, both([]), analysis)).toHaveLength(1);
    expect(readdirSync(out)).toEqual(['table.csv']);
    expect(readFileSync(join(out, 'table.csv'), 'utf8')).toBe('a\n');
  });

  it('keeps the old file, and no half of the new one, when reading the rows fails', async () => {
    const out = join(folder, 'broken');
    await writeCsv(out, [table(['a'], [[1]])], analysis);
    const broken: Table = {
      ...table(['a'], []),
      *rows() {
        yield [2];
        throw new Error('no more rows');
      },
    };
    await expect(writeCsv(out, [broken], analysis)).rejects.toThrow('no more rows');
    expect(readdirSync(out)).toEqual(['table.csv']);
    expect(readFileSync(join(out, 'table.csv'), 'utf8')).toBe('a\n1\n');
  });

  it('says which folder cannot be written', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    await expect(writeCsv(file, [table(['a'], [])], analysis)).rejects.toThrow(
      `cannot write the CSV files in ${file}`,
    );
    mkdirSync(join(folder, 'taken/table.csv'), { recursive: true });
    await expect(writeCsv(join(folder, 'taken'), [table(['a'], [])], analysis)).rejects.toThrow(
      /cannot write the CSV files in .*taken/,
    );
    expect(existsSync(join(folder, 'taken/table.csv.partial'))).toBe(false);
  });
});

describe('the presets', () => {
  const rows: Value[][] = [['a,b', 'say "x"', 1.5, -2, null, true, 'ü']];
  const columns = ['t', 'q', 'n', 'm', 'e', 'b', 'u'];

  it('write UTF-8 without a mark, commas and LF for `analysis`', () => {
    expect(written(analysis, columns, rows)).toBe(
      't,q,n,m,e,b,u\n"a,b","say ""x""",1.5,-2,,true,ü\n',
    );
  });

  it('write a byte-order mark and CRLF for `spreadsheet`', () => {
    expect(written(spreadsheet, columns, rows)).toBe(
      '\ufefft,q,n,m,e,b,u\r\n"a,b","say ""x""",1.5,-2,,true,ü\r\n',
    );
  });

  it('write decimal commas for `semicolon`, and only in numbers', () => {
    const options: CsvOptions = { preset: 'analysis', semicolon: true };
    expect(written(options, ['a', 'b', 'c'], [[1.5, '1.5;2', -0.25]])).toBe(
      'a;b;c\n1,5;"1.5;2";-0,25\n',
    );
  });

  it('write an apostrophe for `spreadsheet` before text like a formula, but not before a negative number', () => {
    const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '=cmd|"/c calc"!A1', '-5 runs'];
    const [, ...read] = parse(
      written(
        spreadsheet,
        ['text', 'number'],
        formulas.map((text) => [text, -1]),
      ),
      { bom: true, record_delimiter: '\r\n' },
    );
    expect(read).toEqual(formulas.map((text) => [`'${text}`, '-1']));
    const [, ...plain] = parse(
      written(
        analysis,
        ['text'],
        formulas.map((text) => [text]),
      ),
      {
        record_delimiter: '\n',
      },
    );
    expect(plain).toEqual(formulas.map((text) => [text]));
  });

  it('write MiB/s with four digits for `spreadsheet`, and every other number in full', () => {
    const rate = (unit: string) =>
      ({ ...table(['rate'], []).columns[0]!, type: 'number', unit }) as const;
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (value) => {
        const rates = {
          ...table([], [[value, value]]),
          columns: [rate('MiB/s'), rate('bytes/s')],
        };
        const cells = (options: CsvOptions) => {
          const text = [...csvParts(rates, options)].map((part) => part.text).join('');
          return text.trim().split(/\r?\n/)[1]!.split(',');
        };
        expect(cells(analysis)).toEqual([String(value), String(value)]);
        expect(cells(spreadsheet)).toEqual([String(Number(value.toPrecision(4))), String(value)]);
      }),
    );
  });

  it('write an empty cell for NaN and for infinity', () => {
    const odd = [[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1]];
    for (const options of [analysis, spreadsheet]) {
      expect(written(options, ['a', 'b', 'c', 'd'], odd)).toContain(',,,1');
    }
  });
});

describe('any values', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('"', ',', ';', '\n', '\r', "'", '=', '-', ' ', '\t', 'x', '\ufeff'),
    }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
  );
  const rows = fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 5 });
  const delimiters = { analysis: '\n', spreadsheet: '\r\n' } as const;

  it.each([
    ['analysis', false],
    ['analysis', true],
    ['spreadsheet', false],
    ['spreadsheet', true],
  ] as const)('come back from %s, semicolon %s', (preset, semicolon) => {
    fc.assert(
      fc.property(rows, (data) => {
        const text = written({ preset, semicolon }, ['a', 'b', 'c'], data as Value[][]);
        const read: string[][] = parse(text, {
          bom: preset === 'spreadsheet',
          delimiter: semicolon ? ';' : ',',
          record_delimiter: delimiters[preset],
        });
        expect(read).toHaveLength(data.length + 1);
        data.forEach((row, y) => {
          row.forEach((cell, x) => {
            const got = read[y + 1]?.[x] ?? '';
            if (typeof cell === 'number') {
              expect(Number(semicolon ? got.replace(',', '.') : got)).toBe(cell + 0);
            } else if (typeof cell === 'string' && preset === 'spreadsheet') {
              expect([cell, `'${cell}`]).toContain(got);
              expect(got).not.toMatch(/^[=+\-@\t\r]/);
            } else expect(got).toBe(textOf(cell));
          });
        });
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['analysis', false],
    ['analysis', true],
    ['spreadsheet', false],
    ['spreadsheet', true],
  ] as const)(
    'are written to %s, semicolon %s, as csv-stringify writes them',
    (preset, semicolon) => {
      const options = { preset, semicolon };
      fc.assert(
        fc.property(fc.array(fc.tuple(value, value, fc.bigInt())), (data) => {
          expect(written(options, ['a', 'b,"', '=c'], data)).toBe(
            stringify(data, csvSettings(['a', 'b,"', '=c'], options)),
          );
        }),
        { numRuns: 500 },
      );
    },
  );
});
