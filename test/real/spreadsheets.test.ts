import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CsvOptions, writeCsv } from '../../src/export/csv.ts';
import { ENVIRONMENT } from '../../src/export/environment-tables.ts';
import { writeTableFiles } from '../../src/export/files.ts';
import {
  type Column,
  tableOf as environmentTableOf,
  headerOf,
  type Table,
  type Value,
} from '../../src/export/table.ts';
import { HostileTables } from '../export/hostile-tables.ts';
import { Office, type OfficeCell } from './office.ts';
import { missingProgram } from './required.ts';

const hostile = new HostileTables();
afterAll(() => hostile.remove());

const written = hostile.tables.filter((table) => !table.optional || [...table.rows()].length > 0);
const formats = ['csv', 'xlsx'] as const;
const folderOf = ({ preset, semicolon }: CsvOptions) => `${preset}${semicolon ? '-semicolon' : ''}`;
const CHOICES: readonly CsvOptions[] = (['analysis', 'spreadsheet'] as const).flatMap((preset) =>
  [false, true].map((semicolon) => ({ preset, semicolon })),
);
beforeAll(async () => {
  for (const options of CHOICES) {
    const out = hostile.path(folderOf(options));
    await writeTableFiles(out, hostile.sweep, hostile.tables, { ...options, formats });
  }
});

const csvOf = (folder: string, table: string) => hostile.path(folder, `${table}.csv`);

type Judge = (value: Value, column: Column, cell: OfficeCell) => string | undefined;

/** Lists what is wrong with the cells of a table as a spreadsheet has them. */
function faults(table: Table, [header, ...rows]: ReturnType<Office['rows']>, judge: Judge) {
  const expected = [...table.rows()];
  const found = rows.map((row, y) =>
    row.map((cell, x) => {
      const value = expected[y]?.[x] ?? null;
      const fault = judge(value, table.columns[x]!, cell);
      return (
        fault &&
        `${table.name} ${x},${y}: ${JSON.stringify(value)} ${fault}, ${JSON.stringify(cell)}`
      );
    }),
  );
  const names = headerOf(table);
  const changed = names.filter(
    (name, at) => header?.[at]?.text !== name && !LOOKS_LIKE_MORE.test(name),
  );
  return [
    ...changed.map((name) => `${table.name}: ${name} is not in the header`),
    ...(rows.length === expected.length ? [] : [`${table.name}: ${rows.length} rows`]),
    ...found.flat().filter((fault) => fault !== undefined),
  ];
}

/** Sheets have 15 digits. */
function isNumber(value: number, { text, isText }: OfficeCell): boolean {
  return !isText && text !== '' && Math.abs(Number(text) - value) <= Math.abs(value) * 1e-14;
}

const lines = (text: string) => text.replace(/\r\n?/g, '\n');

/** Matches text in CSV that a sheet takes for something else, since CSV has no types. */
const LOOKS_LIKE_MORE = /^[\d.,:/%e+-]+$|^(true|false)$/i;
const IS_STATE = /state_(hex|names)$/;

function csvJudge({ preset, semicolon }: CsvOptions): Judge {
  return (value, column, cell) => {
    if (value === null || value === '') return cell.text === '' ? undefined : 'is not empty';
    if (typeof value === 'number' || typeof value === 'bigint') {
      const digits = preset === 'spreadsheet' && column.unit === 'MiB/s' ? 4 : 21;
      const written = Number(Number(value).toPrecision(digits));
      return isNumber(written, cell) ? undefined : 'is another number';
    }
    if (typeof value === 'boolean') {
      // To a German sheet they are words.
      const word = semicolon ? String(value) : String(value).toUpperCase();
      return cell.text === word && cell.isText === semicolon ? undefined : 'is not true';
    }
    if (column.type === 'datetime')
      return cell.text === value && !cell.isText ? undefined : 'is no time';
    const formula = /^[=+\-@\t\r]/.test(value);
    // The analysis preset is for programs.
    if (formula && preset === 'analysis') return undefined;
    if (LOOKS_LIKE_MORE.test(value) && !formula && !IS_STATE.test(column.name)) return undefined;
    const text = formula ? `'${value}` : value;
    return cell.text === lines(text) && cell.isText ? undefined : 'is mangled';
  };
}

const sheetJudge: Judge = (value, column, cell) => {
  if (value === null || value === '') return cell.text === '' ? undefined : 'is not empty';
  if (typeof value === 'boolean') {
    return cell.text === String(value).toUpperCase() && !cell.isText ? undefined : 'is not true';
  }
  if (typeof value === 'bigint') {
    return cell.text === String(value) && cell.isText ? undefined : 'has lost digits';
  }
  if (typeof value === 'number') {
    if (Number.isInteger(value) && Math.abs(value) >= 1e15) {
      return cell.text === String(value) && cell.isText ? undefined : 'has lost digits';
    }
    return isNumber(value, cell) ? undefined : 'is another number';
  }
  if (column.type === 'datetime' || column.type === 'timestamp') {
    const second = value.slice(0, 19).replace('T', ' ');
    return cell.text === second && !cell.isText ? undefined : 'is no time';
  }
  const text = value.length > 32_767 ? `${value.slice(0, 32_766)}…` : value;
  return cell.text === lines(text) && cell.isText ? undefined : 'is mangled';
};

