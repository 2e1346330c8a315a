import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTableFiles } from '../../src/export/files.ts';
import { sweepTables } from '../../src/export/tables.ts';
import type { Figure } from '../../src/report/figure.ts';
import { sweepResults } from '../../src/results/sweep-results.ts';
import { openForWriting } from '../../src/store/open.ts';
import { chooseSweep } from '../../src/store/reader.ts';
import { variedSweep } from '../export/varied-sweep.ts';
import { figuresOf } from '../report/made-sweep.ts';
import { Office } from './office.ts';
import { missingProgram } from './required.ts';

const withoutOffice = missingProgram('soffice');
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-pivot-'));
const office = new Office(join(folder, 'office'));
let figures: readonly Figure[];
beforeAll(async () => {
  const { db, close } = openForWriting(join(folder, 'ipc-sweep.db'));
  variedSweep(db, 1);
  const sweep = chooseSweep(db, undefined);
  figures = figuresOf(db);
  await writeTableFiles(folder, sweep, sweepTables(sweepResults(db, sweep, { suspect: false })), {
    ...{ preset: 'spreadsheet', semicolon: false, formats: ['csv', 'xlsx'] },
  });
  close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The filters of docs/tutorial.md, which leave in the runs that a chart counts. */
const COUNTED = ['filter=state=completed', 'filter=warmup=FALSE'];
const FILES = ['csv', 'xlsx'] as const;

function fileOf(table: string, kind: (typeof FILES)[number]): string {
  return join(folder, kind === 'csv' ? `${table}.csv` : 'example-1.xlsx');
}

/** The values behind a chart: a row for each mark, by the names of the columns. */
function drawn(name: string): readonly Readonly<Record<string, unknown>>[] {
  const { columns, rows } = figures.find((figure) => figure.name === name)!.data;
  return rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at]])));
}

/** The body of a pivot: the numbers by `ROW ROW COLUMN`. A repeated label is not written again. */
function bodyOf(out: string, labels: number): ReadonlyMap<string, number> {
  const rows = office.rows(`${out}-pivot.csv`).map((row) => row.map(({ text }) => text));
  const start = rows.findIndex(([first]) => first === 'ipc');
  const [header = [], ...body] = rows.slice(start);
  const cells = new Map<string, number>();
  let last: string[] = [];
  for (const row of body) {
    last = row.slice(0, labels).map((label, at) => label || last[at]!);
    header.slice(labels).forEach((column, at) => {
      const text = row[labels + at];
      if (text) cells.set([...last, column].join(' '), Number(text));
    });
  }
  return cells;
}

describe.skipIf(withoutOffice)(
  `the pivots of docs/tutorial.md in LibreOffice ${withoutOffice}`,
  () => {
    it.each(FILES)('have the shares of the chart of pipe states: %s', (kind) => {
      const out = `states-${kind}`;
      office.pivot(out, fileOf('pipe_states', kind), 'pipe_states', [
        ...['row=ipc', 'row=buffer_bytes', 'column=pipe_state_names', ...COUNTED],
        ...['filter=operation=read', 'sum=count'],
      ]);
      const cells = bodyOf(out, 2);
      const marks = drawn('pipe-states-read');
      expect(marks.length).toBeGreaterThan(8);
      for (const { series, buffer_bytes: buffer, pipe_state_names: names, count, share } of marks) {
        const row = `${String(series).split(/[ ,]/)[0]} ${buffer}`;
        const found = cells.get(`${row} ${names}`);
        expect([row, names, found]).toEqual([row, names, count]);
        const all = [...cells].filter(([key]) => key.startsWith(`${row} `));
        const total = all.reduce((sum, [, value]) => sum + value, 0);
        expect(found! / total).toBeCloseTo(share as number, 12);
      }
      expect(cells.size).toBe(marks.length);
    });

    it.each(FILES)('have the medians of the chart of bandwidth: %s', (kind) => {
      const out = `bandwidth-${kind}`;
      office.pivot(out, fileOf('samples', kind), 'samples', [
        ...['row=ipc', 'row=buffer_bytes', 'column=total_bytes', ...COUNTED],
        ...['filter=traced=FALSE', 'median=bandwidth_mib_per_s'],
      ]);
      const cells = bodyOf(out, 2);
      const marks = drawn('bandwidth').filter(({ mark }) => mark === 'median');
      expect(cells.size).toBe(marks.length);
      for (const {
        series,
        buffer_bytes: buffer,
        total_bytes: total,
        bandwidth_bytes_per_s: rate,
      } of marks) {
        const found = cells.get(`${String(series).split(/[ ,]/)[0]} ${buffer} ${total}`)!;
        // The spreadsheet preset has four digits.
        expect(Math.abs(found / ((rate as number) / 2 ** 20) - 1)).toBeLessThan(6e-4);
      }
    });
  },
);
