import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { IPC_TYPES, MODES } from '../../src/experiment/axes.ts';
import { type Cell, cellKey } from '../../src/experiment/cell.ts';
import { formatSize } from '../../src/experiment/sizes.ts';
import { sweepTables } from '../../src/export/tables.ts';
import { renderSvg } from '../../src/report/render/svg.ts';
import { cellSummaries } from '../../src/results/cell-summaries.ts';
import { sweepResults } from '../../src/results/sweep-results.ts';
import { openForWriting } from '../../src/store/open.ts';
import { chooseSweep } from '../../src/store/reader.ts';
import { CELL, exampleResult, exampleSweep } from '../store/example-sweep.ts';
import { figuresOf, type Made, madeSweep, named, records } from './made-sweep.ts';

const MIB = 1024 * 1024;
const sized = (bufferBytes: number, more: Partial<Cell> = {}): Cell => ({
  ...CELL,
  totalBytes: MIB,
  bufferBytes,
  ...more,
});
const SIZES = [512, 4096, 65536, 262144].map((bytes) => sized(bytes));

let folder: string;
let made = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function inDatabase<T>(work: (db: ReturnType<typeof openForWriting>['db']) => T): T {
  const { db, close } = openForWriting(join(folder, `${++made}.db`));
  try {
    return work(db);
  } finally {
    close();
  }
}

const madeFigures = (sweep: Made) =>
  inDatabase((db) => {
    madeSweep(db, sweep);
    return figuresOf(db);
  });