const withoutOffice = missingProgram('soffice');
describe.skipIf(withoutOffice)(`LibreOffice Calc ${withoutOffice}`, () => {
  const office = new Office(hostile.path('office'));

  it.each(CHOICES)('reads the CSV files correctly: $preset, semicolon $semicolon', (options) => {
    const folder = folderOf(options);
    const files = written.map(({ name }) => csvOf(folder, name));
    office.openCsv(folder, files, options);
    const judge = csvJudge(options);
    for (const table of written) {
      expect(faults(table, office.rows(folder, `${table.name}.csv`), judge)).toEqual([]);
    }
  });

  it('shows every cell of the workbook as it is stored', () => {
    office.openWorkbook('cells', hostile.path('analysis/example-1.xlsx'), { asShown: false });
    for (const table of written) {
      const rows = office.rows('cells', `example-1-${table.name}.csv`);
      expect(faults(table, rows, sheetJudge)).toEqual([]);
    }
    const [header, ...about] = office
      .rows('cells', 'example-1-about.csv')
      .map((row) => row.map(({ text }) => text));
    expect(header).toEqual(['sheet', 'column', 'type', 'unit', 'meaning']);
    expect(new Set(about.map(([sheet]) => sheet))).toEqual(
      new Set(['example-1', ...written.map(({ name }) => name)]),
    );
  });

  it('shows the times of a workbook as in CSV, and groups bytes by thousands', () => {
    office.openWorkbook('shown', hostile.path('analysis/example-1.xlsx'), { asShown: true });
    const [, run] = office.rows('shown', 'example-1-runs.csv');
    const shown = headerOf(tableOf('runs')).map((name, at) => [name, run?.[at]?.text] as const);
    expect(Object.fromEntries(shown)).toMatchObject({
      total_bytes: '1,024',
      started_at: '2026-01-02T03:04:05.001Z',
      started_at_utc: '2026-01-02 03:04:05',
    });
  });
});

/** Facts of machines that a spreadsheet would rather take for something else. */
const FACTS = [
  ['load_1min', '0.25'],
  ['memory_bytes', '8419033088'],
  ['steal_percent_since_boot', '1.50'],
  ['cpu_online', '0-3'],
  ['cpu_isolated', '2-3'],
  ['cpu_nohz_full', '1-2,5'],
  ['hw.pagesizes', '4096,2097152'],
  ['sizes', '4096,2097,152'],
  ['os_release', '5.11'],
  ['tracer_version', '1.10'],
  ['kern.osrelease', '23.1.0'],
  ['aslr', '2'],
  ['hint', '10:30'],
  ['share', '5%'],
  ['built', '3 May 2024'],
  ['smt', 'true'],
  ['cpu_model', 'Marvell 88F6281'],
] as const;
const NUMBERS: Readonly<Record<string, number>> = {
  ...{ load_1min: 0.25, memory_bytes: 8419033088, steal_percent_since_boot: 1.5, aslr: 2 },
};