describe('the figures of a sweep', () => {
  it('show the numbers of the summary tables', () => {
    inDatabase((db) => {
      madeSweep(db, { cells: SIZES, trials: 7, controls: true });
      const figures = figuresOf(db);
      const sweep = chooseSweep(db, undefined);
      const tables = sweepTables(sweepResults(db, sweep, { suspect: false }));
      const rowsOf = (name: string) => {
        const { columns, rows } = tables.find((table) => table.name === name)!;
        return [...rows()].map((row) =>
          Object.fromEntries(row.map((value, at) => [columns[at]!.name, value])),
        );
      };
      const medians = records(named(figures, 'bandwidth')).filter(({ mark }) => mark === 'median');
      expect(medians.map((row) => [row.bandwidth_bytes_per_s, row.ci_low_bytes_per_s])).toEqual(
        rowsOf('summary').map((row) => [
          row.bandwidth_median_bytes_per_s,
          row.bandwidth_ci_low_bytes_per_s,
        ]),
      );
      expect(
        records(named(figures, 'probe-effect')).map((row) => [row.probe_effect, row.ci_high]),
      ).toEqual(rowsOf('probe_effect').map((row) => [row.probe_effect, row.probe_effect_ci_high]));
      const calls = (rows: readonly Record<string, unknown>[]) =>
        rows
          .filter(({ syscall }) => syscall !== 'all others' && syscall !== 'mmap')
          .map((row) => [row.cell, row.role, row.syscall, row.calls_median, row.deterministic]);
      expect(new Set(calls(records(named(figures, 'syscalls'))))).toEqual(
        new Set(calls(rowsOf('syscalls_summary'))),
      );
    });
  });

  it('show a dot for each quoted run, which are the controls', () => {
    const figures = madeFigures({ cells: SIZES, trials: 7, controls: true });
    const runs = records(named(figures, 'bandwidth')).filter(({ mark }) => mark === 'run');
    expect(runs).toHaveLength(SIZES.length * 7);
    // Trial 2 is the first that counts; a control takes 10 ns more with each trial.
    expect(runs[0]!.bandwidth_bytes_per_s).toBeCloseTo(MIB / ((1000 + 20) / 1e9), 3);
  });

  it('leave out everything that is traced when the sweep is untraced', () => {
    const figures = madeFigures({ cells: SIZES, trials: 3, traced: false });
    expect(figures.map(({ name }) => name)).toEqual(['bandwidth', 'run-order']);
    expect(named(figures, 'bandwidth').caption).toContain('No intervals: fewer than 5 runs.');
  });

  it('name the level that their intervals have', () => {
    const captions = (trials: number) => {
      const figures = madeFigures({ cells: SIZES, trials, controls: true });
      return ['bandwidth', 'probe-effect'].map((name) => named(figures, name).caption);
    };
    expect(captions(5)).toEqual([
      expect.stringContaining('Bars: 94% confidence interval of the median.'),
      expect.stringContaining(
        '5 pairs of runs each; 1 means that tracing costs nothing. Bars: 94%',
      ),
    ]);
    expect(captions(11)).toEqual([
      expect.stringContaining('Bars: 95% confidence interval of the median.'),
      expect.stringContaining('Bars: 96% confidence interval of the ratio.'),
    ]);
  });

  it('call intervals nominal where the values decided how many trials there are', () => {
    const figure = (relativeCi: number | undefined) =>
      named(
        madeFigures({ cells: SIZES, trials: 11, ...(relativeCi && { relativeCi }) }),
        'bandwidth',
      );
    const { caption, alt, spec } = figure(0.02);
    expect(caption).toContain(
      'Bars: 95% confidence interval of the median (nominal: the values decided how many trials there are).',
    );
    expect(alt).toMatch(/Highest: [^.]*\(nominal 95% CI /);
    expect(JSON.stringify(spec)).toContain('MiB/s (nominal 95% CI ');
    const fixed = figure(undefined);
    expect(fixed.caption + fixed.alt + JSON.stringify(fixed.spec)).not.toContain('nominal:');
    expect(fixed.alt).toContain('(95% CI ');
  });

  it('do not exist for a sweep without a good run', () => {
    expect(
      inDatabase((db) => {
        exampleSweep(db);
        return figuresOf(db);
      }),
    ).toEqual([]);
  });

  it('include suspect runs when these are asked for', () => {
    inDatabase((db) => {
      const { store } = exampleSweep(db);
      const { outcome } = exampleResult(1);
      if (outcome.state !== 'completed') throw new Error('not an example');
      store(exampleResult(1, { outcome: { state: 'suspect', samples: outcome.samples } }));
      expect(figuresOf(db)).toEqual([]);
      const sweep = chooseSweep(db, undefined);
      expect(cellSummaries(db, sweep, { suspect: true })[0]!.bandwidth?.n).toBe(1);
    });
  });

  it('divide themselves where there would be too many series', () => {
    const cells = [MIB, 4 * MIB].flatMap((totalBytes) =>
      ['pipe', 'local'].flatMap((ipc) =>
        MODES.flatMap((mode) =>
          [512, 4096].map((bytes) => sized(bytes, { ipc: ipc as Cell['ipc'], mode, totalBytes })),
        ),
      ),
    );
    const names = madeFigures({ cells, trials: 2 }).map(({ name }) => name);
    expect(names).toContain('bandwidth-1MiB');
    expect(names).toContain('bandwidth-4MiB');
    expect(names).not.toContain('bandwidth');
    expect(new Set(names).size).toBe(names.length);
  });

  it('have the total as axis where only that varies', () => {
    const cells = [1, 2, 4].map((times) => sized(4096, { totalBytes: times * MIB }));
    const figure = named(madeFigures({ cells, trials: 2 }), 'bandwidth');
    expect(figure.title).toBe('Median bandwidth by total size');
    expect(figure.alt).toContain('1 MiB to 4 MiB');
  });

  it('fold rare states into one segment and keep them in the data', () => {
    const writes = named(madeFigures({ cells: SIZES, trials: 2 }), 'pipe-states-write');
    const rare = records(writes).filter(({ pipe_state: state }) => state === 4);
    expect(rare).toHaveLength(SIZES.length);
    expect(new Set(rare.map(({ drawn_as: drawn }) => drawn))).toEqual(new Set(['other states']));
    for (const row of rare) expect(row.share).toBeLessThan(0.01);
  });

  it('name the first size from which on a state bit is always set', () => {
    const { caption } = named(madeFigures({ cells: SIZES, trials: 2 }), 'pipe-states-read');
    expect(caption).toContain('WRITER_WAITING first at 64 KiB');
  });

  it('charge time to the state that a look found, and say how much of it another one followed', () => {
    inDatabase((db) => {
      madeSweep(db, { cells: SIZES, trials: 2 });
      const dwell = named(figuresOf(db), 'pipe-dwell');
      const rows = records(dwell).filter(({ cell }) => cell === 1);
      expect(rows.map((row) => [row.pipe_state_names, row.ns, row.share, row.drawn_as])).toEqual([
        ['EMPTY', 2_500_000, 0.5, 'EMPTY'],
        ['PARTIAL', 2_495_000, 0.499, 'PARTIAL'],
        ['WRITER_WAITING|FULL', 5000, 0.001, 'other states'],
      ]);
      expect(dwell.caption).toContain('In 60 % to 80 % of the time the state changed before');
      expect(dwell.caption).toContain('5 ms to 10 ms for each bar');
      const tables = sweepTables(sweepResults(db, chooseSweep(db, undefined), { suspect: false }));
      const { columns, rows: summed } = tables.find(({ name }) => name === 'pipe_dwell_summary')!;
      const at = (name: string) => columns.findIndex((column) => column.name === name);
      const ofCell = [...summed()].filter((row) => row[at('cell')] === 1);
      expect(ofCell.map((row) => [row[at('pipe_state_names')], row[at('share')]])).toEqual(
        rows.map((row) => [row.pipe_state_names, row.share]),
      );
    });
  });

  it('give shares that add up to one in each bar, matrix and column', () => {
    const figures = madeFigures({ cells: SIZES, trials: 2 });
    for (const [name, share] of [
      ['pipe-states-read', 'share'],
      ['pipe-states-write', 'share'],
      ['pipe-dwell', 'share'],
      ['pipe-transitions-read', 'share'],
      ['io-sizes', 'bytes_share'],
    ] as const) {
      const sums = new Map<unknown, number>();
      for (const row of records(named(figures, name))) {
        sums.set(row.cell, (sums.get(row.cell) ?? 0) + Number(row[share]));
      }
      expect(sums.size).toBe(SIZES.length);
      for (const sum of sums.values()) expect(sum).toBeCloseTo(1, 12);
    }
  });

  it('show warm-up runs in the order of the runs, and relate them to the median of the counted runs', () => {
    const rows = records(named(madeFigures({ cells: SIZES, trials: 3 }), 'run-order'));
    expect(rows).toHaveLength(SIZES.length * 4);
    expect(rows.slice(0, SIZES.length).map(({ kind }) => kind)).toEqual(
      SIZES.map(() => 'warm-up, traced'),
    );
    const middle = rows.filter(({ place }) => Number(place) > 2 * SIZES.length).slice(0, 4);
    // Three trials count; the middle one is the median.
    expect(middle.map(({ relative }) => relative)).toEqual([1, 1, 1, 1]);
  });
});

describe('any matrix', () => {
  const cell = fc.record({
    ipc: fc.constantFrom(...IPC_TYPES),
    mode: fc.constantFrom(...MODES),
    bufferBytes: fc.oneof(
      fc.integer({ min: 1, max: 2 ** 24 }),
      fc.integer({ min: 0, max: 24 }).map((power) => 2 ** power),
    ),
    totalBytes: fc.integer({ min: 1, max: 2 ** 26 }),
    socketBuffers: fc.boolean(),
  });

  it('has figures with different names, words for everything, and a tick at each size', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(cell, { selector: cellKey, minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        async (cells, trials, controls) => {
          const figures = madeFigures({ cells, trials, controls });
          expect(new Set(figures.map(({ name }) => name)).size).toBe(figures.length);
          for (const figure of figures) {
            const { name, title, caption, alt, data } = figure;
            expect(name).toMatch(/^[A-Za-z0-9-]+$/);
            for (const words of [title, caption, alt]) {
              expect(words).not.toMatch(/undefined|NaN|Infinity|\[object|(?<!\.) {2}/);
            }
            expect(data.rows.length).toBeGreaterThan(0);
            for (const row of data.rows) expect(row).toHaveLength(data.columns.length);
          }
          const [bandwidth] = figures.filter(({ name }) => name.startsWith('bandwidth'));
          const svg = await renderSvg(bandwidth!, 'print');
          const rows = records(bandwidth!);
          const field = bandwidth!.title.includes('total size') ? 'total_bytes' : 'buffer_bytes';
          for (const row of rows) {
            expect(svg).toContain(`>${formatSize(Number(row[field]))}</text>`);
          }
        },
      ),
      { numRuns: 25 },
    );
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });
});