describe.skipIf(withoutOffice)(`the facts of a machine in LibreOffice ${withoutOffice}`, () => {
  const office = new Office(hostile.path('facts-office'));
  const rows = FACTS.map(([key, value]) => {
    return { environment_id: 1, captured_at: '', host: 'local', machine: 'here', key, value };
  });
  const table = environmentTableOf(ENVIRONMENT, () => rows, undefined);

  it.each(CHOICES)('are read as what they are: $preset, semicolon $semicolon', async (options) => {
    const folder = `facts-${folderOf(options)}`;
    const [file] = await writeCsv(hostile.path(folder), [table], options);
    office.openCsv(folder, [file!.path], options);
    const [header = [], ...read] = office.rows(folder, 'environment.csv');
    const at = header.findIndex(({ text }) => text === 'value');
    const wrong = read.flatMap((cells, row) => {
      const [key, value] = FACTS[row]!;
      const cell = cells[at]!;
      const number = NUMBERS[key];
      if (number !== undefined) return isNumber(number, cell) ? [] : [[key, cell]];
      // Programs read the other preset, where only lists and ranges differ from what is stored.
      if (options.preset === 'analysis' && !/^\d+[-,]/.test(value)) return [];
      const text = cell.text.replace(/^'/, '').replaceAll(', ', ',').replaceAll('..', '-');
      return cell.isText && text === value ? [] : [[key, cell]];
    });
    expect(wrong).toEqual([]);
  });
});

function tableOf(name: string): Table {
  return written.find((table) => table.name === name)!;
}

/** Every file of the analysis preset as csv-parse reads it. */
function parsed(): Record<string, string[][]> {
  const files = readdirSync(hostile.path('analysis')).filter((name) => name.endsWith('.csv'));
  return Object.fromEntries(
    files.map((name) => [
      name,
      parse(readFileSync(hostile.path('analysis', name)), { relax_column_count: false }),
    ]),
  );
}

const withoutPython = missingProgram('python3');
it.skipIf(withoutPython)(`python's csv reads the analysis preset ${withoutPython}`, () => {
  const program = `import csv, json, sys
print(json.dumps({f: list(csv.reader(open(f, encoding="utf-8", newline=""))) for f in sys.argv[1:]}))`;
  const expected = parsed();
  const read = execFileSync('python3', ['-c', program, ...Object.keys(expected)], {
    cwd: hostile.path('analysis'),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  expect(JSON.parse(read)).toEqual(expected);
});

const withoutSqlite = missingProgram('sqlite3');
it.skipIf(withoutSqlite)(`sqlite3 imports the analysis preset ${withoutSqlite}`, () => {
  const expected = parsed();
  for (const [name, [, ...rows]] of Object.entries(expected)) {
    const shown = execFileSync(
      'sqlite3',
      [
        ...['-cmd', `.import --csv ${name} imported`],
        ...['-json', ':memory:', 'SELECT * FROM imported'],
      ],
      { cwd: hostile.path('analysis'), encoding: 'utf8', maxBuffer: 2 ** 26 },
    );
    const read: Record<string, string>[] = shown === '' ? [] : JSON.parse(shown);
    expect([name, read.map((row) => Object.values(row).length)]).toEqual([
      name,
      rows.map((row) => row.length),
    ]);
    // Columns have other names where two differ in nothing but case.
    if (name !== 'syscalls_wide.csv')
      expect([name, ...read.map((row) => Object.values(row))]).toEqual([name, ...rows]);
  }
});

const withoutR = missingProgram('Rscript');
it.skipIf(withoutR)(`R reads the analysis preset with read.csv ${withoutR}`, () => {
  const program = `for (name in c("runs", "samples", "warnings")) {
    it <- read.csv(paste0(name, ".csv"), na.strings = "", encoding = "UTF-8")
    cat(name, nrow(it), sapply(it, class), "", sep = "\\n")
    if (name == "samples") cat(sprintf("%.17g", quantile(it$bandwidth_bytes_per_s, c(0, 0.25, 0.5, 0.75, 1))), "", sep = "\\n")
    if (name == "warnings") cat(sum(is.na(it$message)), sum(it$message == "NA"), sum(it$message == "NaN"), sep = "\\n")
  }`;
  const lines = execFileSync('Rscript', ['--vanilla', '-e', program], {
    cwd: hostile.path('analysis'),
    encoding: 'utf8',
  }).split('\n');
  const classes = (name: string) =>
    tableOf(name).columns.map((column) => classOf(column, tableOf(name)));
  const rowsOf = (name: string) => String([...tableOf(name).rows()].length);
  const at = headerOf(tableOf('samples')).indexOf('bandwidth_bytes_per_s');
  const bandwidths = [...tableOf('samples').rows()]
    .map((row) => Number(row[at]))
    .sort((a, b) => a - b);
  const quantile = (share: number) => {
    const place = (bandwidths.length - 1) * share;
    const below = bandwidths[Math.floor(place)]!;
    return below + (place % 1) * (bandwidths[Math.ceil(place)]! - below);
  };
  const samplesEnd = lines.indexOf('warnings');
  const samplesBegin = lines.indexOf('samples');
  expect(lines.slice(0, samplesBegin - 1)).toEqual(['runs', rowsOf('runs'), ...classes('runs')]);
  const figures = lines.slice(samplesEnd - 6, samplesEnd - 1).map(Number);
  expect(figures).toHaveLength(5);
  [0, 0.25, 0.5, 0.75, 1].forEach((share, n) => {
    expect(figures[n]).toBeCloseTo(quantile(share), 3);
  });
  expect(lines.slice(samplesEnd).filter((line) => line !== '')).toEqual([
    ...['warnings', rowsOf('warnings'), ...classes('warnings')],
    ...['0', '1', '1'],
  ]);
});

/** The type that R gives a column; one that is empty throughout is logical. */
function classOf({ name, type }: Column, table: Table): string {
  const at = headerOf(table).indexOf(name);
  const values = [...table.rows()].map((row) => row[at] ?? null);
  if (values.every((value) => value === null)) return 'logical';
  if (type === 'boolean') return 'character';
  if (type === 'integer') return 'integer';
  return type === 'number' ? 'numeric' : 'character';
}
